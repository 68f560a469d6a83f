"""All that the rules need to know of a comment, gathered once from the database, before they run."""

import hashlib
import re
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q

from .markup import links_in, plain_text
from .models import BlocklistEntry, Comment, Decision
from .moderation.types import CommenterRecord, Submission
from .visitors import Sender

REPEATS_WITHIN = timedelta(days=90)


def gather(*, data, visitor, now):
    """Return the frozen facts on a comment that has not been stored yet.

    ``data``: the cleaned data of a CommentForm. ``now``: an aware datetime.
    """
    text = plain_text(data["body_html"])
    return Submission(
        author_name=data["author"],
        author_email=data["email"],
        author_url=data["url"],
        text=text,
        links=links_in(data["body_html"]),
        honeypot=data["subject"],
        is_staff=visitor.may_moderate,
        sender_verified=True if visitor.sender is Sender.HERE else None,
        record=record_of(visitor.commenter),
        repeats=Comment.objects.filter(
            text_digest=text_digest(text), submitted_at__gt=now - REPEATS_WITHIN
        ).count(),
        blocklist=tuple(entry.as_facts() for entry in BlocklistEntry.objects.all()),
    )


def text_digest(text):
    """Return a digest that is the same for texts that differ in case, spaces and signs only.

    Where there is no word at all, the signs are what the text says.
    """
    words = re.findall(r"\w+", text.casefold()) or text.split()
    return hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest()


def record_of(commenter):
    """Return what became of this commenter's earlier comments, or None for whoever proved nothing.

    Only what a person declined counts against the writer: the system's guesses are no record.
    """
    if commenter is None:
        return None
    declined_by_a_person = Exists(
        Decision.objects.filter(comment=OuterRef("pk"), by__isnull=False, to_status=OuterRef("status"))
    )
    counts = commenter.comments.aggregate(
        approved=Count("pk", filter=Q(status=Comment.Status.APPROVED)),
        declined=Count(
            "pk", filter=Q(status__in=[Comment.Status.SPAM, Comment.Status.TRASH]) & Q(declined_by_a_person)
        ),
    )
    return CommenterRecord(**counts)
