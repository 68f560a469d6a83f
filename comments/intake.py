"""How a valid form becomes a judged, stored comment: once, whatever happens on the way."""

import math
import time
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from . import campaigns, echoes, editors, notices, opinions
from .facts import gather, text_digest
from .languages import language_of_html
from .markup import SANITIZER_VERSION, plain_text
from .models import Comment, CommentFinding, Decision
from .moderation.pipeline import judge
from .moderation.types import Outcome
from .policy import in_force
from .rows import insert
from .visitors import Sender

STATUS_OF = {
    Outcome.PUBLISH: Comment.Status.APPROVED,
    Outcome.HOLD: Comment.Status.PENDING,
    Outcome.SPAM: Comment.Status.SPAM,
}


class TooManyComments(Exception):
    """One address block has posted more than the site takes in so short a time.

    ``wait_seconds``: after which the same comment will be taken.
    """

    def __init__(self, wait_seconds):
        super().__init__(f"too many comments; wait {wait_seconds} s")
        self.wait_seconds = wait_seconds


class Vanished(Exception):
    """What the comment hangs from, its article or its parent, was deleted while it was being stored."""


def receive(article, data, *, parent, visitor, now=None):
    """Judge and store a comment; return it, and whether it is new.

    ``data``: the cleaned data of a CommentForm. A form that comes twice, at once or again after an
    error, is stored once: the second sender gets the first one's comment. Raises TooManyComments and
    Vanished.
    """
    now = now or timezone.now()
    key = submission_key(article, data, parent=parent, day=now.date())
    known = Comment.objects.filter(submission_key=key).first()
    if known:
        return known, False
    if not visitor.may_moderate:
        check_flood(visitor.address, now=now)
    facts = gather(article=article, data=data, parent=parent, visitor=visitor, now=now)
    verdict = judge(facts, **in_force()._asdict(), clock=time.thread_time)
    asked = opinions.are_asked(verdict, visitor)
    comment = as_comment(article, data, verdict, parent=parent, visitor=visitor, now=now)
    comment.submission_key = key
    if asked:
        # What would be published waits for the outside opinion.
        comment.status = Comment.Status.PENDING
    try:
        with transaction.atomic():
            store(comment, verdict)
            if asked:
                opinions.ask(comment, verdict, now=now)
            if comment.status == Comment.Status.PENDING:
                notices.write_down(comment, now=now)
            # A comment that was stored stays, whatever becomes of this.
            transaction.on_commit(lambda: campaigns.group(comment), robust=True)
    except IntegrityError:
        # Somebody was quicker by a moment: with the same form, or with deleting what it answers.
        first = Comment.objects.filter(submission_key=key).first()
        if first is None:
            raise Vanished from None
        return first, False
    return comment, True


def as_comment(article, data, verdict, *, parent, visitor, now):
    """Return the comment that a form and its verdict make, not stored yet."""
    return Comment(
        article=article,
        revision=answered_revision(article, data["revision"]),
        parent=parent,
        commenter=visitor.commenter,
        author_name=data["author"],
        author_email=data["email"],
        author_url=data["url"],
        body=data["comment"],
        body_html=data["body_html"],
        sanitizer_version=SANITIZER_VERSION,
        address=visitor.address,
        status=STATUS_OF[verdict.outcome],
        submitted_at=now,
        sender_confirmed=visitor.sender is Sender.HERE,
        points=verdict.points,
        spam_probability=verdict.probability,
        rules_version=verdict.rules_version,
        text_digest=text_digest(plain_text(data["body_html"])),
        language=language_of_html(data["body_html"]),
    )


def store(comment, verdict, *, first_status=None, by=None, batch=None):
    """Write the comment, its findings, its traces and the first decision on it, all or nothing.

    ``first_status``: what the system decided, where somebody has decided since. ``by``: the editor who wrote
    it at the desk and so decided on it, as part of a ``batch``.
    """
    if by:
        # For the mark beside the name, as ``with_writers`` will tell from the decision.
        comment.staff_writer = by.pk
        comment.article_writer = by.pk if editors.writes(by, comment.article) else None
    with transaction.atomic():
        comment.save()
        insert(
            CommentFinding,
            ["comment_id", *CommentFinding.SAID],
            ((comment.pk, *CommentFinding.values_of(finding)) for finding in verdict.findings),
        )
        echoes.remember(comment)
        Decision.objects.create(
            comment=comment,
            from_status="",
            to_status=first_status or comment.status,
            by=by,
            decided_at=comment.submitted_at,
            batch=batch,
        )


def submission_key(article, data, *, parent, day):
    """Return what is the same for a form sent twice on one day: who says what, and where.

    The page that everybody shares can carry no token, so this is what a unique constraint holds on
    to. Keyed, so that nobody can try addresses against it.
    """
    parts = (
        str(article.pk),
        str(parent.pk if parent else 0),
        data["author"].casefold(),
        data["email"].casefold(),
        data["url"],
        data["comment"],
        day.isoformat(),
    )
    return salted_hmac("comments.submission", "\x1f".join(parts), algorithm="sha256").hexdigest()


def answered_revision(article, number):
    """Return the revision the page showed when the comment was written; the latest if it doesn't say."""
    revisions = article.revisions.all()
    return (revisions.filter(number=number).first() if number else None) or revisions.first()


def check_flood(address, *, now):
    """Raise TooManyComments if this address block has just sent all that the site takes from one."""
    limit, seconds = settings.COMMENTS_FLOOD_LIMIT, settings.COMMENTS_FLOOD_SECONDS
    if not limit:
        return
    latest = list(
        Comment.objects.filter(address=address, submitted_at__gt=now - timedelta(seconds=seconds))
        .order_by("-submitted_at")
        .values_list("submitted_at", flat=True)[:limit]
    )
    if len(latest) == limit:
        free_at = latest[-1] + timedelta(seconds=seconds)
        raise TooManyComments(max(1, math.ceil((free_at - now).total_seconds())))
