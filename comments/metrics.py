"""How good a filter's answers are, in the figures that docs/moderation.md explains.

``ham`` and ``spam`` are the probabilities of spam that good comments and spam were given. A figure for which
there is nothing to count is None.
"""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

BINS = 10
DRAWS = 1_000
SEED = 20170320
# Of the normal distribution, for 95 %.
_Z = NormalDist().inv_cdf(0.975)

Interval = tuple[float, float]


def auc(ham: Sequence[float], spam: Sequence[float]) -> float | None:
    """Return how often spam stands above a good comment, of all pairs; equal ones count half."""
    return fmean(_shares_below(spam, ham)) if ham and spam else None


def auc_interval(ham: Sequence[float], spam: Sequence[float]) -> Interval | None:
    """Return the 95 % interval of ``auc``, after DeLong, DeLong and Clarke-Pearson (1988).

    On the scale of log odds, so that it stays between 0 and 1. None for less than two of either kind, and
    where no pair or every pair is in order: then nothing can be said about the spread.
    """
    found = auc(ham, spam)
    if found is None or not 0 < found < 1 or min(len(ham), len(spam)) < 2:
        return None
    spread = math.sqrt(
        variance(_shares_below(spam, ham)) / len(spam) + variance(_shares_below(ham, spam)) / len(ham)
    )
    center, reach = math.log(found / (1 - found)), _Z * spread / (found * (1 - found))
    return _logistic(center - reach), _logistic(center + reach)


def recall_at(ham: Sequence[float], spam: Sequence[float], false_alarms: float) -> float | None:
    """Return the share of spam above the lowest threshold that at most this share of good comments pass."""
    if not ham or not spam:
        return None
    allowed = math.floor(false_alarms * len(ham))
    threshold = sorted(ham)[-1 - allowed] if allowed < len(ham) else -math.inf
    return sum(score > threshold for score in spam) / len(spam)


def recall_at_interval(ham: Sequence[float], spam: Sequence[float], false_alarms: float) -> Interval | None:
    """Return the 95 % interval of ``recall_at``: percentiles of a bootstrap of DRAWS draws, stratified.

    Good comments and spam are drawn anew each by themselves, so the threshold varies too. Not one comment is
    copied for it: that a place in the order of n draws is beta distributed, and the number above a threshold
    binomially, gives the same distribution.
    """
    allowed = math.floor(false_alarms * len(ham))
    if not ham or not spam or allowed >= len(ham):
        return None
    ham, spam = sorted(ham), sorted(spam)
    # Not for secrets: the same file is to give the same interval.
    chance = random.Random(SEED)  # noqa: S311
    recalls = []
    for _draw in range(DRAWS):
        place = chance.betavariate(len(ham) - allowed, allowed + 1)
        threshold = ham[min(int(place * len(ham)), len(ham) - 1)]
        above = (len(spam) - bisect_right(spam, threshold)) / len(spam)
        recalls.append(_binomial(chance, len(spam), above) / len(spam))
    return percentile(recalls, 0.025), percentile(recalls, 0.975)


@dataclass(frozen=True, slots=True)
class Accuracy:
    precision: float | None
    recall: float | None
    f1: float | None


def accuracy(*, hits: int, false_alarms: int, misses: int) -> Accuracy:
    """``hits``: spam called spam. ``false_alarms``: good comments called spam. ``misses``: the other spam."""
    return Accuracy(
        precision=hits / (hits + false_alarms) if hits + false_alarms else None,
        recall=hits / (hits + misses) if hits + misses else None,
        f1=2 * hits / (2 * hits + false_alarms + misses) if hits + false_alarms + misses else None,
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Comments said to be spam with nearly the same probability.

    ``predicted``: that probability's mean. ``observed``: the share that was spam. None in an empty bin.
    """

    low: float
    high: float
    count: int
    predicted: float | None
    observed: float | None


def calibration(ham: Sequence[float], spam: Sequence[float]) -> list[Bin]:
    """Sort the comments into BINS equal parts of the scale; a bin holds its lower end, the last both."""
    scores: list[list[float]] = [[] for _bin in range(BINS)]
    spam_in = [0] * BINS
    for is_spam, kind in ((0, ham), (1, spam)):
        for score in kind:
            # Compared with the bounds themselves: 0.3 * 10 is less than 3.
            number = min(bisect_right(_BOUNDS, score) - 1, BINS - 1)
            scores[number].append(score)
            spam_in[number] += is_spam
    return [
        Bin(
            low=_BOUNDS[number],
            high=(number + 1) / BINS,
            count=len(scores[number]),
            predicted=fmean(scores[number]) if scores[number] else None,
            observed=spam_in[number] / len(scores[number]) if scores[number] else None,
        )
        for number in range(BINS)
    ]


_BOUNDS = [number / BINS for number in range(BINS)]


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return how far prediction and share are apart, on average over the comments."""
    count = sum(each.count for each in bins)
    apart = (
        each.count * abs(each.predicted - each.observed)
        for each in bins
        if each.predicted is not None and each.observed is not None
    )
    return sum(apart) / count if count else None


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def _shares_below(scores: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return for each score which share of the others lies below it; equal ones count half."""
    others = sorted(others)
    return [(bisect_left(others, score) + bisect_right(others, score)) / 2 / len(others) for score in scores]


def _binomial(chance: random.Random, count: int, share: float) -> int:
    """Draw how many of ``count`` happen, each with the chance ``share``.

    By halves: the middle one of ``count`` uniform numbers in order is beta distributed, and tells which half
    to look into further.
    """
    found = 0
    while count > 10:
        middle = count // 2 + 1
        value = chance.betavariate(middle, count + 1 - middle)
        if value <= share:
            found += middle
            count -= middle
            share = (share - value) / (1 - value) if value < 1 else 0.0
        else:
            count = middle - 1
            share /= value
    return found + sum(chance.random() < share for _each in range(count))


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
