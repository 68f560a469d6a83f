"""Mail to editors about comments that wait: who wants it, what is still to be sent, and the sending.

What is to be sent is written down in the transaction that stores the comment, and sent by a thread of the
site. Whoever has just had a mail gets the next one after PAUSE, with all that has come meanwhile: a wave of
spam is one mail, not a thousand.
"""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .markup import plain_text
from .permissions import may_moderate
from .workers import Worker

PAUSE = timedelta(minutes=10)
# What could not be sent by then is left to the queue.
GIVE_UP_AFTER = timedelta(days=3)
# Comments that one mail shows; of the others it says how many.
SHOWN = 20
EXCERPT_LENGTH = 400
TITLE_LENGTH = 60

logger = logging.getLogger(__name__)


class MailWish(models.Model):
    """Of which waiting comments an account wants to be told. Without a row: those on its own articles.

    ``mailed_at``: when the last mail was sent, or tried.
    """

    class Waiting(models.TextChoices):
        NONE = "none", _("No mail")
        MINE = "mine", _("Comments on my own articles")
        ALL = "all", _("All comments that wait")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_wish", editable=False
    )
    waiting = models.CharField(
        _("tell me of"), max_length=4, choices=Waiting, default=Waiting.MINE, db_index=True
    )
    mailed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("mail to me")
        verbose_name_plural = _("mail to me")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(waiting__in=["none", "mine", "all"]), name="mail_wish_known"
            )
        ]

    def __str__(self):
        return gettext("Mail to %(who)s") % {"who": self.user}


class Notice(models.Model):
    """A waiting comment that somebody is still to be told of."""

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "comment"], name="notice_once")]

    def __str__(self):
        return f"{self.user}: {self.comment_id}"


def write_down(comment, *, now):
    """Note who is to be told of a comment that waits, in the transaction that stores it."""
    wishes = MailWish.Waiting
    users = get_user_model().objects.filter(
        models.Q(mail_wish__waiting=wishes.ALL)
        | models.Q(author=comment.article.author_id)
        & (models.Q(mail_wish=None) | models.Q(mail_wish__waiting=wishes.MINE)),
        is_active=True,
    )
    notices = [Notice(comment=comment, user=user, made_at=now) for user in users.exclude(email="").distinct()]
    if notices:
        Notice.objects.bulk_create(notices)
        transaction.on_commit(wake, robust=True)


def drain(*, clock=timezone.now):
    """Send what is due, a mail for each account; return how many mails were sent."""
    now = clock()
    Notice.objects.filter(made_at__lt=now - GIVE_UP_AFTER).delete()
    users = get_user_model().objects.filter(pk__in=Notice.objects.values("user"))
    return sum(_tell(user, now) for user in users)


def _tell(user, now):
    """Send one account what is due to it, if nobody else is at it; say whether a mail left."""
    notices = Notice.objects.filter(user=user)
    if not (user.email and may_moderate(user)):
        notices.delete()
        return False
    # What has been decided meanwhile needs nobody any more.
    notices.exclude(comment__status="pending").delete()
    due = notices.filter(comment__opinion_task=None).order_by("-pk")
    if not due.exists():
        return False
    MailWish.objects.get_or_create(user=user)
    free = models.Q(mailed_at=None) | models.Q(mailed_at__lte=now - PAUSE)
    if not MailWish.objects.filter(free, user=user).update(mailed_at=now):
        return False
    told = list(due.select_related("comment__article"))
    try:
        as_mail(user, [notice.comment for notice in told]).send()
    except (OSError, SMTPException):
        # The notices stay, and are tried again after the pause.
        logger.exception("A mail on waiting comments could not be sent")
        return False
    notices.filter(pk__in=[notice.pk for notice in told]).delete()
    return True


def as_mail(user, comments):
    """Return the mail that tells an account of these comments, the newest first."""
    from .moderating import mail_link  # which knows the models in turn

    shown = [
        {
            "name": _one_line(comment.author_name, 100),
            "title": _one_line(comment.article.title, 200),
            "excerpt": _one_line(plain_text(comment.body_html), EXCERPT_LENGTH),
            "percent": round(comment.spam_probability * 100),
            "link": settings.SITE_URL + mail_link(comment, user),
        }
        for comment in comments[:SHOWN]
    ]
    if len(comments) == 1:
        subject = gettext("A comment waits on “%(title)s”") % {
            "title": _one_line(shown[0]["title"], TITLE_LENGTH)
        }
    else:
        subject = ngettext("%(count)d comment waits", "%(count)d comments wait", len(comments)) % {
            "count": len(comments)
        }
    text = render_to_string(
        "comments/mail/waiting.txt",
        {
            "comments": shown,
            "more": len(comments) - len(shown),
            "queue": settings.SITE_URL + reverse("admin:comments_comment_changelist"),
            "wish": settings.SITE_URL + reverse("admin:comments_mailwish_changelist"),
            "site_name": settings.SITE_NAME,
        },
    )
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(f"[{settings.SITE_NAME}] {subject}", text, to=[user.email], headers=headers)


def _one_line(text, length):
    """Put strangers' words on one line: a second one could pretend to be ours."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return Truncator(line).chars(length)


_mailer = Worker("notices", lambda: drain())


def wake():
    """Have what is due sent, soon and by another thread; nothing where mail goes nowhere."""
    if not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend"):
        _mailer.wake()
