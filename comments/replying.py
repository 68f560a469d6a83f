"""How an editor answers a comment from the desk: the answer is published, and what it answers with it."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from . import editors, learning
from .facts import gather
from .intake import as_comment, store
from .models import Batch, Comment, InvalidTransition
from .moderation.pipeline import judge


class Gone(Exception):
    """The comment that was to be answered has been deleted."""


@dataclass(frozen=True, slots=True)
class Replied:
    """``batch``: by which all of it can be undone; None where the reply was there already.

    ``has_approved``: whether the comment that is answered was approved with it.
    """

    comment: Comment
    batch: Batch | None = None
    has_approved: bool = False


def reply(parent, text, *, by, seen, visitor, now):
    """Publish an editor's answer to a comment, and approve the comment if it waits; both or nothing.

    ``text``: the cleaned data of a TextForm. ``seen``: the status in which the editor saw the comment.
    ``visitor``: from where the editor writes. A form that comes twice is stored once. That comments are
    closed, or the article is not public, keeps no editor from answering.
    Raises InvalidTransition if the comment is no longer as it was seen, or in spam or trash, and Gone.
    """
    key = _key(parent, text["comment"], by=by, day=now.date())
    data = text | {
        "author": editors.public_name(by),
        "email": by.email,
        "url": editors.website(by),
        "subject": "",
        "revision": None,
    }
    facts = gather(article=parent.article, data=data, parent=parent, visitor=visitor, now=now)
    # As of every comment of the staff, what the rules find is kept; the editor has decided.
    verdict = judge(facts, policy=settings.COMMENTS_POLICY, clock=time.thread_time)
    with transaction.atomic():
        # Before any comment's row, as every move does; and so that of two equal forms one comes first.
        learning.lock()
        known = Comment.objects.filter(submission_key=key).first()
        if known:
            return Replied(known)
        parent = Comment.objects.select_for_update(no_key=True).filter(pk=parent.pk).first()
        if parent is None:
            raise Gone
        has_approved = _make_ready(parent, seen)
        batch = Batch.objects.create(
            move=Batch.Move.APPROVE, by=by, made_at=now, done=2 if has_approved else 1
        )
        if has_approved:
            parent.approve(by=by, batch=batch.pk)
        comment = as_comment(parent.article, data, verdict, parent=parent, visitor=visitor, now=now)
        comment.status, comment.submission_key = Comment.Status.APPROVED, key
        store(comment, verdict, by=by, batch=batch.pk)
    return Replied(comment, batch, has_approved)


def why_not(status):
    """Return the sentence why a comment of this status can't be answered, or an empty text where it can."""
    if status == Comment.Status.SPAM:
        return _("This comment is in the spam. Take it out of the spam first, then reply.")
    if status == Comment.Status.TRASH:
        return _("This comment is in the trash. Take it out of the trash first, then reply.")
    return ""


def _make_ready(parent, seen):
    """Say whether the comment has to be approved. Raises InvalidTransition if it can't be answered."""
    if parent.status == Comment.Status.APPROVED:
        return False
    parent.expect(seen)
    if refusal := why_not(parent.status):
        raise InvalidTransition(refusal)
    return True


def _key(parent, text, *, by, day):
    """Return what is the same for a reply sent twice on one day. No visitor's form comes to the same."""
    parts = (str(parent.pk), str(by.pk), text, day.isoformat())
    return salted_hmac("comments.reply", "\x1f".join(parts), algorithm="sha256").hexdigest()
