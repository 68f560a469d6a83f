"""The sweep: what is published is looked at again, by the site's own processes, whenever more is known.

The database alone says what is to be done. A decision writes down, in its own transaction, that there is
more to know and which comment to begin with; ``step`` does a small piece of the work at a time, for one
process at once; a thread in each process calls it, and takes a small share of a processor. Nothing here
publishes or unpublishes anything. docs/decisions/0023 tells why.
"""

import hashlib
import logging
import time
from collections import Counter
from datetime import timedelta
from functools import lru_cache
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from . import opinions
from .blocklist import facts_in_force
from .learned import LearnerState
from .models import Comment, CommentTrace, Decision, LookFirst, SecondLook, SweepState
from .moderation.pipeline import RULES_VERSION
from .moderation.types import Outcome
from .moderation.weights import WEIGHTS_PATH
from .moderation.words import MODEL_PATH
from .policy import in_force
from .second_look import place_of, published, rejudge, with_all_that_is_asked
from .second_looks import CHANGES, DETAIL_LENGTH
from .workers import Worker

# Comments of one step: some 50 ms of CPU.
CHUNK = 10
# Comments that are looked at first, and decisions that say which, in one step.
FIRST = 20
FIRST_OF = 10
# Comments that are looked up for each mark they may share, and those that share most, of which some may be
# published.
LATEST = 200
CANDIDATES = 500
# The same text tells more than any number of shared marks.
SAME_TEXT = 100

# How long the work is left to whoever took it in hand: much longer than a step can last.
LEASE = timedelta(seconds=30)
# From the beginning of one sweep to that of the next, however much is decided meanwhile.
AT_MOST_EVERY = timedelta(minutes=10)
# The share of one processor that the thread takes.
SHARE = 0.1

logger = logging.getLogger(__name__)


# What makes a look worth while


def follow(decisions):
    """Do what follows from decisions of one move, in its transaction; the comments' rows are locked.

    What leaves the page is no longer doubtful. Whoever puts it back on the page by a decision of their own
    has seen it, so their word stands until more is known.
    """
    if not decisions:
        return
    by, at = decisions[0].by, decisions[0].decided_at
    taken_off = [each for each in decisions if each.from_status == Comment.Status.APPROVED]
    put_on = [each for each in decisions if each.to_status == Comment.Status.APPROVED]
    _looks_at(taken_off).update(is_doubtful=False)
    if by is None:
        return
    _looks_at(each for each in put_on if each.undoes_id is None).keep(by=by, at=at)
    if not settings.COMMENTS_SWEEP_DAYS:
        return
    SweepState.count_decisions(len(decisions))
    telling = {each.comment_id for each in put_on if each.undoes_id is not None}
    telling |= {
        each.comment_id for each in decisions if Comment.Status.SPAM in (each.from_status, each.to_status)
    }
    LookFirst.objects.bulk_create(LookFirst(comment_id=pk) for pk in sorted(telling))
    transaction.on_commit(wake, robust=True)


def _looks_at(decisions):
    return SecondLook.objects.filter(comment__in=[decision.comment_id for decision in decisions])


def look_first(comments):
    """Have some comments looked at at once, with what is known by then."""
    if settings.COMMENTS_SWEEP_DAYS:
        LookFirst.objects.bulk_create(LookFirst(comment=comment) for comment in comments)
        transaction.on_commit(wake, robust=True)


def what_is_known(*, now):
    """Return a digest of all that a verdict rests on besides the comments, the same until more is known.

    The day counts too: what the system has made of a campaign's later comments is no decision of anybody.
    """
    learned = LearnerState.objects.values_list("version", "checksum").first() or (0, 0)
    decisions = SweepState.current().decisions
    orders, thresholds = facts_in_force(now=now), in_force().thresholds
    parts = (learned, decisions, RULES_VERSION, _what_ships(), orders, thresholds, now.date())
    return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()


@lru_cache(maxsize=1)
def _what_ships():
    """Return a digest of the weights and words that this process has read."""
    digest = hashlib.sha256()
    for path in (WEIGHTS_PATH, MODEL_PATH):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


# The work


def step(*, worker, now):
    """Do the next small piece of work, if nobody else is at it; return whether there may be more.

    ``worker``: names who asks, and nobody else. First come the comments that a decision has pointed at, and
    what is most like them; then the sweep goes on where it was, or begins anew if more is known than it knew.
    """
    days = settings.COMMENTS_SWEEP_DAYS
    if not days:
        return False
    state = SweepState.current()
    if not (LookFirst.objects.exists() or _next(state, now=now)):
        # Nothing is written where there is nothing to do.
        if state.holder == worker:
            _leave(worker)
        return False
    free = Q(held_until=None) | Q(held_until__lte=now) | Q(holder=worker)
    if not SweepState.change(free, holder=worker, held_until=now + LEASE):
        return False
    worked = _look_at_first_ones(days=days, now=now) or _go_on(worker, days=days, now=now)
    if not worked:
        # Somebody else has done it in between.
        _leave(worker)
    return worked


def _leave(worker):
    """Let others take the next work, whenever it comes."""
    SweepState.change(Q(holder=worker), holder="", held_until=None)


def _next(state, *, now):
    """Return what the sweep would do now: "go on", "begin" or nothing."""
    if state.is_running:
        return "go on"
    if state.began_at is not None and now < state.began_at + AT_MOST_EVERY:
        return ""
    return "begin" if what_is_known(now=now) != state.seen else ""


def _look_at_first_ones(*, days, now):
    tasks = dict(LookFirst.objects.order_by("-pk").values_list("pk", "comment_id")[:FIRST_OF])
    if not tasks:
        return False
    pks = [*dict.fromkeys(tasks.values()), *related_to(set(tasks.values()), days=days, now=now)]
    comments = with_all_that_is_asked(Comment.objects.approved()).in_bulk(pks)
    for pk in pks:
        if pk in comments:
            look_at(comments[pk], now=now)
    LookFirst.objects.filter(pk__in=tasks).delete()
    return True


def related_to(pks, *, days, now):
    """Return the published comments that have most in common with some others: text, words, hosts, writer.

    At most FIRST, and so many look-ups as the others have marks, each with an end.
    """
    since = now - timedelta(days=days)
    kinds = [CommentTrace.Kind.NEAR, CommentTrace.Kind.HOST]
    marks = set(CommentTrace.objects.filter(comment__in=pks, kind__in=kinds).values_list("kind", "digest"))
    shared = Counter()
    for kind, digest in sorted(marks):
        met = CommentTrace.objects.filter(kind=kind, digest=digest, submitted_at__gt=since)
        shared.update(met.order_by("-submitted_at").values_list("comment_id", flat=True)[:LATEST])
    recent = Comment.objects.filter(submitted_at__gt=since).order_by("-submitted_at")
    for digest, commenter in Comment.objects.filter(pk__in=pks).values_list("text_digest", "commenter"):
        if digest:
            for pk in recent.filter(text_digest=digest).values_list("pk", flat=True)[:LATEST]:
                shared[pk] += SAME_TEXT
        if commenter:
            shared.update(recent.filter(commenter=commenter).values_list("pk", flat=True)[:LATEST])
    likely = [pk for pk, _count in shared.most_common(CANDIDATES) if pk not in pks]
    found = set(Comment.objects.approved().filter(pk__in=likely).values_list("pk", flat=True))
    return [pk for pk in likely if pk in found][:FIRST]


def _go_on(worker, *, days, now):
    """Look at the next few comments of the sweep; begin one if it is time."""
    mine, state = Q(holder=worker), SweepState.current()
    todo = _next(state, now=now)
    if not todo:
        return False
    if todo == "begin":
        window = published(since=now - timedelta(days=days), until=now)
        SweepState.change(
            mine,
            sought=what_is_known(now=now),
            began_at=now,
            finished_at=None,
            days=days,
            looked=0,
            total=window.count(),
            cursor_at=None,
            cursor_id=None,
        )
        state = SweepState.current()
    behind = None if state.cursor_at is None else (state.cursor_at, state.cursor_id)
    since = state.began_at - timedelta(days=state.days)
    chunk = list(published(since=since, until=state.began_at, behind=behind)[:CHUNK])
    for comment in chunk:
        look_at(comment, now=now)
    progress = {"looked": F("looked") + len(chunk)}
    if chunk:
        progress["cursor_at"], progress["cursor_id"] = place_of(chunk[-1])
    if len(chunk) < CHUNK:
        progress |= {"finished_at": now, "seen": state.sought}
    # Whoever has taken over meanwhile, since this took too long, does the same once more.
    SweepState.change(mine, **progress)
    return True


def look_at(comment, *, now):
    """Judge a published comment again, and write down what has turned."""
    try:
        take_in(rejudge(comment, now=now), now=now)
    except DatabaseError:
        raise
    except Exception:
        # Whatever is the matter with one comment, the others are to be looked at.
        logger.exception("Comment %s could not be looked at again", comment.pk)


def take_in(comparison, *, now):
    """Write down what a second look found; return whether editors are to see the comment.

    Of what has not turned nothing is written, nor of what somebody has decided on since it was fetched: that
    decision asks for the next look.
    """
    comment = comparison.comment
    if not comparison.turned and getattr(comment, "second_look", None) is None:
        return False
    with transaction.atomic():
        # As a decision does, so that the two come one after the other.
        row = Comment.objects.select_for_update(no_key=True).filter(pk=comment.pk)
        is_public = row.values_list("status", flat=True).first() == Comment.Status.APPROVED
        decisions = Decision.objects.filter(comment=comment.pk).order_by("-pk")
        if not is_public or decisions.values_list("pk", flat=True).first() != comparison.last_decision:
            return False
        look = SecondLook.objects.filter(comment=comment.pk).first()
        if look is None:
            look = SecondLook(comment_id=comment.pk)
        if not comparison.turned and look.kept_at is None:
            SecondLook.objects.filter(comment=comment.pk).delete()
            return False
        after = comparison.after
        look.submitted_at, look.looked_at = comment.submitted_at, now
        look.points, look.probability = after.points, after.probability
        look.rules_version, look.outcome = after.rules_version, comparison.evidence
        look.order = max((finding.at_least for finding in after.findings), key=list(Outcome).index)
        look.changes = _in_short(comparison.changes)
        look.is_doubtful = comparison.turned and not look.is_kept
        look.save()
    return look.is_doubtful


def _in_short(changes):
    """Return what has changed most, as it is stored. A finding that is gone no longer says anything."""
    return [
        {
            "rule": change.rule,
            "shift": round(change.shift, 1),
            "detail": change.after.detail[:DETAIL_LENGTH] if change.after else "",
            "evaluated": change.after is None or change.after.evaluated,
        }
        # What came from outside is not asked for again, and counts as it did.
        for change in [each for each in changes if each.rule != opinions.RULE][:CHANGES]
    ]


def record_sweep(*, began_at, finished_at, known, days, looked):
    """Write down that a whole sweep was made by the command; one that is running is not needed any more.

    ``known``: ``what_is_known`` when it began.
    """
    SweepState.change(
        seen=known,
        began_at=began_at,
        finished_at=finished_at,
        days=days,
        looked=looked,
        total=looked,
    )


# By itself


class _Sweeper(Worker):
    """The thread that does one step after another, one in each process."""

    def __init__(self):
        super().__init__("sweep", self._sweep)

    def _sweep(self):
        worker, used = uuid4().hex, time.thread_time()
        while step(worker=worker, now=timezone.now()):
            before, used = used, time.thread_time()
            self.rest((used - before) * (1 / SHARE - 1))


_sweeper = None


def start():
    """Let this process sweep by itself, unless the site does not want it. For servers, not for commands."""
    global _sweeper
    if settings.COMMENTS_SWEEP_DAYS:
        _sweeper = _Sweeper()
        _sweeper.start()


def wake():
    """Have what is due looked at soon, if this process sweeps."""
    if _sweeper is not None:
        _sweeper.wake()
