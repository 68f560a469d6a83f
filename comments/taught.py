"""What the site has learned, as each process asks for it: the opinion on a comment's words.

From the sums of ``learning.py``, x the word's value in the comment that is asked about:

    weight = (gradient − mean · exposure) / (DAMPING · d(now) + BEND · x · exposure)

``mean`` is Σ d · (y − p) / Σ d over all lessons, with MEAN_STRENGTH imagined ones that were judged right:
what the judge gets wrong on this site whatever the words are is not to be blamed on words that stand
everywhere. A comment's log odds are STEP · Σ x · weight; where that speaks for the writer, times s / (s +
SPAM_STRENGTH), s being the lessons on spam and one more.
"""

import math
import threading
from array import array
from dataclasses import dataclass
from heapq import nlargest
from itertools import count
from typing import NamedTuple

from django.db import connection

from . import learning, lesson_sums
from .learned import LearnedWord
from .moderation import words

# Chosen by playing sources in time order, each judged by a fit without it: docs/decisions/0019.
DAMPING = 0.1
BEND = 0.12
STEP = 0.35
MEAN_STRENGTH = 30
# From good comments alone nobody learns what spam looks like: every word that is seen often would speak for
# whoever uses it. So words speak for a writer by a share of what they learned, half where the lessons on spam
# are as many as this.
SPAM_STRENGTH = 5

DECIBANS_PER_NAT = 10 / math.log(10)
SHOWN_WORDS = 6


_STATE = f"SELECT {', '.join(learning.STATE_FIELDS)} FROM comments_learnerstate WHERE id = %s"  # noqa: S608


class UnsoundSums(Exception):
    """The stored words do not add up to the stored checksum: somebody changed them by hand."""

    def __init__(self):
        super().__init__("what the site has learned is damaged; manage.py retrain makes it anew")


class State(NamedTuple):
    """The state's row as it was read."""

    version: int = 0
    checksum: int = 0
    tokens_version: int = 0
    spam_weight: int = 0
    good_weight: int = 0
    error: int = 0


@dataclass(frozen=True, slots=True)
class SiteOpinion:
    """What this site's decisions say of a comment's words.

    ``points``: decibans, before any cap. ``words``: those that weigh most, with their decibans, heaviest
    first. ``spam``, ``good``: how many decisions of today the lessons of each kind come to, for a prior.
    """

    points: float
    words: tuple[tuple[str, float], ...]
    spam: float
    good: float


class Copy:
    """This process's copy of the sums, 2 MB, brought up to date when it is asked for.

    Threads share it. It is replaced as a whole, so whoever reads one keeps one moment.
    """

    def __init__(self):
        self._seen = None
        self._refreshing = threading.Lock()

    def sums(self):
        """Return the sums as they are stored now. Costs one query where nothing has changed.

        Raises UnsoundSums.
        """
        state = _stored_state()
        seen = self._seen
        if seen is None or seen.state != state:
            with self._refreshing:
                seen = self._seen
                if seen is None or seen.state != state:
                    seen = self._seen = _read(seen, state)
        if not seen.is_sound:
            raise UnsoundSums
        return seen


@dataclass(frozen=True, slots=True)
class StoredSums:
    """All sums at one moment. ``is_sound``: whether they add up to the checksum that was stored with them."""

    state: State
    gradients: "array[int]"
    exposures: "array[int]"
    checksum: int

    @property
    def is_sound(self):
        return self.checksum == self.state.checksum


SITE = Copy()


def opinion(features, *, now, copy=SITE, without=None):
    """Return what the site's decisions say of these words, or None where ``retrain`` has to be run first.

    ``features``: values by token, from ``words.site_features``. ``without``: the lesson on the comment with
    just these words, which is no witness for itself. Raises UnsoundSums.
    """
    sums = copy.sums()
    state = sums.state
    if state.tokens_version not in (0, words.TOKENS_VERSION):
        return None
    unit = lesson_sums.weight_at(now)
    damping = DAMPING * unit
    gradients, exposures = sums.gradients, sums.exposures
    own = lesson_sums.Sums()
    if without is not None:
        own.add(without, lesson_sums.values_by_bucket(features))
    spam_weight, good_weight = state.spam_weight - own.spam_weight, state.good_weight - own.good_weight
    step = STEP * DECIBANS_PER_NAT
    mean = (state.error - own.error) / (spam_weight + good_weight + MEAN_STRENGTH * unit)
    points = {}
    for (token, value), bucket in zip(features.items(), lesson_sums.buckets_of(features), strict=True):
        # Most words were never judged here, so that is asked first.
        if exposures[bucket] and (exposure := exposures[bucket] - own.exposures.get(bucket, 0)) > 0:
            surprise = gradients[bucket] - own.gradients.get(bucket, 0) - mean * exposure
            points[token] = step * value * surprise / (damping + BEND * value * exposure)
    total = math.fsum(points.values())
    if total < 0:
        spam = 1 + spam_weight / unit
        share = spam / (spam + SPAM_STRENGTH)
        total *= share
        points = {token: share * each for token, each in points.items()}
    return SiteOpinion(
        points=total,
        words=tuple(nlargest(SHOWN_WORDS, points.items(), key=lambda item: (abs(item[1]), item[0]))),
        spam=spam_weight / unit,
        good=good_weight / unit,
    )


def _stored_state():
    # Asked for each comment that is judged; to build the query takes Django several times as long as to ask.
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [learning.STATE_ID])
        row = cursor.fetchone()
    return State(*row) if row else State()


def _read(seen, state):
    """Return the sums of this state or a later one, from those seen before if they lead there.

    The checksum decides whether they do. They don't if the rows are not what this process once read: a
    backup was restored, a transaction rolled back, everything learned anew. Then all is read. Nor do they if
    somebody has learned between the two queries; then the state has changed too, and the rest is read.
    """
    for attempt in count(1):
        read = _read_since(seen, state)
        if read.is_sound:
            return read
        again = _stored_state()
        if again != state:
            # Now and then all is read: it may be both, other rows and somebody who learns without a pause.
            seen = read if attempt % 4 else None
        elif seen is not None:
            seen = None
        else:
            return read
        state = again


def _read_since(seen, state):
    """Return the sums that were seen, or none, with the rows that have changed since."""
    rows = LearnedWord.objects.values_list("bucket", "gradient", "exposure")
    if seen is None:
        gradients, exposures, checksum = (
            array("q", bytes(8 * lesson_sums.BUCKETS)),
            array("q", bytes(8 * lesson_sums.BUCKETS)),
            0,
        )
    else:
        gradients, exposures, checksum = seen.gradients[:], seen.exposures[:], seen.checksum
        rows = rows.filter(version__gt=seen.state.version)
    for bucket, gradient, exposure in rows.iterator():
        checksum += lesson_sums.checksum_of(
            bucket, gradient - gradients[bucket], exposure - exposures[bucket]
        )
        gradients[bucket], exposures[bucket] = gradient, exposure
    return StoredSums(state, gradients, exposures, checksum % lesson_sums.CHECKSUM_MODULUS)
