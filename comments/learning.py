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

from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from .decisions import Decision, Status
from .learned import KeptLessons, KeptWord, LearnerState, Lesson
from .lesson_sums import CHECKSUM_MODULUS, Sums, probability_without_site, values_of, weight_at
from .moderation import words

# The newest lessons of one email address, one commenter, one network that teach anything.
TEACHES_AT_MOST = 20
SOURCES = ("email", "commenter_id", "address")

STATE_ID = 1
STATE_FIELDS = ("version", "checksum", "tokens_version", "spam_weight", "good_weight", "error")


# The ORM can overwrite a row that is there already, but not add to it.
ADD = """
    INSERT INTO comments_learnedword AS word (bucket, gradient, exposure, version) VALUES {rows}
    ON CONFLICT (bucket) DO UPDATE SET
        gradient = word.gradient + excluded.gradient,
        exposure = word.exposure + excluded.exposure,
        version = excluded.version
"""
# A part of a compound: some of the lessons of one writer or network, from the newest on.
LOOK = """
    SELECT * FROM (
        SELECT {number} AS number, decision_id FROM comments_lesson WHERE {field} = %s
        ORDER BY decision_id DESC LIMIT %s OFFSET %s
    ) AS part_{number}"""
# Words added and writers looked at by one statement.
ADDED_AT_ONCE = 500
LOOKED_AT_ONCE = 200


def lock():
    """Have the learner to oneself until the transaction ends.

    To be called before any comment's row is touched. Batches that decide on the same comments in different
    order would otherwise wait for each other for ever. An UPDATE locks in every database.
    """
    state = LearnerState.objects.filter(pk=STATE_ID)
    if not state.update(version=F("version")):
        LearnerState.objects.bulk_create([LearnerState(pk=STATE_ID)], ignore_conflicts=True)
        state.update(version=F("version"))


def teach(decisions):
    """Learn from decisions of people, at most one on each comment, in their transaction, under ``lock()``.

    An earlier lesson of the comment is taken back. Approving and marking as spam are lessons; holding and
    trashing say nothing about the words. Nor do the system's own decisions: it would teach itself. Where
    a decision takes another back, the word before that one is in force again, as old as it is. Deletions
    and their undoing change nothing: what somebody said of the comment stays said.
    """
    said = [each for each in decisions if each.by_id is not None and not each.is_about_deletion]
    if not said:
        return
    change = _Change.begin()
    if change is None:
        return
    fresh = {each.comment_id: each for each in said if each.undoes_id is None}
    again = _words_in_force([each.comment_id for each in said if each.undoes_id is not None])
    words_now = {
        comment_id: word
        for comment_id, word in (fresh | again).items()
        if word.to_status in (Status.APPROVED, Status.SPAM)
    }
    change.take_back(Lesson.objects.filter(comment__in=[each.comment_id for each in said]))
    change.give(words_now, fresh=fresh)
    change.keep_the_limit()
    change.store()


def _words_in_force(comment_ids):
    """Return people's last words on comments, by comment; those that were taken back count no more."""
    words_said = Decision.objects.by_people().filter(comment__in=comment_ids)
    last = words_said.order_by().values("comment").annotate(last=Max("pk"))
    return {word.comment_id: word for word in words_said.filter(pk__in=[row["last"] for row in last])}


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
    if change is None:
        return
    # As it is now: until the lock was ours, somebody may have decided anew.
    change.take_back(Lesson.objects.filter(pk=instance.pk))
    change.keep_the_limit()
    change.store()


def keep(comment_ids):
    """Keep what comments have taught without the comments, which are about to be removed for good.

    Under ``lock()``, in the transaction that removes them. Their lessons become part of sums of which
    nobody can tell any more what they came from. Returns False, and does nothing, where sums of another
    tokeniser wait for ``retrain``.
    """
    change = _Change.begin()
    if change is None:
        return False
    kept, number = Sums(), 0
    for lesson in change.remove(Lesson.objects.filter(comment__in=comment_ids)):
        if lesson.weight:
            kept.add(lesson, change.values_of(lesson.comment_id))
            number += 1
    if number:
        _add_to_kept(kept, number)
    change.keep_the_limit()
    change.store()
    return True


def _add_to_kept(sums, number):
    rows = {bucket: KeptWord(bucket=bucket, gradient=g, exposure=e) for bucket, g, e in sums.words()}
    for before in KeptWord.objects.in_bulk(rows).values():
        rows[before.bucket].gradient += before.gradient
        rows[before.bucket].exposure += before.exposure
    KeptWord.objects.bulk_create(
        rows.values(),
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["bucket"],
        update_fields=["gradient", "exposure"],
    )
    kept, _new = KeptLessons.objects.get_or_create(pk=STATE_ID)
    kept.number += number
    kept.tokens_version = words.TOKENS_VERSION
    kept.spam_weight += sums.spam_weight
    kept.good_weight += sums.good_weight
    kept.error += sums.error
    kept.save()


class _Change:
    """What decisions change: lessons at once, sums when all of it is known."""

    def __init__(self, state):
        self.state, self.sums = state, Sums()
        self._comments, self._values = {}, {}
        # Lessons of the decisions of now, the newest there are, by decision; and those that may be anywhere.
        self._fresh, self._unsure = {}, set()
        # How many lessons more and fewer a source has, by field and value.
        self._more, self._fewer = Counter(), Counter()

    @classmethod
    def begin(cls):
        """Return a change, or None where sums of another tokeniser wait for ``retrain``.

        That replays these decisions too, so nothing is lost by leaving them out now.
        """
        state = LearnerState.objects.get(pk=STATE_ID)
        return cls(state) if state.tokens_version in (0, words.TOKENS_VERSION) else None

    def take_back(self, lessons):
        for lesson in self.remove(lessons):
            self._add(lesson, sign=-1)

    def remove(self, lessons):
        """Remove the rows of lessons, not what they came to; return them."""
        lessons = list(lessons)
        self._load([lesson.comment_id for lesson in lessons if lesson.weight])
        # Without the signal, which would take them back a second time.
        rows = Lesson.objects.filter(pk__in=[lesson.pk for lesson in lessons])
        if lessons:
            rows._raw_delete(using=rows.db)
        self._fewer.update(source for lesson in lessons for source in _sources_of_lesson(lesson))
        return lessons

    def give(self, words_now, *, fresh):
        """Add lessons. ``words_now``: decisions by comment. ``fresh``: those taken just now, by comment."""
        if not words_now:
            return
        self._load(words_now)
        findings = _findings_of(words_now)
        lessons = [
            Lesson(
                decision=word,
                comment_id=comment_id,
                is_spam=word.to_status == Status.SPAM,
                probability=probability_without_site(findings[comment_id]),
                weight=weight_at(word.decided_at) if comment_id in fresh else 0,
                decided_at=word.decided_at,
                **sources_of(self._comments[comment_id]),
            )
            for comment_id, word in words_now.items()
        ]
        Lesson.objects.bulk_create(lessons)
        for lesson in lessons:
            self._more.update(_sources_of_lesson(lesson))
            if lesson.comment_id in fresh:
                self._fresh[lesson.pk] = lesson
            else:
                self._unsure.add(lesson.pk)

    def keep_the_limit(self):
        """Let the newest lessons of each writer and network that this changes teach, and no others.

        So many lessons more or fewer move at most as many across the border: those are looked at.
        """
        ranks = self._ranks_at_the_border()
        # What was decided just now is newer than all else: only others of now can have pushed it out.
        moved = [lesson for pk, lesson in self._fresh.items() if ranks.get(pk, 0) >= TEACHES_AT_MOST]
        for lesson in moved:
            lesson.weight = 0
        within = [lesson for lesson in self._fresh.values() if lesson.weight]
        at_the_border = self._unsure.union(ranks).difference(self._fresh)
        lessons = Lesson.objects.filter(pk__in=at_the_border).annotate(
            **{f"last_by_{field}": _last_within(field) for field in SOURCES}
        )
        changed = []
        for lesson in lessons:
            is_within = all(
                lesson.pk >= (getattr(lesson, f"last_by_{field}") or 0)
                for field, _value in _sources_of_lesson(lesson)
            )
            weight = weight_at(lesson.decided_at) if is_within else 0
            if weight != lesson.weight:
                changed.append((lesson, weight))
        self._load([lesson.comment_id for lesson in [*within, *(lesson for lesson, _weight in changed)]])
        for lesson in within:
            self._add(lesson)
        for lesson, weight in changed:
            self._add(lesson, sign=-1)
            lesson.weight = weight
            self._add(lesson)
            moved.append(lesson)
        Lesson.objects.bulk_update(moved, ["weight"])

    def _ranks_at_the_border(self):
        """Return the worst rank, 0 for the newest, of each lesson that may have crossed a border."""
        looks = []
        for field, value in self._more.keys() | self._fewer.keys():
            start = max(0, TEACHES_AT_MOST - self._fewer[field, value])
            looks.append((field, value, start, TEACHES_AT_MOST + self._more[field, value] - start))
        ranks = {}
        for begin in range(0, len(looks), LOOKED_AT_ONCE):
            chunk = looks[begin : begin + LOOKED_AT_ONCE]
            sql = " UNION ALL ".join(
                LOOK.format(number=number, field=field) for number, (field, *_rest) in enumerate(chunk)
            )
            found = defaultdict(list)
            with connection.cursor() as cursor:
                cursor.execute(
                    sql, [each for _f, value, start, count in chunk for each in (value, count, start)]
                )
                for number, pk in cursor.fetchall():
                    found[number].append(pk)
            for number, pks in found.items():
                start = chunk[number][2]
                for rank, pk in enumerate(sorted(pks, reverse=True), start):
                    ranks[pk] = max(rank, ranks.get(pk, 0))
        return ranks

    def store(self):
        """Add what has changed to the stored sums. Whoever reads sees all of it or nothing."""
        sums, state = self.sums, self.state
        rows = [(*word, state.version + 1) for word in sums.words()]
        if not (rows or sums.spam_weight or sums.good_weight or sums.error):
            return
        for start in range(0, len(rows), ADDED_AT_ONCE):
            chunk = rows[start : start + ADDED_AT_ONCE]
            with connection.cursor() as cursor:
                cursor.execute(
                    ADD.format(rows=", ".join(["(%s, %s, %s, %s)"] * len(chunk))),
                    [number for row in chunk for number in row],
                )
        state.version += 1
        state.checksum = (state.checksum + sums.checksum()) % CHECKSUM_MODULUS
        state.tokens_version = words.TOKENS_VERSION
        state.spam_weight += sums.spam_weight
        state.good_weight += sums.good_weight
        state.error += sums.error
        state.save(update_fields=STATE_FIELDS)

    def values_of(self, comment_id):
        if comment_id not in self._values:
            self._values[comment_id] = values_of(self._comments[comment_id])
        return self._values[comment_id]

    def _load(self, comment_ids):
        """Fetch what lessons are made of."""
        from .models import Comment  # which knows this module in turn

        missing = [pk for pk in comment_ids if pk not in self._comments]
        if missing:
            comments = Comment.objects.only(
                "author_name", "author_url", "body_html", "author_email", "commenter", "address"
            )
            self._comments |= comments.in_bulk(missing)

    def _add(self, lesson, *, sign=1):
        if lesson.weight:
            self.sums.add(lesson, self.values_of(lesson.comment_id), sign=sign)


def sources_of(comment):
    """Return whom the limit counts this comment's lesson by; who gave nothing is nobody."""
    sources = {
        "email": comment.author_email.lower(),
        "commenter_id": comment.commenter_id,
        "address": comment.address,
    }
    return {field: value for field, value in sources.items() if value}


class _Said(NamedTuple):
    """What the probability needs of a finding."""

    rule: str
    points: float
    evaluated: bool


def _findings_of(comment_ids):
    """Return the findings on comments, by comment."""
    from .models import CommentFinding  # which knows this module in turn

    findings = defaultdict(list)
    rows = CommentFinding.objects.filter(comment__in=comment_ids).order_by()
    for comment_id, *said in rows.values_list("comment_id", "rule", "points", "evaluated"):
        findings[comment_id].append(_Said(*said))
    return findings


def _sources_of_lesson(lesson):
    """Return whom the limit counts a lesson by."""
    return [(field, value) for field in SOURCES if (value := getattr(lesson, field))]


def _last_within(field):
    """The last lesson within the limit of the same writer or network, where there are so many."""
    same = Lesson.objects.filter(**{field: OuterRef(field)}).order_by("-pk").values("pk")
    return Subquery(same[TEACHES_AT_MOST - 1 : TEACHES_AT_MOST])
