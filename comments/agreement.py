"""How far the rules agreed with the people of this site: counted from findings and decisions alone.

A person's last decision on a comment says what it was: approved, a good comment; spam, spam. Trash and "back
to the queue" say neither, and the system's own decisions are what is being measured, so they are not counted.
Nor is what was taken back.
"""

import math
from dataclasses import dataclass

from django.db.models import Avg, Count, Exists, F, OuterRef, Q
from django.db.models.functions import Floor, Least

from .models import Comment, CommentFinding, Decision
from .moderation.weights import DEFAULT

GOOD, SPAM = Comment.Status.APPROVED, Comment.Status.SPAM

# With fewer decisions, or fewer of either kind, shares are chance.
ENOUGH = 50
ENOUGH_OF_EACH = 10

BINS = 10


@dataclass(frozen=True, slots=True)
class Decided:
    """How many comments people have decided on."""

    good: int
    spam: int

    @property
    def total(self):
        return self.good + self.spam

    @property
    def is_enough(self):
        return self.total >= ENOUGH and min(self.good, self.spam) >= ENOUGH_OF_EACH


@dataclass(frozen=True, slots=True)
class CaseCount:
    """One condition of one rule, against what people decided.

    ``evaluated``: False for all the findings of a rule that could not run.
    ``spam``, ``good``: comments it was seen on. ``spam_share``, ``good_share``: of all such comments.
    ``points``: in force today, None where no table gives them. ``given``: the mean of what was given,
    under whatever weights were in force.
    ``decibans``: what the shares would say: 10·log10 of their ratio, half a comment added to each count.
    ``spoke``, ``agreed``: findings with points, and those whose sign was the person's word.
    """

    rule: str
    case: str
    evaluated: bool
    spam: int
    good: int
    spam_share: float
    good_share: float
    points: float | None
    given: float
    decibans: float
    spoke: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Comments whose stored probability of spam lay between two tenths, and how many were spam."""

    low: float
    high: float
    comments: int
    mean_probability: float
    spam: int

    @property
    def spam_share(self):
        return self.spam / self.comments


def decided(*, since=None):
    """Count the comments on which a person's last word is good or spam."""
    counts = dict(_last_words(since).values_list("to_status").annotate(Count("pk")).order_by())
    return Decided(good=counts.get(GOOD, 0), spam=counts.get(SPAM, 0))


def since_latest(number):
    """Return the time after which people took their latest so many decisions, None if there are no more."""
    latest = Decision.objects.filter(by__isnull=False).order_by("-decided_at", "-pk")
    return next(iter(latest.values_list("decided_at", flat=True)[number : number + 1]), None)


def count_cases(*, since=None, weights=DEFAULT):
    """Count each case of each rule, sorted by rule and case. ``since``: when people decided."""
    total = decided(since=since)
    rows = (
        CommentFinding.objects.filter(comment__decisions__in=_last_words(since))
        .values("rule", "case", "evaluated")
        .annotate(
            spam=_count(comment__decisions__to_status=SPAM),
            good=_count(comment__decisions__to_status=GOOD),
            given=Avg("points"),
            against=_count(points__gt=0),
            in_favour=_count(points__lt=0),
            rightly_against=_count(points__gt=0, comment__decisions__to_status=SPAM),
            rightly_in_favour=_count(points__lt=0, comment__decisions__to_status=GOOD),
        )
        .order_by("rule", "-evaluated", "case")
    )
    return [_case(row, total, weights) for row in rows]


def reliability(*, since=None):
    """Return the ten bins of the probability that was said, those without comments left out."""
    rows = (
        Comment.objects.filter(decisions__in=_last_words(since), rules_version__gt=0)
        .annotate(bin=Least(Floor(F("spam_probability") * BINS), BINS - 1.0))
        .values("bin")
        .annotate(
            comments=Count("pk"),
            mean_probability=Avg("spam_probability"),
            spam=_count(decisions__to_status=SPAM),
        )
        .order_by("bin")
    )
    return [Bin(low=row["bin"] / BINS, high=(row.pop("bin") + 1) / BINS, **row) for row in rows]


def calibration_error(bins):
    """Return the expected calibration error: how far, on average, what was said lay from what was so."""
    comments = sum(each.comments for each in bins)
    if not comments:
        return None
    return sum(each.comments * abs(each.mean_probability - each.spam_share) for each in bins) / comments


def _last_words(since):
    """The last decision of a person on each comment, where it says good or spam."""
    later = Decision.objects.by_people().filter(comment=OuterRef("comment"), pk__gt=OuterRef("pk"))
    words = Decision.objects.by_people().filter(~Exists(later), to_status__in=[GOOD, SPAM])
    return words.filter(decided_at__gt=since) if since else words


def _count(**condition):
    return Count("pk", filter=Q(**condition))


def _case(row, total, weights):
    return CaseCount(
        rule=row["rule"],
        case=row["case"],
        evaluated=row["evaluated"],
        spam=row["spam"],
        good=row["good"],
        spam_share=row["spam"] / total.spam if total.spam else 0.0,
        good_share=row["good"] / total.good if total.good else 0.0,
        points=_points_in_force(row, weights),
        given=row["given"],
        decibans=10 * math.log10(_smooth(row["spam"], total.spam) / _smooth(row["good"], total.good)),
        spoke=row["against"] + row["in_favour"],
        agreed=row["rightly_against"] + row["rightly_in_favour"],
    )


def _smooth(count, total):
    """Half a comment more with the case and half a comment more without: no share is 0 or 1 for certain."""
    return (count + 0.5) / (total + 1)


def _points_in_force(row, weights):
    """Return the points of a case; None where it has no fixed ones, as the learner's cases."""
    weight = weights.table.get(row["rule"], {}).get(row["case"])
    return weight.points if weight and row["evaluated"] else None
