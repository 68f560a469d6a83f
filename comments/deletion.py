"""Comments that were deleted, removed for good once that can no longer be undone."""

from django.db import transaction

from . import learning
from .batches import CAN_BE_UNDONE_FOR
from .models import Batch, Comment, Decision

# Comments removed in one transaction, and by a page that does it in passing.
AT_ONCE = 200
IN_PASSING = 400


class RetrainFirst(Exception):
    """What the site has learned was made by another tokeniser, so what comments taught can't be kept."""


def purge(*, now, at_most=None):
    """Remove for good what was deleted too long ago to be put back; return how many comments that were.

    With them go their findings, decisions, marks and sendings. What they taught is kept, and the batch stays
    in the history. ``at_most``: comments to be removed now; the rest waits. Raises RetrainFirst.
    """
    removed = 0
    due = Batch.objects.filter(
        move=Batch.Move.DELETE, final_at=None, made_at__lt=now - CAN_BE_UNDONE_FOR
    ).order_by("made_at")
    for batch in due:
        while at_most is None or removed < at_most:
            number = _remove(batch, AT_ONCE if at_most is None else min(AT_ONCE, at_most - removed), now)
            removed += number
            if not number:
                break
    return removed


def purge_in_passing(*, now):
    """Remove some of what is due, by whoever comes along; leave it where it can't be done now."""
    try:
        purge(now=now, at_most=IN_PASSING)
    except RetrainFirst:
        return


@transaction.atomic
def _remove(batch, at_most, now):
    learning.lock()
    deletions = Decision.objects.filter(
        batch=batch.pk,
        to_status=Comment.Status.DELETED,
        undone_by=None,
        comment__status=Comment.Status.DELETED,
    )
    pks = list(deletions.order_by("pk").values_list("comment", flat=True)[:at_most])
    if not pks:
        Batch.objects.filter(pk=batch.pk).update(final_at=now)
    elif not learning.keep(pks):
        raise RetrainFirst
    else:
        Comment.objects.filter(pk__in=pks).delete()
    return len(pks)
