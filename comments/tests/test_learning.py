import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from comments import learning, lesson_sums, retraining, taught
from comments.learned import LearnedWord, LearnerState, Lesson
from comments.learning import TEACHES_AT_MOST
from comments.lesson_sums import BUCKETS, EPOCH, SCALE, weight_at
from comments.models import Comment, Decision, InvalidTransition
from comments.moderation import words
from comments.moderation.pipeline import PRIOR
from comments.retraining import retrain
from comments.taught import Copy, UnsoundSums, opinion
from comments.visitors import new_commenter
from tests.factories import make_article, make_comment, make_moderator

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def limit_of_three(monkeypatch):
    for module in (learning, retraining):
        monkeypatch.setattr(module, "TEACHES_AT_MOST", 3)


@pytest.fixture
def one_token(monkeypatch):
    """Comments whose only token is their text, so that sums can be worked out by hand."""
    monkeypatch.setattr(words, "site_features", lambda writing: {writing.text: 1.0})


def waiting(article, **fields):
    return make_comment(article, **{"status": "pending"} | fields)


def tables():
    """All that is learned, apart from how often: what must be the same whichever way it came about."""
    return (
        list(Lesson.objects.order_by("pk").values()),
        {
            row.bucket: (row.gradient, row.exposure)
            for row in LearnedWord.objects.all()
            if row.gradient or row.exposure
        },
        LearnerState.objects.values("checksum", "spam_weight", "good_weight").first()
        or {"checksum": 0, "spam_weight": 0, "good_weight": 0},
    )


def tables_made_anew():
    """The same, after all of it was thrown away and made from the decisions alone."""
    rows = Lesson.objects.all()
    rows._raw_delete(using=rows.db)
    LearnedWord.objects.all().delete()
    LearnerState.objects.update(checksum=1, spam_weight=0, good_weight=0)
    assert retrain().changed or not Decision.objects.filter(by__isnull=False).exists()
    return tables()


def points_of(word, *, copy=None, now=NOW):
    return opinion({word: 1.0}, now=now, copy=copy or Copy()).points


# One lesson


@pytest.mark.parametrize(
    ("move", "gradient", "spam", "good"),
    [("mark_spam", 750_000, SCALE, 0), ("approve", -250_000, 0, SCALE)],
)
def test_decision_moves_the_words_by_what_the_judge_got_wrong(
    article, ana, one_token, monkeypatch, move, gradient, spam, good
):
    for module in (learning, lesson_sums):
        monkeypatch.setattr(module, "weight_at", lambda moment: SCALE)
    comment = waiting(article, body="orchid")
    # A quarter: a third as likely as not.
    comment.findings.create(rule="link_count", points=-4.7712 - PRIOR, detail="")
    getattr(comment, move)(by=ana)
    word = LearnedWord.objects.get()
    (bucket,) = lesson_sums.buckets_of(["orchid"])
    assert (word.bucket, word.gradient, word.exposure) == (bucket, gradient, SCALE)
    state = LearnerState.objects.get()
    assert (state.spam_weight, state.good_weight, state.error) == (spam, good, gradient)
    # 0.35 · (gradient − mean · exposure) / (0.1 + 0.12 · exposure), in decibans; where it speaks for a
    # writer, 1 / (1 + 5) of it, as long as nothing was spam.
    share = 1 if gradient > 0 else 1 / 6
    mean = gradient / (SCALE + taught.MEAN_STRENGTH * SCALE)
    expected = share * 0.35 * (gradient - mean * SCALE) / (100_000 + 120_000) * 4.342944819
    assert points_of("orchid") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("findings", "probability"),
    [
        ([], 0.5),
        ([("link_count", 10.0 - PRIOR, True)], 0.9091),
        ([("link_count", 10.0 - PRIOR, True), ("site_words", 15.0, True)], 0.9091),
        ([("link_count", 10.0 - PRIOR, True), ("site_share", 15.0, True)], 0.9091),
        ([("link_count", 10.0 - PRIOR, True), ("akismet", 15.0, True)], 0.9091),
        ([("link_count", 10.0 - PRIOR, True), ("relevance", 0.0, False)], 0.9091),
        ([("link_count", 12.0 - PRIOR, True), ("website", -2.0, True)], 0.9091),
        ([("honeypot", 10_000.0, True)], 1.0),
        ([("staff", -10_000.0, True)], 0.0),
    ],
)
def test_lesson_keeps_what_the_judge_said_without_this_sites_words(article, ana, findings, probability):
    comment = waiting(article)
    for rule, points, evaluated in findings:
        comment.findings.create(rule=rule, points=points, detail="", evaluated=evaluated)
    comment.mark_spam(by=ana)
    assert Lesson.objects.get().probability == probability


def test_system_teaches_nothing_and_takes_no_lesson_away(article, ana):
    waiting(article).mark_spam(by=None)
    assert not Lesson.objects.exists()
    comment = waiting(article)
    comment.approve(by=ana)
    before = tables()
    comment.mark_spam(by=None)
    assert tables() == before == tables_made_anew()


def test_decision_that_is_rolled_back_has_taught_nothing(article, ana):
    waiting(article).mark_spam(by=ana)
    before, copy = tables(), Copy()
    comment = waiting(article, body="orchid")
    with pytest.raises(RuntimeError), transaction.atomic():
        comment.mark_spam(by=ana)
        assert points_of("orchid", copy=copy) > 0
        raise RuntimeError
    assert tables() == before
    assert points_of("orchid", copy=copy) == 0


def test_decision_that_comes_too_late_teaches_nothing(article, ana):
    comment = waiting(article)
    stale = Comment.objects.get(pk=comment.pk)
    comment.approve(by=ana)
    before = tables()
    with pytest.raises(InvalidTransition):
        stale.mark_spam(by=ana)
    assert tables() == before


def test_what_is_stored_is_learned_whatever_the_object_at_hand_says(article, ana):
    comment = waiting(article, body="orchid")
    comment.author_name = comment.author_email = "Somebody else"
    comment.address, comment.commenter = "192.0.2.0", new_commenter()
    comment.body_html = "<p>pills</p>"
    comment.approve(by=ana)
    assert points_of("orchid") < 0 and points_of("pills") == 0
    assert not retrain(check=True).changed


@pytest.mark.parametrize(
    ("moves", "same_as"),
    [
        (["approve", "hold"], []),
        (["mark_spam", "hold"], []),
        (["approve", "trash"], []),
        (["mark_spam", "trash"], []),
        (["mark_spam", "restore"], []),
        (["approve", "mark_spam", "hold"], []),
        (["trash", "restore"], []),
        (["approve", "mark_spam", "restore"], ["approve"]),
        (["approve", "trash", "restore"], ["approve"]),
        (["approve", "mark_spam"], ["mark_spam"]),
        (["mark_spam", "approve"], ["approve"]),
    ],
)
def test_what_is_undone_leaves_no_trace(article, ana, monkeypatch, moves, same_as):
    monkeypatch.setattr(learning, "weight_at", lambda moment: SCALE)
    monkeypatch.setattr(retraining, "weight_at", lambda moment: SCALE)
    waiting(article).mark_spam(by=ana)
    comment = waiting(article)
    for move in same_as:
        getattr(comment, move)(by=ana)
    _lessons, *expected = tables()
    Comment.objects.filter(pk=comment.pk).delete()
    comment = waiting(article, author_name=comment.author_name, body=comment.body)
    Comment.objects.filter(pk=comment.pk).update(author_email=comment.author_email)
    for move in moves:
        getattr(comment, move)(by=ana)
    _lessons, *found = tables()
    assert found == expected
    assert tables_made_anew()[1:] == tuple(expected)


@pytest.mark.parametrize("seed", range(4))
def test_any_history_is_learned_as_its_decisions_alone_would_be(ana, limit_of_three, seed):
    """Few writers and networks, so that the limit is crossed all the time, in both directions."""
    chance = random.Random(seed)
    articles = [make_article() for _number in range(3)]
    commenters = [new_commenter(), new_commenter(), None]

    def write(article):
        comment = waiting(
            article,
            author_email=chance.choice(["a@example.org", "A@Example.org", "b@example.org", ""]),
            commenter=chance.choice(commenters),
            address=chance.choice(["203.0.113.0", "198.51.100.0", "2001:db8::", None]),
            body=" ".join(chance.choices(["orchid", "pills", "heat", "pad", "casino", "knees"], k=5)),
        )
        comment.findings.create(rule="link_count", points=chance.uniform(-20, 20), detail="")

    for article in articles * 16:
        write(article)
    crossed = 0
    for step in range(200):
        comment = chance.choice(Comment.objects.order_by("pk"))
        match chance.choice(["approve", "mark_spam"] * 4 + ["hold", "trash", "restore", "system", "delete"]):
            case "delete" if step % 3 == 0:
                Comment.objects.filter(pk__in=[comment.pk, comment.pk + 1]).delete()
            case "delete":
                comment.delete()
            case "system":
                if comment.status != "pending":
                    comment.hold(by=None)
            case move:
                try:
                    getattr(comment, move)(by=ana)
                except InvalidTransition:
                    continue
        crossed += Lesson.objects.filter(weight=0).exists()
    articles[0].delete()
    found = tables()
    assert crossed > 50 and found[0]
    assert not retrain(check=True).changed
    assert tables_made_anew() == found


def test_comment_made_anew_by_another_sanitiser_is_unlearned_as_it_was(article, ana, monkeypatch):
    comment = waiting(article, body="orchid <b>pills</b>")
    comment.approve(by=ana)
    untaught = waiting(article)
    monkeypatch.setattr("comments.models.sanitize", lambda source: "<p>orchid</p>")
    comment.resanitize()
    untaught.resanitize()
    assert points_of("orchid") < 0 and points_of("pills") == 0
    assert tables() == tables_made_anew()
    comment.hold(by=ana)
    assert not tables()[1]


def test_deleting_an_article_forgets_what_its_comments_taught(ana):
    kept, gone = make_article(), make_article()
    waiting(kept).approve(by=ana)
    before = tables()
    for number in range(6):
        getattr(waiting(gone), ["approve", "mark_spam"][number % 2])(by=ana)
    assert tables() != before
    gone.delete()
    assert tables() == before


# The limit


@pytest.mark.parametrize(
    "same",
    [
        {"author_email": "Ana@Example.org"},
        {"commenter": "one and the same"},
        {"address": "203.0.113.0"},
    ],
    ids=lambda same: next(iter(same)),
)
def test_newest_lessons_of_one_writer_or_network_teach_and_no_others(article, ana, same):
    if "commenter" in same:
        same = {"commenter": new_commenter()}
    comments = [waiting(article, **same) for _number in range(TEACHES_AT_MOST + 5)]
    for comment in comments:
        comment.approve(by=ana)
    teaching = Lesson.objects.filter(weight__gt=0)
    assert set(teaching.values_list("comment", flat=True)) == {each.pk for each in comments[5:]}
    assert LearnerState.objects.get().good_weight == sum(teaching.values_list("weight", flat=True))
    # Where one is taken back, the one before comes in; the newest word on an old comment is the newest word.
    comments[-1].hold(by=ana)
    comments[0].mark_spam(by=ana)
    expected = {each.pk for each in [*comments[5:-1], comments[0]]}
    assert set(teaching.values_list("comment", flat=True)) == expected
    comments[0].delete()
    assert set(teaching.values_list("comment", flat=True)) == {each.pk for each in comments[4:-1]}
    assert tables() == tables_made_anew()


def test_email_addresses_are_one_in_whatever_case(article, ana, limit_of_three):
    for email in ["a@example.org", "A@example.org", "a@Example.org", "A@EXAMPLE.ORG"]:
        waiting(article, author_email=email).approve(by=ana)
    assert Lesson.objects.filter(weight=0).count() == 1


def test_writers_of_whom_nothing_is_known_are_not_one_writer(article, ana, limit_of_three):
    for _number in range(5):
        waiting(article, author_email="", address=None, commenter=None).approve(by=ana)
    assert not Lesson.objects.filter(weight=0).exists()
    assert tables() == tables_made_anew()


# The word's value x in the attacker's comments (1 / √words), its value y in the comment that is judged, and
# by how many decibans 10,000 lessons of one network can move it at most:
# 0.35 · 12 x y / (0.1 + 20 · 0.12 x y) · 10 / ln 10; 12 of 20, since of 50 lessons, 30 of them imagined, as
# many were wrong, and that much is the mean.
POISON = [
    # alone in both; alone, in a comment of 25 words, of 100
    (1.0, {1.0: 7.30, 0.2: 6.29, 0.1: 5.36}),
    # of ten words
    (0.1**0.5, {1.0: 6.71, 0.2: 4.58, 0.1: 3.28}),
    # of a hundred
    (0.1, {1.0: 5.36, 0.2: 2.46, 0.1: 1.47}),
]


def test_ten_thousand_comments_of_one_network_move_a_word_no_more_than_twenty_do(article, ana, monkeypatch):
    """At worst: an editor approved every one, all have the word, and the judge was sure of spam each time.

    And spam enough has been seen for all of it to count.
    """
    monkeypatch.setattr(taught, "SPAM_STRENGTH", 0)
    for module in (learning, lesson_sums, retraining):
        monkeypatch.setattr(module, "weight_at", lambda moment: SCALE)
    monkeypatch.setattr(retraining, "probability_without_site", lambda findings: 1.0)
    number = 10_000
    Comment.objects.bulk_create(
        Comment(
            article=article,
            author_name="Attacker",
            author_email=f"{each}@example.org",
            body="orchid",
            body_html="<p>orchid</p>",
            address="203.0.113.0",
            status="approved",
        )
        for each in range(number)
    )
    Decision.objects.bulk_create(
        Decision(comment_id=pk, from_status="pending", to_status="approved", by=ana)
        for pk in Comment.objects.values_list("pk", flat=True)
    )
    copy = Copy()
    for share, expected in POISON:
        monkeypatch.setattr(words, "site_features", lambda _writing, share=share: {"orchid": share})
        retrain()
        moved = {value: opinion({"orchid": value}, now=NOW, copy=copy).points for value in expected}
        assert {value: -points for value, points in moved.items()} == pytest.approx(expected, abs=0.01)
    assert Lesson.objects.count() == number
    assert Lesson.objects.filter(weight__gt=0).count() == TEACHES_AT_MOST


# Time


def test_older_decision_weighs_half_after_the_half_life(article, ana):
    half_life = timedelta(days=lesson_sums.HALF_LIFE_DAYS)
    assert weight_at(EPOCH) == SCALE
    assert weight_at(EPOCH + half_life) == 2 * SCALE
    assert weight_at(EPOCH + timedelta(hours=23)) == SCALE
    for body, decided_at in [("orchid", NOW - half_life), ("pills", NOW)]:
        comment = waiting(article, body=body)
        Decision.objects.create(
            comment=comment, from_status="pending", to_status="spam", by=ana, decided_at=decided_at
        )
    retrain()
    old, new = Lesson.objects.order_by("decided_at")
    assert new.weight == pytest.approx(2 * old.weight, abs=1)
    assert points_of("orchid") < points_of("pills")
    # What is not confirmed fades away.
    assert points_of("pills", now=NOW + 10 * half_life) < points_of("pills") / 50
    assert opinion({}, now=NOW, copy=Copy()).spam == pytest.approx(1.5)


def test_day_of_any_decision_has_a_weight_that_fits():
    assert weight_at(datetime(1970, 1, 1, tzinfo=UTC)) >= 1
    assert weight_at(datetime(2066, 1, 1, tzinfo=UTC)) == pytest.approx(2**20 * SCALE, rel=0.001)
    greatest = weight_at(datetime(9999, 1, 1, tzinfo=UTC))
    assert greatest * 10**6 < 2**63 / 8


def test_shares_of_spam_and_good_are_known_for_the_prior(article, ana):
    assert (opinion({}, now=NOW).spam, opinion({}, now=NOW).good) == (0, 0)
    for move in ["approve", "approve", "approve", "mark_spam"]:
        getattr(waiting(article), move)(by=ana)
    told = opinion({}, now=Decision.objects.first().decided_at, copy=Copy())
    assert (told.spam, told.good) == pytest.approx((1, 3))


# The words


def test_opinion_names_the_words_that_weigh_most(article, ana, one_token, monkeypatch):
    for body in ["mild", "orchid", "orchid", *"abcdef"]:
        waiting(article, body=body).approve(by=ana)
    for _number in range(3):
        waiting(article, body="pills").mark_spam(by=ana)
    values = {"pills": 0.5, "orchid": 0.5, "unheard": 0.5, "mild": 0.1, **dict.fromkeys("abcdef", 0.3)}
    told = opinion(values, now=NOW)
    assert [word for word, _points in told.words[:2]] == ["pills", "orchid"]
    assert told.words[0][1] > 0 > told.words[1][1]
    assert len(told.words) == 6
    assert "unheard" not in dict(told.words) and "mild" not in dict(told.words)
    # Each token's own, as far as it counts: half and less while there is little spam to compare with.
    share = (1 + told.spam) / (1 + told.spam + taught.SPAM_STRENGTH)
    monkeypatch.setattr(taught, "SPAM_STRENGTH", 0)
    alone = sum(opinion({word: value}, now=NOW).points for word, value in values.items())
    assert alone < 0
    assert told.points == pytest.approx(share * alone)


def test_odd_signs_fall_into_some_bucket():
    for token in ["", "\ud800", "\x00", "🧘", "ص"]:
        assert 0 <= lesson_sums.buckets_of([token])[0] < BUCKETS


# What other processes see


def test_other_process_is_fresh_at_its_next_judging(article, ana):
    other = Copy()
    assert points_of("orchid", copy=other) == 0
    comment = waiting(article, body="orchid")
    comment.mark_spam(by=ana)
    assert points_of("orchid", copy=other) > 0
    comment.approve(by=ana)
    assert points_of("orchid", copy=other) < 0
    comment.hold(by=ana)
    assert points_of("orchid", copy=other) == 0
    assert opinion({}, now=NOW, copy=other).good == 0


def test_only_what_is_new_is_read(article, ana, one_token, monkeypatch):
    other = Copy()
    waiting(article, body="orchid").mark_spam(by=ana)
    points_of("orchid", copy=other)
    read = []
    real = taught._read_since
    monkeypatch.setattr(taught, "_read_since", lambda seen, state: read.append(seen) or real(seen, state))
    waiting(article, body="pills").mark_spam(by=ana)
    LearnedWord.objects.filter(bucket=lesson_sums.buckets_of(["orchid"])[0]).update(gradient=0)
    assert points_of("pills", copy=other) > 0
    # Had all been read, the change behind the learner's back would have been noticed.
    assert points_of("orchid", copy=other) > 0
    assert len(read) == 1 and read[0] is not None


def test_who_reads_one_moment_keeps_it(article, ana):
    """Another thread brings the copy up to date while this one is at its words."""
    copy = Copy()
    waiting(article, body="orchid").mark_spam(by=ana)
    mine = copy.sums()
    before = mine.gradients[:], mine.exposures[:]
    waiting(article, body="orchid").mark_spam(by=ana)
    assert copy.sums() is not mine
    assert (mine.gradients, mine.exposures) == before


def dump():
    return [
        list(model.objects.order_by("pk").values()) for model in (Comment, Decision, Lesson, LearnedWord)
    ], LearnerState.objects.values().get()


def put_back(backup):
    (comments, decisions, lessons, learned), state = backup
    rows = Lesson.objects.all()
    rows._raw_delete(using=rows.db)
    Comment.objects.all().delete()
    LearnedWord.objects.all().delete()
    for model, rows in [
        (Comment, comments),
        (Decision, decisions),
        (Lesson, lessons),
        (LearnedWord, learned),
    ]:
        model.objects.bulk_create(model(**row) for row in rows)
    LearnerState.objects.update(**state)


@pytest.mark.parametrize("lessons_since", [0, 1, 2, 3, 5])
def test_backup_that_was_put_back_is_noticed_however_much_was_learned_since(article, ana, lessons_since):
    """With two, the version is the one that the other process knows, and with more it is a greater one."""
    other = Copy()
    waiting(article, body="orchid").mark_spam(by=ana)
    backup = dump()
    for _number in range(2):
        waiting(article, body="pills").mark_spam(by=ana)
    assert points_of("pills", copy=other) > 0
    put_back(backup)
    for number in range(lessons_since):
        waiting(article, body=f"knees{number}").approve(by=ana)
    assert points_of("pills", copy=other) == 0
    assert points_of("orchid", copy=other) == points_of("orchid") > 0
    for number in range(lessons_since):
        assert points_of(f"knees{number}", copy=other) == points_of(f"knees{number}") < 0


def test_what_was_made_anew_is_seen_too(article, ana):
    other = Copy()
    comment = waiting(article, body="orchid")
    comment.mark_spam(by=ana)
    assert points_of("orchid", copy=other) > 0
    # A decision that goes behind the model's back, and a row that is no longer there.
    Decision.objects.create(comment=comment, from_status="spam", to_status="trash", by=ana)
    retrain()
    assert points_of("orchid", copy=other) == 0


def test_lesson_learned_between_two_queries_is_seen_whole(article, ana, monkeypatch):
    copy, real = Copy(), taught._read_since
    to_come = [waiting(article, body=f"orchid {word}") for word in ["pills", "heat", "knees"]]
    to_come[0].mark_spam(by=ana)
    assert points_of("orchid", copy=copy) > 0
    to_come[1].mark_spam(by=ana)

    looks = []

    def read_late(seen, state):
        looks.append(seen)
        if len(to_come) == 3:
            to_come.pop().mark_spam(by=ana)
        return real(seen, state)

    monkeypatch.setattr(taught, "_read_since", read_late)
    seen = copy.sums()
    assert tuple(seen.state) == LearnerState.objects.values_list(*learning.STATE_FIELDS).get()
    assert len(looks) == 2 and None not in looks
    assert points_of("knees", copy=copy) == points_of("knees") > 0


def test_somebody_who_learns_without_a_pause_does_not_keep_a_stale_process_from_reading(
    article, ana, monkeypatch
):
    """Its copy is of another history, and only the look after all was read comes without a new lesson."""
    copy, real = Copy(), taught._read_since
    waiting(article).mark_spam(by=ana)
    copy.sums()
    copy._seen.gradients[7] += 1
    object.__setattr__(copy._seen, "checksum", 7)
    waiting(article).mark_spam(by=ana)
    looks = []

    def read_late(seen, state):
        assert len(looks) < 20, "it never ends"
        if not looks or looks[-1] is not None:
            waiting(article).mark_spam(by=ana)
        looks.append(seen)
        return real(seen, state)

    monkeypatch.setattr(taught, "_read_since", read_late)
    found = copy.sums()
    monkeypatch.undo()
    assert found.is_sound and found.gradients == Copy().sums().gradients


def test_words_of_another_tokeniser_are_neither_used_nor_added_to(article, ana, monkeypatch):
    comment = waiting(article, body="orchid")
    comment.mark_spam(by=ana)
    before = tables()
    monkeypatch.setattr(words, "TOKENS_VERSION", words.TOKENS_VERSION + 1)
    assert opinion({"orchid": 1.0}, now=NOW) is None
    waiting(article, body="pills").mark_spam(by=ana)
    comment.resanitize()
    assert tables() == before
    comment.approve(by=ana)
    waiting(article).approve(by=ana)
    Comment.objects.last().delete()
    assert retrain().changed
    assert points_of("pills") > 0 > points_of("orchid")
    assert tables() == tables_made_anew()


def test_sums_that_were_changed_by_hand_are_refused_until_they_are_made_anew(article, ana):
    waiting(article, body="orchid").mark_spam(by=ana)
    copy = Copy()
    LearnedWord.objects.filter(bucket=lesson_sums.buckets_of(["orchid"])[0]).update(gradient=10**9)
    for _again in range(2):
        with pytest.raises(UnsoundSums, match="retrain makes it anew"):
            opinion({"orchid": 1.0}, now=NOW, copy=copy)
    assert retrain().changed
    assert 0 < points_of("orchid", copy=copy) < 20


# Costs


def test_opinion_costs_one_query_where_nothing_has_changed(article, ana, django_assert_num_queries):
    copy = Copy()
    with django_assert_num_queries(2):
        points_of("orchid", copy=copy)
    with django_assert_num_queries(1):
        points_of("orchid", copy=copy)
    waiting(article, body="orchid").mark_spam(by=ana)
    with django_assert_num_queries(2):
        points_of("orchid", copy=copy)
    with django_assert_num_queries(1):
        points_of("orchid", copy=copy)


def test_lesson_costs_few_queries_however_many_there_are(article, ana, django_assert_max_num_queries):
    same = {"author_email": "a@example.org", "address": "203.0.113.0", "commenter": new_commenter()}
    long = " ".join(f"word{number}" for number in range(400))
    for _number in range(TEACHES_AT_MOST + 2):
        waiting(article, **same, body=long).mark_spam(by=ana)
    comment = waiting(article, **same, body=long)
    learning.lock()
    for status in ["spam", "approved", "pending"]:
        decision = comment.decisions.create(from_status="pending", to_status=status, by=ana)
        # The state; the old lesson, its end; findings, the new one; three borders, who stands there, their
        # weights; the words, the state.
        with django_assert_max_num_queries(12):
            learning.teach([decision])


def test_process_keeps_less_than_four_megabytes(article, ana):
    waiting(article).mark_spam(by=ana)
    sums = Copy().sums()
    assert sum(len(each) * each.itemsize for each in (sums.gradients, sums.exposures)) < 4 * 2**20


def test_store_cannot_grow_without_bound(article, ana):
    for number in range(3):
        waiting(article, body=" ".join(f"w{number}x{each}" for each in range(400))).approve(by=ana)
    assert LearnedWord.objects.order_by("bucket").last().bucket < BUCKETS


# Everything anew


def run_retrain(*options):
    output = StringIO()
    call_command("retrain", *options, stdout=output)
    return output.getvalue()


def test_retrain_says_what_it_found_and_check_changes_nothing(article, ana):
    assert "The numbers are the same." in run_retrain("--check")
    waiting(article, body="orchid").mark_spam(by=ana)
    assert "lessons: 1 before, 1 after" in run_retrain("--check")
    right = tables()
    LearnerState.objects.update(spam_weight=7)
    wrong = tables()
    with pytest.raises(CommandError) as error:
        run_retrain("--check")
    assert error.value.returncode == 1
    assert tables() == wrong
    assert "The numbers have changed." in run_retrain("--verbosity=2")
    assert tables() == right
    assert "The numbers are the same." in run_retrain()


@pytest.mark.parametrize("wrong", [{"probability": 0.7}, {"weight": 0}, {"is_spam": False}, {"email": "x"}])
def test_retrain_notices_a_wrong_lesson(article, ana, wrong):
    waiting(article).mark_spam(by=ana)
    Lesson.objects.update(**wrong)
    assert retrain(check=True).changed


def test_retrain_learns_what_was_decided_before_there_was_a_learner(article, ana):
    comment = waiting(article, body="orchid", status="spam")
    Decision.objects.create(comment=comment, from_status="pending", to_status="spam", by=ana)
    result = retrain()
    assert (result.lessons_before, result.lessons, result.changed) == (0, 1, True)
    assert points_of("orchid") > 0


@pytest.mark.parametrize("meanwhile", ["decide", "delete", "resanitize"])
def test_what_happens_while_lessons_are_added_up_is_not_lost(article, ana, monkeypatch, meanwhile):
    first, second = waiting(article, body="orchid"), waiting(article, body="pills")
    first.mark_spam(by=ana)
    LearnerState.objects.update(spam_weight=7)
    to_do = [meanwhile]

    def interrupt(done, total):
        match to_do and to_do.pop():
            case "decide":
                second.approve(by=ana)
            case "delete":
                first.delete()
            case "resanitize":
                monkeypatch.setattr("comments.models.sanitize", lambda source: "<p>knees</p>")
                first.resanitize()

    assert retrain(progress=interrupt).changed
    assert not to_do
    assert not retrain(check=True).changed
    assert tables() == tables_made_anew()


def test_demonstration_content_has_taught_what_its_decisions_say():
    call_command("seed_demo", stdout=StringIO())
    assert Lesson.objects.exists()
    assert not retrain(check=True).changed


# Many at once


def in_threads(work, number=10):
    """Run ``work(index)`` in so many threads that start at one moment; raise what any of them raised."""
    together = Barrier(number)

    def run(index):
        try:
            together.wait(30)
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def move_if_possible(pk, move, by):
    try:
        getattr(Comment.objects.get(pk=pk), move)(by=by)
    except InvalidTransition:
        return 0
    return 1


@pytest.mark.django_db(transaction=True)
def test_ten_who_decide_at_once_lose_nothing():
    article, ana = make_article(), make_moderator("ana")
    comments = [waiting(article, body=f"orchid knees w{number}").pk for number in range(60)]

    def decide(index):
        return sum(
            move_if_possible(pk, ["approve", "mark_spam"][index % 2], ana) for pk in comments[index % 5 :: 5]
        )

    made = sum(in_threads(decide))
    assert Decision.objects.count() == made >= len(comments)
    assert Lesson.objects.count() == len(comments)
    # Every lesson raised the version by one.
    assert LearnerState.objects.get().version == made
    assert tables() == tables_made_anew()


@pytest.mark.django_db(transaction=True)
def test_batches_over_the_same_comments_in_any_order_neither_block_nor_lose():
    article, ana = make_article(), make_moderator("ana")
    other = make_article()
    comments = [waiting(article, body=f"orchid w{number}").pk for number in range(12)]
    for _number in range(3):
        waiting(other).approve(by=ana)
    copy, all_seen = Copy(), []

    def decide(index):
        if index == 9:
            # And one who judges all the while, with what is whole at each moment.
            for _number in range(30):
                seen = copy.sums()
                all_seen.append(seen.is_sound)
            other.delete()
            return 0
        mine = comments[:]
        random.Random(index).shuffle(mine)
        with transaction.atomic():
            return sum(move_if_possible(pk, ["approve", "mark_spam", "trash"][index % 3], ana) for pk in mine)

    made = sum(in_threads(decide))
    assert all(all_seen) and len(all_seen) == 30
    assert Decision.objects.count() == made
    found = tables()
    assert copy.sums().gradients == Copy().sums().gradients
    assert found == tables_made_anew()
