"""How the desk is doing, in figures: what waits now, and what each of the last weeks came to.

A week's figures are those at its end: they are counted once, kept in the cache, and never change. What is
corrected later counts in the week of the correction. So a visit counts the running week alone, and that at
most once a minute. docs/desk.md says what each figure means.
"""

from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from .models import Comment, Decision

WEEKS = 12
# A decision may take a moment to be written, and clocks differ: so long after its end a week is closed.
CLOSES_AFTER = timedelta(hours=1)
KEPT_SECONDS = (WEEKS + 1) * 7 * 24 * 3600
FRESH_SECONDS = 60
# Raised whenever the figures mean something else.
VERSION = 1
# Where counting what waits ends.
COUNTED = 1000

PENDING, APPROVED, SPAM = Comment.Status.PENDING, Comment.Status.APPROVED, Comment.Status.SPAM


@dataclass(frozen=True, slots=True)
class Figures:
    """What one week came to.

    ``caught``: put into spam by the system, and taken out by no person until the week's end.
    ``missed``: published by the system, and marked as spam by a person in this week.
    ``false_alarms``: put into spam by the system, and approved by a person in this week.
    ``held_good``: held by the system, and approved by a person in this week.
    ``median_seconds``: from submission to a person's first decision in this week, of those that waited; None
    where nobody decided on any.
    """

    caught: int
    missed: int
    false_alarms: int
    held_good: int
    median_seconds: float | None

    @property
    def is_empty(self):
        return not any(astuple(self))


@dataclass(frozen=True, slots=True)
class Week:
    """``starts``: the Monday, in the site's time zone."""

    starts: date
    figures: Figures
    is_running: bool


@dataclass(frozen=True, slots=True)
class Board:
    """``waiting``: how many wait now; counting ends at COUNTED + 1. ``weeks``: the oldest first."""

    waiting: int
    oldest: Comment | None
    weeks: list[Week]

    @property
    def is_empty(self):
        return not self.waiting and all(week.figures.is_empty for week in self.weeks)

    @property
    def latest_median(self):
        """Return the latest week in which somebody decided on what waited, None where there is none."""
        decided = (week for week in reversed(self.weeks) if week.figures.median_seconds is not None)
        return next(decided, None)


def board(*, now):
    """Return all that the dashboard shows."""
    waiting = Comment.objects.filter(status=PENDING)
    return Board(
        waiting=waiting.order_by().values("pk")[: COUNTED + 1].count(),
        oldest=waiting.only("author_name", "submitted_at").order_by("submitted_at").first(),
        weeks=last_weeks(now=now),
    )


def last_weeks(*, now):
    """Return the last WEEKS weeks, the running one included, the oldest first."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    mondays = [monday - timedelta(weeks=number) for number in reversed(range(WEEKS))]
    keys = {_key(each): each for each in mondays}
    kept = cache.get_many(keys)
    weeks = []
    for key, starts in keys.items():
        values = kept.get(key)
        if values is None:
            end = _begin(starts + timedelta(weeks=1))
            values = astuple(count(_begin(starts), end))
            is_closed = now >= end + CLOSES_AFTER
            cache.set(key, values, KEPT_SECONDS if is_closed else FRESH_SECONDS)
        weeks.append(Week(starts, Figures(*values), is_running=starts == monday))
    return weeks


def count(start, end):
    """Count what happened from ``start`` until before ``end``, as it stood at the end."""
    by_people = (
        Decision.objects.filter(by__isnull=False, decided_at__gte=start, decided_at__lt=end)
        .standing_at(end)
        .order_by()
    )
    before = Decision.objects.filter(comment=OuterRef("comment"), pk__lt=OuterRef("pk"))
    earlier_word = before.filter(by__isnull=False).standing_at(end)
    said_by_system = before.by_system().order_by("-pk").values("to_status")
    words = dict(
        ((said, word), number)
        for said, word, number in by_people.filter(
            ~Exists(earlier_word.filter(to_status=OuterRef("to_status"))), to_status__in=[APPROVED, SPAM]
        )
        .annotate(said=Subquery(said_by_system[:1]))
        .values_list("said", "to_status")
        .annotate(Count("pk"))
    )
    waited = by_people.filter(~Exists(earlier_word), from_status=PENDING)
    seconds = [
        (decided - submitted).total_seconds()
        for decided, submitted in waited.values_list("decided_at", "comment__submitted_at").iterator()
    ]
    return Figures(
        caught=_caught(start, end),
        missed=words.get((APPROVED, SPAM), 0),
        false_alarms=words.get((SPAM, APPROVED), 0),
        held_good=words.get((PENDING, APPROVED), 0),
        median_seconds=median(seconds) if seconds else None,
    )


def _caught(start, end):
    # The system decides on one comment at a time, never in a batch; said, since the index holds those alone.
    put = Decision.objects.filter(
        by__isnull=True, batch__isnull=True, to_status=SPAM, decided_at__gte=start, decided_at__lt=end
    )
    taken_out = Decision.objects.filter(
        comment=OuterRef("comment"),
        pk__gt=OuterRef("pk"),
        by__isnull=False,
        from_status=SPAM,
        to_status__in=[APPROVED, PENDING],
        decided_at__lt=end,
    ).standing_at(end)
    return put.filter(~Exists(taken_out)).aggregate(number=Count("comment", distinct=True))["number"]


def _begin(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def _key(starts):
    # The moment, not the day, which another time zone has at another time.
    return f"comments.week.{VERSION}.{int(_begin(starts).timestamp())}"
