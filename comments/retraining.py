"""Make what the site has learned anew, from its decisions, and tell whether the numbers were right.

What comments taught that have been removed for good can't be made anew. Those sums are kept and added, as
long as words are read in the same way; after that they mean nothing, and are forgotten.
"""

from array import array
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max

from .learned import KeptLessons, KeptWord, LearnedWord, LearnerState, Lesson
from .learning import SOURCES, STATE_ID, TEACHES_AT_MOST, lock
from .lesson_sums import Sums, probability_without_site, values_of, weight_at
from .models import Comment, Decision
from .moderation import words

AT_ONCE = 500
LESSON_FIELDS = ("pk", "comment_id", "is_spam", "weight", "decided_at", *SOURCES)


class _Lesson(NamedTuple):
    """A lesson that the decisions ask for, in little memory; its probability stands beside it."""

    pk: int
    comment_id: int
    is_spam: bool
    weight: int
    decided_at: object
    email: str
    commenter_id: int | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Retrained:
    """Lessons and words before and after, and whether the decisions gave other numbers than were stored.

    ``kept``: the lessons of comments that are removed for good, which count too. ``forgotten``: those that
    no longer do, since words are read in another way.
    """

    lessons_before: int
    lessons: int
    words_before: int
    words: int
    kept: int
    forgotten: int
    changed: bool


def retrain(*, check=False, progress=lambda done, total: None):
    """Learn all decisions by people anew and store the result, or with ``check`` only compare.

    The lessons are added up before the lock is taken, so that the site runs on meanwhile. If somebody
    decides in that time they are added up once more, with the lock, and decisions wait.
    """
    version, lessons = _version(), _lessons_in_force()
    probabilities, sums = _add_up(lessons, progress)
    with transaction.atomic():
        lock()
        if (_version(), now_in_force := _lessons_in_force()) != (version, lessons):
            lessons = now_in_force
            probabilities, sums = _add_up(lessons, progress)
        stored_words = _stored_words()
        kept = _add_kept(sums)
        new_words = {bucket: numbers for bucket, *numbers in sums.words()}
        state = LearnerState.objects.get(pk=STATE_ID)
        result = Retrained(
            lessons_before=Lesson.objects.count(),
            lessons=len(lessons),
            words_before=len(stored_words),
            words=len(new_words),
            kept=kept.number if _is_readable(kept) else 0,
            forgotten=0 if _is_readable(kept) else kept.number,
            changed=not (
                stored_words == new_words
                and _says_the_same(state, sums)
                and _are_stored(lessons, probabilities)
            ),
        )
        if result.changed and not check:
            _store(state, lessons, probabilities, sums)
            if result.forgotten:
                KeptWord.objects.all().delete()
                KeptLessons.objects.all().delete()
    return result


def _version():
    return LearnerState.objects.filter(pk=STATE_ID).values_list("version", flat=True).first() or 0


def _lessons_in_force():
    """Return what people's last words on comments teach, newest first, by the rules of ``learning``."""
    last_words = Decision.objects.by_people().order_by().values("comment").annotate(last=Max("pk"))
    keys = sorted(last_words.values_list("last", flat=True), reverse=True)
    seen, lessons = Counter(), []
    for pk, comment_id, status, decided_at, email, commenter_id, address in _said(keys):
        email = email.lower()
        sources = [
            source for source in zip(SOURCES, (email, commenter_id, address), strict=True) if source[1]
        ]
        weight = 0 if any(seen[source] >= TEACHES_AT_MOST for source in sources) else weight_at(decided_at)
        seen.update(sources)
        is_spam = status == Comment.Status.SPAM
        lessons.append(_Lesson(pk, comment_id, is_spam, weight, decided_at, email, commenter_id, address))
    return lessons


def _said(keys):
    """Yield what decisions say of spam, in the order of their keys.

    In chunks, each found by its keys: as one query with the last words in it, a database that knows little of
    its tables may look for the last words anew for each decision.
    """
    said = Decision.objects.filter(to_status__in=[Comment.Status.APPROVED, Comment.Status.SPAM])
    rows = said.order_by("-pk").values_list(
        "pk",
        "comment_id",
        "to_status",
        "decided_at",
        "comment__author_email",
        "comment__commenter_id",
        "comment__address",
    )
    for start in range(0, len(keys), AT_ONCE):
        yield from rows.filter(pk__in=keys[start : start + AT_ONCE])


def _add_up(lessons, progress):
    """Return the lessons' probabilities, in their order, and the sums."""
    probabilities, sums = array("d"), Sums()
    for start in range(0, len(lessons), AT_ONCE):
        chunk = lessons[start : start + AT_ONCE]
        comments = Comment.objects.prefetch_related("findings").in_bulk([each.comment_id for each in chunk])
        for lesson in chunk:
            comment = comments.get(lesson.comment_id)
            # Deleted meanwhile; then there are other lessons in force, and all is added up once more.
            probability = probability_without_site(comment.findings.all()) if comment else 0.5
            probabilities.append(probability)
            if comment and lesson.weight:
                sums.add(_row(lesson, probability), values_of(comment))
        progress(len(probabilities), len(lessons))
    return probabilities, sums


def _add_kept(sums):
    """Add what is kept of comments that are removed for good; return its state."""
    kept = KeptLessons.objects.filter(pk=STATE_ID).first() or KeptLessons()
    if _is_readable(kept):
        for bucket, gradient, exposure in KeptWord.objects.values_list("bucket", "gradient", "exposure"):
            sums.gradients[bucket] += gradient
            sums.exposures[bucket] += exposure
        sums.spam_weight += kept.spam_weight
        sums.good_weight += kept.good_weight
        sums.error += kept.error
    return kept


def _is_readable(kept):
    return kept.tokens_version in (0, words.TOKENS_VERSION)


def _row(lesson, probability):
    return Lesson(probability=probability, **lesson._asdict())


def _stored_words():
    rows = LearnedWord.objects.values_list("bucket", "gradient", "exposure").iterator()
    return {bucket: [gradient, exposure] for bucket, gradient, exposure in rows if gradient or exposure}


def _says_the_same(state, sums):
    return (state.checksum, state.spam_weight, state.good_weight, state.error) == (
        sums.checksum(),
        sums.spam_weight,
        sums.good_weight,
        sums.error,
    ) and state.tokens_version in (0, words.TOKENS_VERSION)


def _are_stored(lessons, probabilities):
    if Lesson.objects.count() != len(lessons):
        return False
    stored = Lesson.objects.order_by("-pk").values_list(*LESSON_FIELDS, "probability").iterator()
    return all(
        row == (*lesson, probability)
        for row, lesson, probability in zip(stored, lessons, probabilities, strict=True)
    )


def _store(state, lessons, probabilities, sums):
    rows = Lesson.objects.all()
    # Without the signal, which would unlearn each.
    rows._raw_delete(using=rows.db)
    for start in range(0, len(lessons), AT_ONCE):
        end = start + AT_ONCE
        Lesson.objects.bulk_create(map(_row, lessons[start:end], probabilities[start:end]))
    LearnedWord.objects.all().delete()
    version = state.version + 1
    LearnedWord.objects.bulk_create(
        (
            LearnedWord(bucket=bucket, gradient=gradient, exposure=exposure, version=version)
            for bucket, gradient, exposure in sums.words()
        ),
        batch_size=5_000,
    )
    state.version = version
    state.checksum = sums.checksum()
    state.tokens_version = words.TOKENS_VERSION
    state.spam_weight, state.good_weight = sums.spam_weight, sums.good_weight
    state.error = sums.error
    state.save()
