"""The arithmetic of lessons: words as numbered buckets, and sums over lessons in whole numbers.

``learning.py`` tells what is summed up, and why.
"""

import math
from collections import defaultdict
from datetime import UTC, datetime

from .markup import links_in, plain_text
from .moderation import words
from .moderation.background import numbers_of
from .moderation.pipeline import PRIOR

BUCKETS = 2**17

# Sums are whole numbers, so that what was added can be subtracted without a trace. In units of 1/SCALE, a
# million lessons of one word fill an eighth of a signed 64-bit column even at the greatest weight.
SCALE = 10**6

# A lesson weighs twice as much as one from HALF_LIFE_DAYS before. Growing weights need no job that lets the
# old ones fade. From 2066 on, after MOST_DOUBLINGS, all weigh the same; by then EPOCH is to be moved, and
# ``retrain`` run.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HALF_LIFE_DAYS = 730
MOST_DOUBLINGS = 20

# What does not count when a lesson asks how wrong the judge was: this layer's own word, and an opinion from
# outside, whose finding may come after the decision; ``retrain`` would then find another judge.
NOT_THE_JUDGE = ("site_words", "site_share", "akismet")

CHECKSUM_MODULUS = 2**61 - 1


def weight_at(moment):
    """Return how much a lesson of this moment weighs, in 1/SCALE; at least 1."""
    doublings = (moment - EPOCH).days / HALF_LIFE_DAYS
    return max(1, round(SCALE * 2 ** min(doublings, MOST_DOUBLINGS)))


def buckets_of(tokens):
    return [number % BUCKETS for number in numbers_of(tokens)]


def values_by_bucket(features):
    values = defaultdict(float)
    for bucket, value in zip(buckets_of(features), features.values(), strict=True):
        values[bucket] += value
    return values


def values_of(comment):
    """Return the values of a stored comment's words, by bucket."""
    return values_by_bucket(
        words.site_features(
            words.Writing(
                author_name=comment.author_name,
                author_url=comment.author_url,
                text=plain_text(comment.body_html),
                links=links_in(comment.body_html),
            )
        )
    )


def probability_without_site(findings):
    """Return the probability of spam that the rules here gave before this site's words were added."""
    findings = list(findings)
    if not findings:
        return 0.5
    log_odds = PRIOR + math.fsum(
        finding.points for finding in findings if finding.evaluated and finding.rule not in NOT_THE_JUDGE
    )
    return round(1 / (1 + 10 ** (-max(log_odds, -1000.0) / 10)), 4)


def checksum_of(bucket, gradient, exposure):
    """Return a word's part of the checksum. Parts add up, so one word's change is added without the rest."""
    key = pow((bucket + 1) * 0x9E3779B97F4A7C15 % CHECKSUM_MODULUS, 2, CHECKSUM_MODULUS)
    return (gradient * key + exposure * (key ^ 0x5DEECE66D)) % CHECKSUM_MODULUS


class Sums:
    """Lessons added up, or what is to be added to the sums that are stored."""

    def __init__(self):
        self.gradients, self.exposures = defaultdict(int), defaultdict(int)
        self.spam_weight = self.good_weight = self.error = 0

    def add(self, lesson, values, *, sign=1):
        """Add a lesson; with ``sign=-1`` take away exactly what it added."""
        weight, probability = lesson.weight, lesson.probability
        if not weight:
            return
        error = weight * (lesson.is_spam - probability)
        for bucket, value in values.items():
            self.gradients[bucket] += sign * round(error * value)
            self.exposures[bucket] += sign * round(weight * value)
        self.error += sign * round(error)
        if lesson.is_spam:
            self.spam_weight += sign * weight
        else:
            self.good_weight += sign * weight

    def words(self):
        """Yield bucket, gradient and exposure, without those that come to nothing."""
        for bucket, exposure in self.exposures.items():
            gradient = self.gradients[bucket]
            if gradient or exposure:
                yield bucket, gradient, exposure

    def checksum(self):
        return sum(checksum_of(*word) for word in self.words()) % CHECKSUM_MODULUS
