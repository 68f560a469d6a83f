"""How comments change their status: always this way, be it one of them or many at once.

A move is one transaction. It changes a status only where that is still what somebody saw, writes down who
decided, makes or removes what pages show, and teaches the learner. What it can't move it leaves alone, and
says why.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from . import learning
from .fragments import comment_time, render_fragment
from .models import Comment, Decision, InvalidTransition
from .opinions import report_back

Status = Comment.Status
BINS = [Status.SPAM, Status.TRASH]

SHOW = "UPDATE comments_comment SET fragment = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class _Step:
    """From which status to which; ``undoes``: the decision that is taken back by it."""

    before: str
    to: str
    undoes: Decision | None = None


@transaction.atomic
def move(seen, to, *, by, reason="", batch=None):
    """Move comments that are still as they were seen; return why the others were left alone, by id.

    ``seen``: the status in which each comment was seen, by its id. ``by``: None for the system.
    """
    learning.lock()
    return _carry_out({pk: _Step(status, to) for pk, status in seen.items()}, {}, by, reason, batch)


@transaction.atomic
def restore(seen, *, by, reason="", batch=None):
    """Take comments out of spam and trash, each back to where it was before; return as ``move`` does."""
    learning.lock()
    refused = {
        pk: InvalidTransition(_("Only spam and trash can be restored."))
        for pk, status in seen.items()
        if status not in BINS
    }
    # What led into the bins from outside of them, last.
    ways_in = Decision.objects.standing().filter(to_status__in=BINS).exclude(from_status__in=BINS)
    before = {
        pk: decision.from_status for pk, decision in _last(ways_in, seen.keys() - refused.keys()).items()
    }
    steps = {
        pk: _Step(status, before.get(pk) or Status.PENDING)
        for pk, status in seen.items()
        if pk not in refused
    }
    return _carry_out(steps, refused, by, reason, batch)


@transaction.atomic
def take_back(decisions, *, by, reason="", batch=None):
    """Put comments back to where they were before these decisions, one on each; return as ``move`` does.

    It is as if the decisions had not been, the learning included. Where somebody has decided since, the
    comment is left alone.
    """
    # Whoever moves a comment takes this lock first, so nobody decides while we look.
    learning.lock()
    last = _last(Decision.objects.standing(), [decision.comment_id for decision in decisions])
    steps, overtaken = {}, []
    for decision in decisions:
        if last.get(decision.comment_id) == decision:
            steps[decision.comment_id] = _Step(decision.to_status, decision.back_to, decision)
        else:
            overtaken.append(decision.comment_id)
    return _carry_out(steps, why_overtaken(overtaken), by, reason, batch)


def _carry_out(steps, refused, by, reason, batch):
    """Take the steps, by comment, that can be taken; return those refused, with the ones known before.

    Under the learner's lock, which comes before any comment's row: whoever has a row must not wait for it.
    """
    from .sweeping import follow  # which knows this module in turn

    rows = Comment.objects.filter(pk__in=steps).order_by("pk")
    stored = dict(rows.select_for_update(no_key=True).values_list("pk", "status"))
    groups, overtaken = defaultdict(list), []
    for pk, step in steps.items():
        if sentence := _why_not(step):
            refused[pk] = InvalidTransition(sentence)
        elif stored.get(pk) == step.before:
            groups[step.before, step.to].append(pk)
        else:
            overtaken.append(pk)
    refused |= why_overtaken(overtaken)
    for (before, to), pks in groups.items():
        # From here on the rows are ours, so that what is rendered and learned is what is stored.
        Comment.objects.filter(pk__in=pks, status=before).update(status=to, fragment="")
        if to == Status.APPROVED:
            _show(pks)
    now = timezone.now()
    decisions = Decision.objects.bulk_create(
        Decision(
            comment_id=pk,
            from_status=step.before,
            to_status=step.to,
            by=by,
            reason=reason,
            decided_at=now,
            batch=batch,
            undoes=step.undoes,
        )
        for pk, step in steps.items()
        if pk not in refused
    )
    learning.teach(decisions)
    report_back([decision.comment_id for decision in decisions])
    follow(decisions)
    return refused


def _why_not(step):
    """Say why nobody may take a step, whatever the comment's status is now; empty if somebody may."""
    if step.to == step.before:
        return _("This comment is “%(status)s” already.") % {"status": Status(step.before).label}
    if step.to == Status.DELETED and step.before not in BINS:
        return _("Only spam and trash can be deleted.")
    if step.before == Status.DELETED and step.undoes is None:
        return _("This comment is deleted. It comes back by undoing the batch that deleted it.")
    return ""


def why_overtaken(pks):
    """Return, by comment, the exceptions that say who was quicker; that it is gone, where it is."""
    if not pks:
        return {}
    there = set(Comment.objects.filter(pk__in=pks).values_list("pk", flat=True))
    last = _last(Decision.objects.select_related("by"), there)
    return {
        pk: _quicker(last.get(pk))
        if pk in there
        else InvalidTransition(_("This comment has been deleted."), is_gone=True)
        for pk in pks
    }


def _quicker(last):
    if last is None:
        return InvalidTransition(_("This comment has changed in the meantime."))
    sentence = _("%(who)s was quicker: this comment is “%(status)s” since %(when)s.") % {
        "who": last.by or _("The system"),
        "status": last.get_to_status_display(),
        "when": comment_time(last.decided_at),
    }
    return InvalidTransition(sentence, decision=last)


def _last(decisions, pks):
    """Return the last of the decisions on each of the comments, by comment."""
    last = decisions.filter(comment__in=pks).order_by().values("comment").annotate(last=Max("pk"))
    return {each.comment_id: each for each in decisions.filter(pk__in=[row["last"] for row in last])}


def _show(pks):
    """Make what pages show of comments that everybody may read from now on."""
    comments = Comment.objects.filter(pk__in=pks).order_by().defer("body", "fragment")
    comments = comments.select_related("edited_by__author").with_writers()
    with connection.cursor() as cursor:
        cursor.executemany(SHOW, [(render_fragment(comment), comment.pk) for comment in comments])
