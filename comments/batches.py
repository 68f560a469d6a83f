"""Many comments moved by one click: exactly those that were seen, as they were seen; and the way back.

What has changed since the editor looked is left alone, and told. A batch is not one transaction, since
whoever holds the learner lets everybody else wait: it is many short ones, and counts as it goes.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from . import moves
from .fragments import clock_time, comment_time
from .models import Batch, Comment, Decision

MOST = 10_000
CAN_BE_UNDONE_FOR = timedelta(days=30)
# Comments moved in one transaction: a fraction of a second, in which nobody else can decide.
AT_ONCE = 200
# No request works longer; what is not at its end by then was interrupted.
LASTS_AT_MOST = timedelta(minutes=10)
# The greatest key that a database can hold.
MAX_KEY = 2**63 - 1

# What can be done to a single comment, too.
METHODS = {
    Batch.Move.APPROVE: Comment.approve,
    Batch.Move.HOLD: Comment.hold,
    Batch.Move.MARK_SPAM: Comment.mark_spam,
    Batch.Move.TRASH: Comment.trash,
    Batch.Move.RESTORE: Comment.restore,
}
LEADS_TO = {
    Batch.Move.APPROVE: Comment.Status.APPROVED,
    Batch.Move.HOLD: Comment.Status.PENDING,
    Batch.Move.MARK_SPAM: Comment.Status.SPAM,
    Batch.Move.TRASH: Comment.Status.TRASH,
    Batch.Move.DELETE: Comment.Status.DELETED,
}
# From which statuses a move makes sense.
MAKES_SENSE_FROM = {
    Batch.Move.APPROVE: {"pending", "spam", "trash"},
    Batch.Move.HOLD: {"approved"},
    Batch.Move.MARK_SPAM: {"pending", "approved", "trash"},
    Batch.Move.TRASH: {"pending", "approved", "spam"},
    Batch.Move.RESTORE: {"spam", "trash"},
}
# Whole sentences, since languages differ in more than the verb; ``when`` begins with its own preposition.
DECIDED = {
    Comment.Status.PENDING: ngettext_lazy(
        "%(count)d was put back in the queue by %(who)s %(when)s",
        "%(count)d were put back in the queue by %(who)s %(when)s",
        "count",
    ),
    Comment.Status.APPROVED: ngettext_lazy(
        "%(count)d was approved by %(who)s %(when)s", "%(count)d were approved by %(who)s %(when)s", "count"
    ),
    Comment.Status.SPAM: ngettext_lazy(
        "%(count)d was marked as spam by %(who)s %(when)s",
        "%(count)d were marked as spam by %(who)s %(when)s",
        "count",
    ),
    Comment.Status.TRASH: ngettext_lazy(
        "%(count)d was moved to the trash by %(who)s %(when)s",
        "%(count)d were moved to the trash by %(who)s %(when)s",
        "count",
    ),
    Comment.Status.DELETED: ngettext_lazy(
        "%(count)d was deleted by %(who)s %(when)s", "%(count)d were deleted by %(who)s %(when)s", "count"
    ),
}


class BatchRefused(Exception):
    """Nothing was done. The message says why."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A comment that was not moved, and why, in a sentence.

    ``comment_id``: None where the comment is gone and nobody knows its number any more. ``decision``: what
    somebody decided meanwhile, where that is the reason.
    """

    comment_id: int | str | None
    why: str
    decision: Decision | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of each comment. ``batch``: None where nothing was moved, so that there is none."""

    batch: Batch | None
    done: list
    left: list


@dataclass(frozen=True, slots=True)
class Outlook:
    """What undoing a batch would do now: the decisions to be taken back, and what is to be left alone."""

    back: list
    left: list


def sensible_moves(comment):
    """Return the moves that there are buttons for."""
    return [move for move, statuses in MAKES_SENSE_FROM.items() if comment.status in statuses]


def apply(move, seen, *, by, now):
    """Move the comments that are still as the editor saw them; return what was done and what was not.

    ``move``: one of ``LEADS_TO``, or to restore. ``seen``: the status in which the editor saw each comment,
    by its id; ids and statuses may be anything that a form can send. ``now``: when the batch was made.
    Raises BatchRefused, before anything is moved, for more comments than a batch may hold.
    """
    if len(seen) > MOST:
        raise BatchRefused(
            _(
                "That is more than the %(most)s comments that one batch may hold, so nothing was changed. "
                "Narrow the list down by a filter or a search, and take one part after the other."
            )
            % {"most": number_format(MOST, force_grouping=True)}
        )
    known, left = {}, []
    for comment_id, status in seen.items():
        key = key_of(comment_id)
        if key is None:
            left.append(LeftAlone(comment_id, _("There is no such comment.")))
        elif status not in Comment.Status.values:
            left.append(LeftAlone(key, _("The form did not say how you had seen it.")))
        else:
            known[key] = status
    batch = Batch.objects.create(move=move, by=by, made_at=now)

    def act(chunk):
        if move == Batch.Move.RESTORE:
            return moves.restore(chunk, by=by, batch=batch.pk)
        return moves.move(chunk, LEADS_TO[move], by=by, batch=batch.pk)

    return _carry_out(batch, known, act, left)


def undo(batch, *, by, now):
    """Put each comment that is still as the batch left it back to where it was; return what was done.

    What the filter learned from the batch is taken back with it. ``now``: the time of the undoing.
    An undoing that was interrupted is taken up again. Raises BatchRefused for a batch that is undone
    already, too old, or itself an undoing.
    """
    batch.refresh_from_db()
    if refusal := why_not_undone(batch, now=now):
        raise BatchRefused(refusal)
    with transaction.atomic():
        # Of two at once the second waits here, and then finds nothing to change.
        if not Batch.objects.filter(pk=batch.pk, undone_at=batch.undone_at).update(
            undone_at=now, undone_by=by
        ):
            batch.refresh_from_db()
            raise BatchRefused(why_not_undone(batch, now=now))
        undoing, _new = Batch.objects.get_or_create(
            undoes=batch, defaults={"move": Batch.Move.UNDO, "by": by, "made_at": now}
        )
    decisions = {decision.comment_id: decision for decision in _to_take_back(batch)}

    def act(chunk):
        return moves.take_back(list(chunk.values()), by=by, batch=undoing.pk)

    result = _carry_out(undoing, decisions, act, _gone(batch, undoing.done + len(decisions)))
    batch.refresh_from_db()
    return result


def _to_take_back(batch):
    """Return the decisions of a batch, without those that an interrupted undoing has taken back."""
    undoing = Batch.objects.filter(undoes=batch).values("pk")
    return Decision.objects.filter(batch=batch.pk).exclude(undone_by__batch__in=undoing).order_by("pk")


def _was_interrupted(batch, now):
    """Say whether the undoing of a batch ended before it had looked at each comment."""
    undoing = batch.undoing
    return undoing.done + undoing.left < batch.done and now - batch.undone_at > LASTS_AT_MOST


def why_not_undone(batch, *, now):
    """Return the sentence why a batch can't be undone, or an empty text where it can."""
    if batch.undone_at and not _was_interrupted(batch, now):
        return _("%(who)s undid this batch %(when)s.") % {
            "who": batch.undone_by,
            "when": _at(batch.undone_at, now),
        }
    if batch.move == Batch.Move.UNDO:
        return _("This batch took back another one. Whatever is to change now, decide it in the queue.")
    if batch.final_at:
        return _("The comments of this batch were deleted for good %(when)s.") % {
            "when": _at(batch.final_at, now)
        }
    if now - batch.made_at > CAN_BE_UNDONE_FOR:
        return _("This batch is older than %(days)d days and stays as it is.") % {
            "days": CAN_BE_UNDONE_FOR.days
        }
    return ""


def look_ahead(batch):
    """Return what undoing a batch would do if it were done now. Changes nothing."""
    of_comment = Decision.objects.filter(comment=OuterRef("comment")).order_by("-pk").values("pk")
    decisions = list(
        _to_take_back(batch).annotate(
            standing=Subquery(of_comment.standing()[:1]), latest=Subquery(of_comment[:1])
        )
    )
    later = Decision.objects.select_related("by").in_bulk(
        [each.latest for each in decisions if each.standing != each.pk]
    )
    left = [
        LeftAlone(each.comment_id, str(later[each.latest]), decision=later[each.latest])
        for each in decisions
        if each.standing != each.pk
    ]
    back = [each for each in decisions if each.standing == each.pk]
    undone = batch.undoing.done if batch.undone_at else 0
    return Outlook(back, _gone(batch, undone + len(decisions)) + left)


def in_words(move, result, *, reader, now):
    """Say in one or two sentences what became of a batch, to the one who asked for it."""
    done, total = len(result.done), len(result.done) + len(result.left)
    if not done:
        head = _("%(move)s: no comment was changed.") % {"move": move.label}
    elif done == total:
        head = ngettext("%(move)s: %(count)d comment.", "%(move)s: %(count)d comments.", done) % {
            "move": move.label,
            "count": done,
        }
    else:
        head = ngettext(
            "%(move)s: %(done)d of %(count)d comment.", "%(move)s: %(done)d of %(count)d comments.", total
        ) % {"move": move.label, "done": done, "count": total}
    rest = reasons(result.left, reader=reader, now=now)
    return f"{head} {rest}" if rest else head


def reasons(left, *, reader, now):
    """Say in one sentence why comments were left alone, those of one kind together; empty if there are none.

    ``reader``: is called “you” where it was they who decided.
    """
    decided, other, deleted = defaultdict(list), Counter(), 0
    for each in left:
        if each.is_deleted:
            deleted += 1
        elif each.decision:
            decided[each.decision.to_status, each.decision.by_id].append(each.decision)
        else:
            other[each.why] += 1
    parts = []
    for (status, by_id), decisions in decided.items():
        who = decisions[0].by or _("the system")
        parts.append(
            DECIDED[status]
            % {
                "count": len(decisions),
                "who": _("you") if by_id == reader.pk else who,
                "when": _span([decision.decided_at for decision in decisions], now),
            }
        )
    if deleted:
        parts.append(
            ngettext("%(count)d has been deleted", "%(count)d have been deleted", deleted)
            % {"count": deleted}
        )
    for why, count in other.items():
        parts.append(
            ngettext("%(count)d stays as it is: %(why)s", "%(count)d stay as they are: %(why)s", count)
            % {"count": count, "why": why.rstrip(".。")}
        )
    return _("%(reasons)s.") % {"reasons": _("; ").join(parts)} if parts else ""


def _carry_out(batch, comments, act, left):
    """Act on the comments, a chunk at a time, and count in the batch what was done.

    ``comments``: by id what ``act`` needs of each; it returns those left alone, by id, with the exception
    that says why. ``left``: what is known beforehand not to be moved.
    """
    done, ids = [], list(comments)
    Batch.objects.filter(pk=batch.pk).update(left=len(left))
    for start in range(0, len(ids), AT_ONCE):
        chunk = {pk: comments[pk] for pk in ids[start : start + AT_ONCE]}
        with transaction.atomic():
            refused = act(chunk)
            Batch.objects.filter(pk=batch.pk).update(
                done=F("done") + len(chunk) - len(refused), left=F("left") + len(refused)
            )
        done += [pk for pk in chunk if pk not in refused]
        left += [
            LeftAlone(pk, str(reason), decision=reason.decision, is_deleted=reason.is_gone)
            for pk, reason in refused.items()
        ]
    if not done and batch.undoes_id is None:
        batch.delete()
        return Result(None, done, left)
    batch.refresh_from_db()
    return Result(batch, done, left)


def _gone(batch, found):
    """Return one for each comment that the batch moved and whose decisions went with it."""
    return [LeftAlone(None, _("This comment has been deleted."), is_deleted=True)] * (batch.done - found)


def key_of(value):
    """Return what a form sent as a comment's key, or None where it can't be one."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_KEY))):
        return None
    return int(text) if int(text) <= MAX_KEY else None


def _span(moments, now):
    """Say when several things were done: the minute, or the last one."""
    words = [_at(moment, now) for moment in sorted(moments)]
    return words[-1] if len(set(words)) == 1 else _("(the last %(when)s)") % {"when": words[-1]}


def _at(moment, now):
    """Say when something was, in the site's time zone: “at 7:31 am”, and on which day unless it is today."""
    if timezone.localdate(moment) == timezone.localdate(now):
        return _("at %(time)s") % {"time": clock_time(moment)}
    return _("on %(date)s") % {"date": comment_time(moment)}
