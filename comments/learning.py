"""What editors decide becomes weights of words: the site's own layer of the learner.

Each decision by a person is a lesson: its words move by what the judge got wrong. All that is kept are sums
over the lessons in force, as whole numbers. So a lesson can be taken back to the last digit, the order of
lessons does not matter, and ``retraining.py`` gets the same numbers from the decisions alone.

For a word (a bucket of words) and the lessons i with it, x the word's value in the comment, y 1 for spam and
0 for good, p the judge's probability without this layer, d the weight of the day:

    gradient = Σ d · (y − p) · x
    exposure = Σ d · x

Over all lessons there are Σ d · (y − p), the error, and Σ d of spam and of good ones. What this comes to
for a comment is for ``taught.py`` to say. docs/decisions/0019 tells why, and what else was measured.
"""

import math
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from .learned import LearnerState, Lesson
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


# The newest lessons of one email address, one commenter, one network that teach anything.
TEACHES_AT_MOST = 20
SOURCES = ("email", "commenter_id", "address")

# What does not count when a lesson asks how wrong the judge was: this layer's own word, and an opinion from
# outside, whose finding may come after the decision; ``retrain`` would then find another judge.
NOT_THE_JUDGE = ("site_words", "site_share", "akismet")


STATE_ID = 1
STATE_FIELDS = ("version", "checksum", "tokens_version", "spam_weight", "good_weight", "error")
CHECKSUM_MODULUS = 2**61 - 1


# The ORM can overwrite a row that is there already, but not add to it.
ADD = """
    INSERT INTO comments_learnedword AS word (bucket, gradient, exposure, version) VALUES (%s, %s, %s, %s)
    ON CONFLICT (bucket) DO UPDATE SET
        gradient = word.gradient + excluded.gradient,
        exposure = word.exposure + excluded.exposure,
        version = excluded.version
"""


# The arithmetic of one lesson


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


def sources_of(comment):
    """Return whom the limit counts this comment's lesson by; who gave nothing is nobody."""
    sources = {
        "email": comment.author_email.lower(),
        "commenter_id": comment.commenter_id,
        "address": comment.address,
    }
    return {field: value for field, value in sources.items() if value}


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


# Teaching


def lock():
    """Have the learner to oneself until the transaction ends.

    To be called before any comment's row is touched. Batches that decide on the same comments in different
    order would otherwise wait for each other for ever. An UPDATE locks in every database.
    """
    state = LearnerState.objects.filter(pk=STATE_ID)
    if not state.update(version=F("version")):
        LearnerState.objects.bulk_create([LearnerState(pk=STATE_ID)], ignore_conflicts=True)
        state.update(version=F("version"))


def teach(comment, decision):
    """Learn from a person's decision on a comment, in the decision's transaction, under ``lock()``.

    An earlier lesson of the comment is taken back. Approving and marking as spam are lessons; holding and
    trashing say nothing about the words. Nor do the system's own decisions: it would teach itself. Where
    the decision takes another back, the word before that one is in force again, as old as it is.
    """
    if decision.by_id is None:
        return
    word = decision if decision.undoes_id is None else comment.decisions.by_people().order_by("-pk").first()
    change = _Change.begin()
    if change is None:
        return
    before = Lesson.objects.filter(comment=comment).first()
    is_lesson = word is not None and word.to_status in (comment.Status.APPROVED, comment.Status.SPAM)
    if before is None and not is_lesson:
        return
    if before is not None:
        change.take_back(before, comment)
    if is_lesson:
        change.give(
            Lesson(
                decision=word,
                comment=comment,
                is_spam=word.to_status == comment.Status.SPAM,
                probability=probability_without_site(comment.findings.all()),
                # The newest of its writer and its network is within the limit; of an older one we shall see.
                weight=weight_at(word.decided_at) if word is decision else 0,
                decided_at=word.decided_at,
                **sources_of(comment),
            ),
            comment,
        )
    change.keep_the_limit(comment, unsure=[] if word is decision or not is_lesson else [word.pk])
    change.store()


@contextmanager
def rewriting(comment):
    """Keep the sums right while the HTML of a comment, and so perhaps its words, is made anew."""
    with transaction.atomic():
        lock()
        change = _Change.begin()
        lesson = Lesson.objects.filter(comment=comment).first()
        before = values_of(comment) if change and lesson else None
        yield
        if before is not None:
            change.sums.add(lesson, before, sign=-1)
            change.sums.add(lesson, values_of(comment))
            change.store()


@receiver(pre_delete, sender=Lesson)
def take_back_what_is_deleted(instance, **kwargs):
    """Unlearn a comment that is about to be deleted, while its text can still be read.

    A signal, since a lesson goes with its comment and a comment with its article: of a cascade no method of
    ours is told. Django sends it within the deletion's transaction and before the first row is touched.
    """
    lock()
    change = _Change.begin()
    # As it is now: until the lock was ours, somebody may have decided anew.
    lesson = Lesson.objects.select_related("comment").filter(pk=instance.pk).first()
    if change is None or lesson is None:
        return
    change.take_back(lesson, lesson.comment)
    change.keep_the_limit(lesson.comment)
    change.store()


class _Change:
    """What one decision changes: lessons at once, sums when all of it is known."""

    def __init__(self, state):
        self.state, self.sums, self._values = state, Sums(), {}

    @classmethod
    def begin(cls):
        """Return a change, or None where sums of another tokeniser wait for ``retrain``.

        That replays this decision too, so nothing is lost by leaving it out now.
        """
        state = LearnerState.objects.get(pk=STATE_ID)
        return cls(state) if state.tokens_version in (0, words.TOKENS_VERSION) else None

    def give(self, lesson, comment):
        lesson.save(force_insert=True)
        self._add(lesson, comment)

    def take_back(self, lesson, comment):
        self._add(lesson, comment, sign=-1)
        # Without the signal, which would take it back a second time.
        row = Lesson.objects.filter(pk=lesson.pk)
        row._raw_delete(using=row.db)

    def keep_the_limit(self, comment, *, unsure=()):
        """Let the newest lessons of this comment's writer and network teach, and no others.

        One lesson more or less moves at most one across the border with each of them: the one that is now
        the last within, or the first beyond. ``unsure``: keys of lessons that may be anywhere.
        """
        at_the_border = set(unsure)
        for field, value in sources_of(comment).items():
            newest = Lesson.objects.filter(**{field: value}).order_by("-pk")
            at_the_border.update(
                newest.values_list("pk", flat=True)[TEACHES_AT_MOST - 1 : TEACHES_AT_MOST + 1]
            )
        if not at_the_border:
            return
        moved = []
        lessons = Lesson.objects.filter(pk__in=at_the_border).select_related("comment")
        for lesson in lessons.annotate(**{f"last_by_{field}": _last_within(field) for field in SOURCES}):
            within = all(
                lesson.pk >= (getattr(lesson, f"last_by_{field}") or 0)
                for field in SOURCES
                if getattr(lesson, field)
            )
            weight = weight_at(lesson.decided_at) if within else 0
            if weight != lesson.weight:
                self._add(lesson, lesson.comment, sign=-1)
                lesson.weight = weight
                self._add(lesson, lesson.comment)
                moved.append(lesson)
        Lesson.objects.bulk_update(moved, ["weight"])

    def store(self):
        """Add what has changed to the stored sums. Whoever reads sees all of it or nothing."""
        sums, state = self.sums, self.state
        rows = [(*word, state.version + 1) for word in sums.words()]
        if not (rows or sums.spam_weight or sums.good_weight or sums.error):
            return
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(ADD, rows)
        state.version += 1
        state.checksum = (state.checksum + sums.checksum()) % CHECKSUM_MODULUS
        state.tokens_version = words.TOKENS_VERSION
        state.spam_weight += sums.spam_weight
        state.good_weight += sums.good_weight
        state.error += sums.error
        state.save(update_fields=STATE_FIELDS)

    def _add(self, lesson, comment, *, sign=1):
        if lesson.weight:
            if comment.pk not in self._values:
                self._values[comment.pk] = values_of(comment)
            self.sums.add(lesson, self._values[comment.pk], sign=sign)


def _last_within(field):
    """The last lesson within the limit of the same writer or network, where there are so many."""
    same = Lesson.objects.filter(**{field: OuterRef(field)}).order_by("-pk").values("pk")
    return Subquery(same[TEACHES_AT_MOST - 1 : TEACHES_AT_MOST])
