"""What readers write, how it moves, and what the rules said of it."""

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Revision
from articles.records import Record

from . import learning
from .blocklist import BlocklistEntry  # noqa: F401 - models of this app
from .decisions import Batch, Decision, Status  # noqa: F401 - models of this app
from .edits import CommentEdit  # noqa: F401 - a model of this app
from .fragments import render_fragment
from .languages import language_of_html
from .learned import KeptLessons, KeptWord, LearnedWord, LearnerState, Lesson  # noqa: F401 - as above
from .markup import SANITIZER_VERSION, sanitize
from .moderation.types import Finding
from .notices import MailWish, Notice  # noqa: F401 - models of this app
from .outbox import AkismetFields, OpinionTask, Sending  # noqa: F401 - models of this app
from .policy import ModerationSettings  # noqa: F401 - models of this app
from .presence import Presence  # noqa: F401 - models of this app
from .second_looks import LookFirst, SecondLook, SweepState  # noqa: F401 - models of this app

MAX_DEPTH = 5
# A place in the thread: when (microseconds since 1970, until 2112) and, for two at once, the id; in
# hexadecimal of fixed width, so that every database sorts it alike, whatever its collation.
PLACE_WIDTH = 13 + 12
# From so many points on a rule counts as having fired.
FIRED = 5

# How far the verdict is from "could be either". Without a parameter, so that an index on it serves.
DOUBT = models.Func(models.F("spam_probability"), template="ABS(%(expressions)s - 0.5)")


class InvalidTransition(Exception):
    """The comment is no longer in the state that was to be changed. The message says who acted.

    ``decision``: what somebody else decided meanwhile, where that is the reason. ``is_gone``: whether the
    reason is that there is no such comment any more.
    """

    def __init__(self, sentence, *, decision=None, is_gone=False):
        super().__init__(sentence)
        self.decision, self.is_gone = decision, is_gone


class CommentQuerySet(models.QuerySet):
    def approved(self):
        """What everybody may read of a public article."""
        return self.filter(status=Comment.Status.APPROVED)

    def kept(self):
        """All but what was deleted: what lists, searches and counts show."""
        return self.exclude(status=Comment.Status.DELETED)

    def with_writers(self):
        """Tell who of the staff wrote a comment, signed in at the desk, and whose its article is.

        As ``staff_writer`` and ``article_writer``, ids of users; None where there is none. A comment's first
        decision is its writer's own only where it was written at the desk.
        """
        first = Decision.objects.filter(comment=models.OuterRef("pk"), from_status="")
        return self.annotate(
            staff_writer=models.Subquery(first.order_by().values("by")[:1]),
            article_writer=models.F("article__author__user"),
        )

    def public(self):
        """Approved comments on published articles: what feeds may carry."""
        return self.approved().filter(article__in=Article.objects.published())


class Commenter(models.Model):
    """A guest who has proved to be the same as before, by a signed key in their browser.

    A typed name or address proves nothing and makes nobody a commenter.
    """

    key = models.CharField(max_length=43, unique=True)
    first_seen_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")

    def __str__(self):
        return gettext("commenter %(number)s") % {"number": self.pk}


class Comment(models.Model):
    """One comment, kept as typed and as sanitised. Its status moves by the methods below only."""

    Status = Status

    article = models.ForeignKey(
        Article,
        on_delete=models.CASCADE,
        related_name="comments",
        # The indexes below begin with it.
        db_index=False,
        verbose_name=_("article"),
    )
    revision = models.ForeignKey(
        Revision,
        on_delete=models.RESTRICT,
        null=True,
        related_name="comments",
        verbose_name=_("revision"),
        help_text=_("The article as it stood when this comment was written."),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("in reply to"),
    )
    commenter = models.ForeignKey(
        Commenter,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        db_index=False,
        verbose_name=_("commenter"),
    )
    author_name = models.CharField(_("name"), max_length=100)
    author_email = models.EmailField(_("email"), max_length=254)
    author_url = models.CharField(_("website"), max_length=200, blank=True)
    body = models.TextField(_("text as typed"))
    body_html = models.TextField(_("text as shown"), editable=False)
    sanitizer_version = models.PositiveSmallIntegerField(editable=False, default=0)
    fragment = models.TextField(editable=False, blank=True, default="")
    address = models.GenericIPAddressField(
        _("shortened address"),
        null=True,
        blank=True,
        help_text=_("The network the comment came from, not the machine."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    submitted_at = models.DateTimeField(_("submitted"), default=timezone.now)
    sender_confirmed = models.BooleanField(
        _("sender confirmed"),
        default=True,
        help_text=_(
            "Whether the browser, or the writer by a click, said that the form on this site was used."
        ),
    )
    points = models.FloatField(
        _("points"),
        default=0,
        help_text=_("The sum of the findings, in decibans; ten make spam ten times likelier."),
    )
    spam_probability = models.FloatField(_("probability of spam"), default=0.5)
    rules_version = models.PositiveSmallIntegerField(editable=False, default=0)
    place = models.CharField(max_length=PLACE_WIDTH * MAX_DEPTH, editable=False)
    # By whom and when it was changed last; empty where it stands as its writer sent it, again or still.
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("edited by"),
    )
    submission_key = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    text_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    # What comments of one making have in common; only ``campaigns`` gives it.
    campaign = models.PositiveBigIntegerField(null=True, editable=False)
    # Of ``moderation.language``: a language's code, or a script's; empty where it is not known.
    language = models.CharField(_("language"), max_length=4, editable=False, blank=True, default="")

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["place"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        permissions = [("moderate_comment", _("Can moderate comments"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "approved", "spam", "trash", "deleted"]),
                name="comment_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(edited_at__isnull=True, edited_by__isnull=True)
                | models.Q(edited_at__isnull=False, edited_by__isnull=False),
                name="comment_edited_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "status", "place"], name="comment_thread"),
            models.Index(fields=["article", "-submitted_at", "-id"], name="comment_article"),
            models.Index(
                fields=["commenter", "-submitted_at", "-id"],
                name="comment_commenter",
                condition=models.Q(commenter__isnull=False),
            ),
            models.Index(fields=["status", "-submitted_at", "-id"], name="comment_queue"),
            models.Index("status", DOUBT, "submitted_at", "id", name="comment_doubt"),
            models.Index(fields=["-submitted_at", "-id"], name="comment_newest"),
            models.Index(fields=["status", "spam_probability", "id"], name="comment_likelihood"),
            models.Index(
                fields=["-submitted_at", "-id"],
                name="comment_unconfirmed",
                condition=models.Q(sender_confirmed=False),
            ),
            models.Index(fields=["language", "-submitted_at", "-id"], name="comment_language"),
            models.Index(
                fields=["status", "language", "-submitted_at", "-id"], name="comment_language_queue"
            ),
            models.Index("status", "language", DOUBT, "submitted_at", "id", name="comment_language_doubt"),
            models.Index(fields=["author_email"], name="comment_email"),
            models.Index(fields=["address", "submitted_at"], name="comment_flood"),
            models.Index(fields=["text_digest", "submitted_at"], name="comment_repeats"),
            # Few comments are of a campaign.
            models.Index(
                fields=["campaign", "status", "-submitted_at", "-id"],
                name="comment_campaign",
                condition=models.Q(campaign__isnull=False),
            ),
            models.Index(
                fields=["status", "-submitted_at", "-id", "campaign"],
                name="comment_campaign_queue",
                condition=models.Q(campaign__isnull=False),
            ),
        ]

    def __str__(self):
        return gettext("%(name)s on “%(title)s”") % {"name": self.author_name, "title": self.article.title}

    def save(self, **kwargs):
        """Give a new comment what is made once: its HTML, its place in the thread, its fragment."""
        if not self._state.adding:
            return super().save(**kwargs)
        if not self.body_html:
            self.body_html = sanitize(self.body)
            self.sanitizer_version = SANITIZER_VERSION
        with transaction.atomic():
            super().save(**kwargs)
            # Both need the id.
            self.place = self._find_place()
            # Nothing is stored yet of who wrote it at the desk: ``intake.store`` has said so.
            self.fragment = render_fragment(self) if self.status == self.Status.APPROVED else ""
            super().save(update_fields=["place", "fragment"])

    def get_absolute_url(self):
        """The permalink, which holds whatever the page size: it leads to the page of the day."""
        return reverse("comments:permalink", args=[self.pk])

    @property
    def depth(self):
        """1 for a comment on the article itself, up to MAX_DEPTH."""
        return len(self.place) // PLACE_WIDTH

    def approve(self, *, by, reason="", batch=None):
        self._move_to(self.Status.APPROVED, by=by, reason=reason, batch=batch)

    def hold(self, *, by, reason="", batch=None):
        """Put it back to where a person looks: from spam, trash or the page."""
        self._move_to(self.Status.PENDING, by=by, reason=reason, batch=batch)

    def mark_spam(self, *, by, reason="", batch=None):
        self._move_to(self.Status.SPAM, by=by, reason=reason, batch=batch)

    def trash(self, *, by, reason="", batch=None):
        self._move_to(self.Status.TRASH, by=by, reason=reason, batch=batch)

    def restore(self, *, by, reason="", batch=None):
        """Take it out of spam and trash, back to where it was before: the page or the queue.

        Raises InvalidTransition if the comment is neither spam nor trash.
        """
        from . import moves  # which knows this module in turn

        self._take_in(moves.restore({self.pk: self.status}, by=by, reason=reason, batch=batch))

    def take_back(self, decision, *, by, reason="", batch=None):
        """Put it back to where it was before a decision, as if that had not been, the learning included.

        Raises InvalidTransition if somebody has decided since.
        """
        from . import moves  # which knows this module in turn

        self._take_in(moves.take_back([decision], by=by, reason=reason, batch=batch))

    def expect(self, seen):
        """Raise InvalidTransition, which says who was quicker, unless the status is what somebody saw."""
        from . import moves  # which knows this module in turn

        if self.status != seen:
            raise moves.why_overtaken([self.pk])[self.pk]

    def resanitize(self):
        """Make what pages show anew from the text as typed, and store it. Used after a change of policy."""
        self.rewrite()

    def rewrite(self, **fields):
        """Store other values of fields, such as another text, and make anew what pages show of them."""
        with learning.rewriting(self):
            for name, value in fields.items():
                setattr(self, name, value)
            self.body_html = sanitize(self.body)
            self.sanitizer_version = SANITIZER_VERSION
            self.language = language_of_html(self.body_html)
            self.fragment = self._make_fragment()
            self.save(update_fields=[*fields, "body_html", "sanitizer_version", "fragment", "language"])

    def _make_fragment(self):
        """Only what everybody may read is kept ready for pages."""
        if self.status != self.Status.APPROVED:
            return ""
        writers = Comment.objects.with_writers().filter(pk=self.pk).values("staff_writer", "article_writer")
        for name, user in (writers.first() or {}).items():
            setattr(self, name, user)
        return render_fragment(self)

    def _move_to(self, to, **options):
        from . import moves  # which knows this module in turn

        self._take_in(moves.move({self.pk: self.status}, to, **options))

    def _take_in(self, refused):
        """Become what is stored after a move. Raises InvalidTransition where it was refused."""
        stored = Comment.objects.filter(pk=self.pk).values_list("status", "fragment").first()
        if stored:
            self.status, self.fragment = stored
        if self.pk in refused:
            raise refused[self.pk]

    def _find_place(self):
        """Below the parent; below the parent's own parent where the thread is as deep as it gets."""
        microseconds = int(self.submitted_at.timestamp() * 1_000_000)
        here = f"{max(microseconds, 0):013x}{self.pk:012x}"
        above = self.parent.place[: PLACE_WIDTH * (MAX_DEPTH - 1)] if self.parent else ""
        return above + here


class CommentFinding(Record):
    """One rule's word on one comment, as it was said when the comment came. Never rewritten."""

    # Not indexed by itself: the constraint's index begins with it.
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="findings", db_index=False)
    rule = models.CharField(_("rule"), max_length=50)
    case = models.CharField(_("case"), max_length=30, blank=True, default="")
    points = models.FloatField(_("points"))
    detail = models.CharField(_("detail"), max_length=300)
    evaluated = models.BooleanField(_("evaluated"), default=True)

    SAID = ("rule", "case", "points", "detail", "evaluated")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [models.UniqueConstraint(fields=["comment", "rule"], name="finding_once_per_rule")]
        indexes = [
            models.Index(
                fields=["rule", "comment"],
                name="finding_fired",
                condition=models.Q(evaluated=True, points__gte=FIRED),
            )
        ]

    @classmethod
    def of(cls, comment, finding):
        """Return the row that keeps a finding."""
        return cls(comment=comment, **dict(zip(cls.SAID, cls.values_of(finding), strict=True)))

    @classmethod
    def values_of(cls, finding):
        """Return what is kept of a finding, in the order of SAID."""
        detail = finding.detail[: cls._meta.get_field("detail").max_length]
        return finding.rule, finding.case, finding.points, detail, finding.evaluated

    def as_finding(self):
        """Return what the rule said; without its order, which is carried out when the comment comes."""
        return Finding(self.rule, self.points, self.detail, self.evaluated, case=self.case)

    def __str__(self):
        if not self.evaluated:
            return gettext("%(rule)s: not evaluated, %(detail)s") % {"rule": self.rule, "detail": self.detail}
        return f"{self.rule} {self.points:+.0f}: {self.detail}"


class CommentTrace(models.Model):
    """A mark by which a comment is found again: of its words, of a host or of its name.

    Made by ``moderation.traces``, which says what happens to the marks when the making changes.
    """

    class Kind(models.TextChoices):
        NEAR = "near", _("Words")
        HOST = "host", _("Host")
        NAME = "name", _("Name")

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="traces")
    kind = models.CharField(max_length=4, choices=Kind)
    digest = models.BigIntegerField()
    # The comment's own, copied: the latest marks are found without looking at a comment.
    submitted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        indexes = [models.Index(fields=["digest", "kind", "-submitted_at", "comment"], name="trace_latest")]

    def __str__(self):
        return f"{self.kind} {self.digest}"
