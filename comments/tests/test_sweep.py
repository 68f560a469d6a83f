"""The sweep by itself: what makes it due, in which order it looks, who may be at it, and what it writes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comments import echoes, facts, intake, second_look, sweeping, taught
from comments.facts import text_digest
from comments.markup import plain_text
from comments.models import BlocklistEntry, Comment, Lesson, LookFirst, SecondLook, SweepState
from comments.moderation.pipeline import HOLD_AT, PRIOR, SPAM_AT
from comments.moderation.types import Finding, Outcome
from comments.second_look import rejudge
from comments.second_looks import FURTHER
from comments.sweeping import AT_MOST_EVERY, CHUNK, LEASE, step, take_in, what_is_known
from comments.visitors import new_commenter
from tests.factories import ON_TOPIC, make_article, make_comment, make_moderator

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

FINE = HOLD_AT - PRIOR - 1
DOUBTFUL = HOLD_AT - PRIOR + 1
SPAM = SPAM_AT - PRIOR + 1


@pytest.fixture(autouse=True)
def switched_on(settings):
    """The site sweeps by itself; no thread runs, tests take the steps."""
    settings.COMMENTS_SWEEP_DAYS = 90


@pytest.fixture
def article():
    return make_article(body=ON_TOPIC)


@pytest.fixture
def ben():
    return make_moderator("ben")


@pytest.fixture
def says(monkeypatch):
    """Points that the rules find today, by the writer's name; FINE for everybody else. And who was asked."""
    real, points = second_look.judge, {}
    points["asked"] = asked = []

    def judge(submission, **options):
        def rule(submission, weights):
            return Finding("rule", points.get(submission.author_name, FINE), "for the test")

        asked.append(submission.author_name)
        return real(submission, rules=[rule], **options)

    monkeypatch.setattr(second_look, "judge", judge)
    return points


def publish(article, name, *, at=NOW, **fields):
    """A comment that the system published, with what it leaves to be found by."""
    comment = make_comment(article, author_name=name, at=at, rules_version=4, spam_probability=0.12, **fields)
    text = plain_text(comment.body_html)
    Comment.objects.filter(pk=comment.pk).update(text_digest=text_digest(text))
    comment.refresh_from_db()
    echoes.remember(comment)
    comment.decisions.create(from_status="", to_status=comment.status)
    return comment


def sweep_all(*, now=NOW, worker="a", most=1000):
    """Take steps until there is nothing left to do; return how many."""
    for number in range(most):
        if not step(worker=worker, now=now):
            return number
    raise AssertionError("The sweep does not end.")


def doubtful():
    return set(SecondLook.objects.filter(is_doubtful=True).values_list("comment__author_name", flat=True))


def learned_something():
    """As any decision of a person does."""
    SweepState.count_decisions(1)


# What is found


def test_sibling_of_what_an_editor_calls_spam_is_found_in_the_first_step(article, ben):
    """By the rules as they are, among newer comments that have nothing to do with it."""
    text = (
        "I had the same spasm in my back last year. Lying flat on the floor with the knees up helped me, and "
        "so did this pad."
    )
    planted = publish(article, "Maria", body=text, author_url="https://warmback.example/", at=NOW - 20 * DAY)
    for number in range(CHUNK + 5):
        publish(article, f"No. {number}", body=f"Heat and rest helped my back, {number} weeks on end.")
    sweep_all()
    assert doubtful() == set()
    sibling = publish(
        article, "Mario", body=f"{text} Really.", author_url="https://warmback.example/", status="pending"
    )
    sibling.mark_spam(by=ben)
    assert step(worker="a", now=NOW + MINUTE)
    assert doubtful() == {"Maria"}
    planted.refresh_from_db()
    assert planted.status == "approved"
    look = planted.second_look
    assert (look.looked_at, look.outcome, look.order) == (NOW + MINUTE, "spam", "publish")
    assert look.probability > 0.99
    assert {"judged_text", "judged_host", "site_words"} <= {change["rule"] for change in look.changes}
    # The whole sweep has just been made; the next one waits.
    assert not step(worker="a", now=NOW + MINUTE)


@pytest.mark.parametrize(
    "shared",
    [
        {"body": "One and the same text."},
        {"author_url": "https://www.sheds.example/"},
        {"commenter": True},
        {"body": "These are the very best prices for garden sheds and summer houses in all of the country"},
    ],
)
def test_what_has_something_in_common_is_looked_at_first(article, ben, says, shared):
    if "commenter" in shared:
        shared = {"commenter": new_commenter()}
    publish(article, "Related", at=NOW - 80 * DAY, **shared)
    publish(article, "Too old", at=NOW - 91 * DAY, **shared)
    publish(article, "Waiting", status="pending", **shared)
    publish(article, "Stranger")
    learned_something()
    sweep_all()
    says["asked"].clear()
    publish(article, "Spam", status="pending", **shared).mark_spam(by=ben)
    assert step(worker="a", now=NOW)
    assert says["asked"] == ["Related"]
    assert not LookFirst.objects.exists()


def test_most_related_come_first_and_no_more_than_some(article, ben, says, monkeypatch):
    monkeypatch.setattr(sweeping, "FIRST", 2)
    publish(article, "Host", author_url="https://sheds.example/")
    publish(article, "Text", body="One text.", at=NOW - DAY)
    publish(article, "Both", body="One text.", author_url="https://sheds.example/", at=NOW - 2 * DAY)
    comment = publish(
        article, "Spam", body="One text.", author_url="https://sheds.example/", status="pending"
    )
    comment.mark_spam(by=ben)
    step(worker="a", now=NOW)
    assert says["asked"] == ["Both", "Text"]


def test_look_ups_do_not_grow_with_the_comments(article, ben):
    def queries(copies):
        for number in range(copies):
            publish(article, f"Copy {number}", body="the same again", author_url="https://sheds.example/")
        spam = publish(article, "Spam", body="the same again", author_url="https://sheds.example/")
        with CaptureQueriesContext(connection) as captured:
            sweeping.related_to([spam.pk], days=90, now=NOW)
        return len(captured)

    assert queries(1) == queries(30) == 5


def test_what_turned_is_written_down_and_nothing_else(article, says):
    comment = publish(article, "Turned")
    publish(article, "Fine")
    says["Turned"] = DOUBTFUL
    statuses = list(Comment.objects.order_by("pk").values())
    sweep_all()
    [look] = SecondLook.objects.all()
    assert (look.comment, look.is_doubtful, look.outcome, look.order) == (comment, True, "hold", "publish")
    assert (look.points, look.looked_at, look.kept_by) == (DOUBTFUL, NOW, None)
    assert look.changes == [
        {"rule": "rule", "shift": round(DOUBTFUL, 1), "detail": "for the test", "evaluated": True}
    ]
    assert list(Comment.objects.order_by("pk").values()) == statuses


def test_what_turns_back_is_no_longer_doubtful(article, says):
    publish(article, "Ada")
    says["Ada"] = DOUBTFUL
    sweep_all()
    says["Ada"] = FINE
    learned_something()
    sweep_all(now=NOW + AT_MOST_EVERY)
    assert not SecondLook.objects.exists()


def test_newest_are_looked_at_first_and_only_what_is_recent(article, says):
    for days in (5, 1, 89, 91):
        publish(article, f"{days}", at=NOW - days * DAY)
    publish(article, "pending", status="pending")
    sweep_all()
    assert says["asked"] == ["1", "5", "89"]


# When it is due


def test_sweep_is_made_once_and_then_nothing_is_written(article, says):
    publish(article, "Ada")
    assert sweep_all() == 1
    state = SweepState.current()
    assert (state.looked, state.total, state.finished_at, state.holder) == (1, 1, NOW, "")
    with CaptureQueriesContext(connection) as captured:
        assert not step(worker="a", now=NOW + 2 * AT_MOST_EVERY)
    assert len(captured) == 6
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)


@pytest.mark.parametrize("move", ["approve", "mark_spam", "trash"])
def test_each_decision_of_a_person_makes_it_due_and_none_of_the_system(article, ben, move):
    comment = publish(article, "Ada", status="pending")
    before = what_is_known(now=NOW)
    getattr(comment, move)(by=None)
    assert what_is_known(now=NOW) == before
    comment.hold(by=None)
    getattr(comment, move)(by=ben)
    assert what_is_known(now=NOW) != before


def test_rules_weights_blocklist_lessons_and_a_new_day_make_it_due(article, ben, monkeypatch):
    publish(article, "Spam", status="pending").mark_spam(by=ben)
    seen = [what_is_known(now=NOW)]

    def is_new(*, now=NOW):
        seen.append(what_is_known(now=now))
        return seen[-1] not in seen[:-1]

    assert not is_new()
    assert is_new(now=NOW + DAY)
    entry = BlocklistEntry.objects.create(kind="word", text="shed", effect="hold")
    assert is_new()
    entry.expires_at = NOW + MINUTE
    entry.save()
    assert not is_new()
    assert not is_new(now=NOW + 2 * MINUTE)  # As before there was an entry.
    assert seen[-1] == seen[0]
    Comment.objects.all().delete()
    assert is_new()
    monkeypatch.setattr(sweeping, "RULES_VERSION", 99)
    assert is_new()
    monkeypatch.setattr(sweeping, "_what_ships", lambda: "other weights")
    assert is_new()


def test_many_decisions_make_few_sweeps(article, says, ben):
    """Fifteen minutes of work: a decision each three seconds, a step each second."""
    for number in range(3):
        publish(article, f"{number}")
    waiting = [publish(article, f"w{number}", status="pending") for number in range(300)]
    began = set()
    for number in range(900):
        now = NOW + number * SECOND
        if number % 3 == 0:
            waiting[number // 3].trash(by=ben)
        step(worker="a", now=now)
        began.add(SweepState.current().began_at)
    assert began == {NOW, NOW + AT_MOST_EVERY}
    # What was decided after the second one began is not forgotten.
    assert sweep_all(now=NOW + 2 * AT_MOST_EVERY) == 1
    assert SweepState.current().seen == what_is_known(now=NOW + 2 * AT_MOST_EVERY)


def test_sweep_that_has_become_stale_ends_first_and_related_ones_come_between(
    article, says, ben, monkeypatch
):
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    for number in range(3):
        publish(article, f"{number}", at=NOW - number * DAY, author_url=f"https://site{number}.example/")
    assert step(worker="a", now=NOW)
    publish(article, "Spam", author_url="https://site2.example/", status="pending").mark_spam(by=ben)
    later = NOW + MINUTE
    assert sweep_all(now=later) == 4
    assert says["asked"] == ["0", "2", "1", "2"]
    state = SweepState.current()
    assert (state.began_at, state.finished_at, state.looked) == (NOW, later, 3)
    assert state.seen != what_is_known(now=later)


def test_switched_off_nothing_is_noted_and_nothing_done(article, ben, settings, says):
    settings.COMMENTS_SWEEP_DAYS = 0
    publish(article, "Ada")
    publish(article, "Spam", status="pending").mark_spam(by=ben)
    sweeping.look_first(Comment.objects.all())
    assert not step(worker="a", now=NOW)
    assert not (LookFirst.objects.exists() or SweepState.objects.exists() or says["asked"])


def test_decision_costs_two_queries_more_than_where_nothing_is_swept(article, ben, settings):
    def queries(move, status):
        comment = publish(article, "Ada", status=status)
        with CaptureQueriesContext(connection) as captured:
            getattr(comment, move)(by=ben)
        return len(captured)

    moves = [("mark_spam", "pending"), ("mark_spam", "approved"), ("trash", "pending")]
    queries(*moves[0])
    with_sweep = [queries(*move) for move in moves]
    settings.COMMENTS_SWEEP_DAYS = 0
    without = [queries(*move) for move in moves]
    assert [more - less for more, less in zip(with_sweep, without, strict=True)] == [2, 2, 1]


# Who is at it


def test_another_process_goes_on_when_one_was_killed(article, says, monkeypatch):
    monkeypatch.setattr(sweeping, "CHUNK", 2)
    for number in range(5):
        publish(article, f"{number}", at=NOW - number * DAY)
    assert step(worker="a", now=NOW)
    # "a" is no more.
    assert not step(worker="b", now=NOW + LEASE - SECOND)
    assert says["asked"] == ["0", "1"]
    assert sweep_all(worker="b", now=NOW + LEASE) == 2
    assert says["asked"] == ["0", "1", "2", "3", "4"]
    assert SweepState.current().looked == 5


def test_what_a_killed_process_had_in_hand_is_looked_at_again(article, says, monkeypatch):
    for number in range(3):
        publish(article, f"{number}", at=NOW - number * DAY)
    real = sweeping.rejudge

    def killed_at_the_second(comment, **options):
        if comment.author_name == "1":
            raise SystemExit
        return real(comment, **options)

    monkeypatch.setattr(sweeping, "rejudge", killed_at_the_second)
    with pytest.raises(SystemExit):
        step(worker="a", now=NOW)
    monkeypatch.setattr(sweeping, "rejudge", real)
    sweep_all(worker="b", now=NOW + LEASE)
    assert says["asked"] == ["0", "0", "1", "2"]
    assert SweepState.current().looked == 3


def test_decisions_that_a_killed_process_had_in_hand_are_not_lost(article, says, ben, monkeypatch):
    publish(article, "Related", author_url="https://sheds.example/")
    sweep_all()
    publish(article, "Spam", author_url="https://sheds.example/", status="pending").mark_spam(by=ben)
    real = sweeping.related_to

    def killed(*arguments, **options):
        raise SystemExit

    monkeypatch.setattr(sweeping, "related_to", killed)
    with pytest.raises(SystemExit):
        step(worker="a", now=NOW)
    monkeypatch.setattr(sweeping, "related_to", real)
    says["asked"].clear()
    sweep_all(worker="b", now=NOW + LEASE)
    assert says["asked"] == ["Related"]


def test_process_that_was_too_slow_does_not_move_the_place(article, says, monkeypatch):
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    for number in range(3):
        publish(article, f"{number}", at=NOW - number * DAY)
    real = sweeping.rejudge

    def slow(comment, **options):
        monkeypatch.setattr(sweeping, "rejudge", real)
        sweep_all(worker="b", now=NOW + LEASE)
        learned_something()
        assert step(worker="b", now=NOW + LEASE + AT_MOST_EVERY)
        return real(comment, **options)

    monkeypatch.setattr(sweeping, "rejudge", slow)
    assert step(worker="a", now=NOW)
    state = SweepState.current()
    assert (state.holder, state.looked, state.is_running) == ("b", 1, True)


def test_who_has_nothing_to_do_leaves_the_work_to_others(article, says, ben):
    comment = publish(article, "Ada")
    sweep_all(worker="a")
    comment.mark_spam(by=ben)
    assert step(worker="b", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_look_at_each_comment_once(article, says, monkeypatch):
    monkeypatch.setattr(sweeping, "CHUNK", 2)
    names = [f"{number}" for number in range(9)]
    for number, name in enumerate(names):
        publish(article, name, at=NOW - number * DAY)
    together = threading.Barrier(2)

    def work(worker):
        together.wait(timeout=10)
        try:
            for _each in range(40):
                step(worker=worker, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, "ab"))
    assert says["asked"] == names
    state = SweepState.current()
    assert (state.looked, state.is_running) == (9, False)


def test_comment_that_is_deleted_takes_everything_with_it(article, says, ben):
    comment = publish(article, "Ada")
    says["Ada"] = DOUBTFUL
    sweep_all()
    comment.mark_spam(by=ben)
    assert SecondLook.objects.exists() and LookFirst.objects.exists()
    comment.delete()
    assert not SecondLook.objects.exists() and not LookFirst.objects.exists()
    assert sweep_all(now=NOW + AT_MOST_EVERY) == 1


def test_comments_that_are_deleted_meanwhile_stop_nothing(article, says, monkeypatch):
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    made = [publish(article, f"{number}", at=NOW - number * DAY) for number in range(4)]
    step(worker="a", now=NOW)
    made[0].delete()
    made[1].delete()
    sweep_all()
    assert says["asked"] == ["0", "2", "3"]


def test_comment_that_cannot_be_looked_at_stops_no_other(article, says, monkeypatch, caplog):
    for name in "abc":
        publish(article, name)
    says |= dict.fromkeys("abc", DOUBTFUL)
    real = second_look.recall

    def fail(comment, **options):
        if comment.author_name == "b":
            raise ValueError("what nobody thought of")
        return real(comment, **options)

    monkeypatch.setattr(second_look, "recall", fail)
    sweep_all()
    assert doubtful() == {"a", "c"}
    assert "could not be looked at again" in caplog.text


# What a person has said


@pytest.fixture
def kept(article, says, ben):
    """Return a function that looks at Ada's comment again, and says whether it is doubtful. Ben kept it."""
    comment = publish(article, "Ada")

    def look(points):
        says["Ada"] = points
        take_in(rejudge(Comment.objects.get(pk=comment.pk), now=NOW), now=NOW)
        return bool(doubtful())

    assert look(DOUBTFUL)
    SecondLook.objects.filter(comment=comment).keep(by=ben, at=NOW)
    return look


def test_kept_comment_is_shown_again_only_when_more_speaks_against_it(kept):
    assert not kept(DOUBTFUL)
    assert not kept(DOUBTFUL + FURTHER - 0.1)
    assert kept(DOUBTFUL + FURTHER)
    assert not kept(DOUBTFUL)


def test_kept_comment_is_shown_again_when_it_is_spam_now(article, says, kept, ben):
    just_below = SPAM_AT - PRIOR - 1
    kept(just_below)
    SecondLook.objects.update(is_doubtful=True)
    SecondLook.objects.keep(by=ben, at=NOW)
    assert not kept(just_below + 0.5)
    assert kept(just_below + 2)


def test_word_of_who_kept_it_outlasts_a_better_time(kept):
    assert not kept(FINE)
    assert not kept(DOUBTFUL)
    assert SecondLook.objects.get().kept_by.username == "ben"


def test_new_order_of_an_editor_shows_a_kept_comment_again(article, ben):
    comment = publish(article, "Ada", body="I like my shed.")

    def look():
        take_in(rejudge(Comment.objects.get(pk=comment.pk), now=NOW), now=NOW)
        return bool(doubtful())

    # Held for what it says and kept; the order then says no more than "hold", either.
    entry = BlocklistEntry.objects.create(kind="word", text="shed", effect="hold")
    assert look()
    SecondLook.objects.keep(by=ben, at=NOW)
    assert not look()
    entry.effect = "spam"
    entry.save()
    assert look()


def test_whoever_puts_it_back_on_the_page_has_seen_what_speaks_against_it(article, says, ben):
    comment = publish(article, "Ada")
    says["Ada"] = SPAM
    sweep_all()
    assert doubtful() == {"Ada"}
    comment.hold(by=ben)
    assert doubtful() == set()
    comment.approve(by=ben)
    sweep_all(now=NOW + AT_MOST_EVERY)
    assert doubtful() == set()
    look = SecondLook.objects.get()
    assert (look.kept_by, look.kept_points) == (ben, SPAM)
    says["Ada"] = SPAM + FURTHER
    learned_something()
    sweep_all(now=NOW + 2 * AT_MOST_EVERY)
    assert doubtful() == {"Ada"}


@pytest.mark.parametrize("move", ["mark_spam", "trash", "hold"])
def test_decision_that_is_taken_back_leaves_it_as_doubtful_as_it_was(article, says, ben, move):
    comment = publish(article, "Ada")
    says["Ada"] = DOUBTFUL
    sweep_all()
    getattr(comment, move)(by=ben)
    assert doubtful() == set()
    comment.take_back(comment.decisions.last(), by=ben)
    assert comment.status == "approved"
    assert step(worker="a", now=NOW + MINUTE)
    assert doubtful() == {"Ada"}


@pytest.mark.parametrize("move", ["hold", "mark_spam", "trash"])
def test_what_leaves_the_page_while_it_is_judged_is_not_doubtful(article, says, ben, move):
    comment = publish(article, "Ada")
    says["Ada"] = DOUBTFUL
    comparison = rejudge(comment, now=NOW)
    getattr(Comment.objects.get(pk=comment.pk), move)(by=ben)
    assert not take_in(comparison, now=NOW)
    assert not SecondLook.objects.exists()


def test_what_is_deleted_while_it_is_judged_leaves_nothing(article, says):
    comment = make_comment(article, author_name="Ada", at=NOW)
    says["Ada"] = DOUBTFUL
    comparison = rejudge(comment, now=NOW)
    Comment.objects.get(pk=comment.pk).delete()
    assert not take_in(comparison, now=NOW)
    assert not SecondLook.objects.exists()


def test_what_a_person_approves_while_it_is_judged_is_left_to_the_next_look(article, says, ben):
    comment = publish(article, "Ada")
    says["Ada"] = DOUBTFUL
    comparison = rejudge(comment, now=NOW)
    other = Comment.objects.get(pk=comment.pk)
    other.hold(by=ben)
    other.approve(by=ben)
    assert not take_in(comparison, now=NOW)
    sweep_all()
    assert doubtful() == set()


def test_own_lesson_is_no_witness(article, ben):
    """What an editor taught by approving a comment says nothing for that comment; for others it does."""
    for number in range(6):
        publish(article, "Spam", body=f"cheap garden sheds {number}", status="pending").mark_spam(by=ben)
    comment = publish(article, "Ada", body="cheap garden sheds", status="pending")

    def site_words(comment):
        return facts.recall(Comment.objects.get(pk=comment.pk), now=NOW).site_words.points

    before = site_words(comment)
    share = facts.recall(comment, now=NOW).site_share
    copy = publish(article, "Ada", body="cheap garden sheds", status="pending")
    comment.approve(by=ben)
    assert Lesson.objects.filter(comment=comment).exists()
    assert site_words(comment) == pytest.approx(before)
    assert facts.recall(Comment.objects.get(pk=comment.pk), now=NOW).site_share == share
    assert site_words(copy) < before - 1


def test_lesson_that_is_gone_meanwhile_breaks_nothing(article, ben):
    comment = publish(article, "Ada", body="cheap garden sheds", status="pending")
    comment.approve(by=ben)
    lesson = Lesson.objects.get()
    comment.trash(by=ben)
    features = {"cheap": 0.5, "garden": 0.5, "sheds": 0.5}
    assert taught.opinion(features, now=NOW, without=lesson).points == 0


# Rows that cannot be


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "perhaps"},
        {"order": ""},
        {"kept_at": NOW},
        {"kept_at": NOW, "kept_points": 1.0, "kept_outcome": "hold", "kept_order": "hold"},
    ],
)
def test_row_that_makes_no_sense_is_refused(article, fields):
    sound = {"outcome": "hold", "order": "publish", "points": 1, "probability": 0.5, "is_doubtful": True}
    times = {"submitted_at": NOW, "looked_at": NOW, "rules_version": 4}
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondLook.objects.create(comment=publish(article, "Ada"), **(sound | times | fields))


def test_one_row_says_how_far_the_sweep_is():
    SweepState.count_decisions(1)
    SweepState.count_decisions(1)
    assert SweepState.current().decisions == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        SweepState.objects.create(id=2)


# The thread


@pytest.fixture
def sweeper(monkeypatch):
    """The thread itself. It ends where a test's ``step`` raises SystemExit."""
    sweeper = sweeping._Sweeper()
    monkeypatch.setattr(sweeping, "_sweeper", sweeper)
    return sweeper


ends_thread = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@ends_thread
@pytest.mark.django_db(transaction=True)
def test_thread_is_woken_by_the_commit_of_a_decision(article, says, sweeper, ben, monkeypatch):
    publish(article, "Related", author_url="https://sheds.example/")
    says["Related"] = DOUBTFUL
    spam = publish(article, "Spam", author_url="https://sheds.example/", status="pending")
    real = sweeping.step

    def step_and_end(**options):
        assert real(**options | {"now": NOW})
        raise SystemExit

    monkeypatch.setattr(sweeping, "step", step_and_end)
    with transaction.atomic():
        spam.mark_spam(by=ben)
        assert sweeper._thread is None
    sweeper._thread.join(timeout=10)
    assert not sweeper._thread.is_alive()
    assert doubtful() == {"Related"}


@ends_thread
@pytest.mark.django_db(transaction=True)
def test_thread_survives_a_database_that_is_away(sweeper, monkeypatch, caplog):
    looks = []

    def look(**options):
        looks.append(None)
        if len(looks) == 2:
            raise SystemExit
        sweeper._woken.set()
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(sweeping, "step", look)
    sweeping.wake()
    sweeper._thread.join(timeout=10)
    assert len(looks) == 2
    assert "could not be looked at (sweep)" in caplog.text


def test_thread_rests_nine_times_as_long_as_it_works(sweeper, monkeypatch):
    used, rests, steps = iter([0.0, 0.05, 0.06, 0.06]), [], iter([True, True, False])
    monkeypatch.setattr(sweeping.time, "thread_time", lambda: next(used))
    monkeypatch.setattr(sweeping, "step", lambda **options: next(steps))
    monkeypatch.setattr(sweeper, "rest", lambda seconds: rests.append(round(seconds, 3)))
    sweeper._sweep()
    assert rests == [0.45, 0.09]


def test_only_a_process_that_serves_sweeps_by_itself(monkeypatch, settings, article, ben):
    monkeypatch.setattr(sweeping, "_sweeper", None)
    sweeping.wake()
    settings.COMMENTS_SWEEP_DAYS = 0
    sweeping.start()
    assert sweeping._sweeper is None
    settings.COMMENTS_SWEEP_DAYS = 90
    started = []
    monkeypatch.setattr(sweeping._Sweeper, "start", lambda sweeper: started.append(sweeper))
    sweeping.start()
    assert started == [sweeping._sweeper]
    # It looks when there is something, or after a while: a server that has just started has visitors.
    assert not sweeping._sweeper._woken.is_set()


# The command


def sweep_comments(*options):
    output = StringIO()
    call_command("sweep_comments", *options, stdout=output)
    return output.getvalue()


@pytest.fixture
def recent(article, says):
    """One that has turned and one that has not, a day old."""
    at = sweeping.timezone.now() - DAY
    comment = publish(article, "Ada", at=at)
    publish(article, "Ben", at=at)
    says["Ada"] = DOUBTFUL
    return comment


def test_command_lists_what_has_turned_and_stores_it(recent):
    told = sweep_comments("--days=90")
    percent = round(100 / (1 + 10 ** (-(DOUBTFUL + PRIOR) / 10)))
    assert f"12 % → {percent} %  hold  {recent.pk}  http://testserver/" in told
    assert (
        "2 published comments of the last 90 days judged again; 1 listed: 1 would be held now, "
        "0 would be spam. Nothing was moved.\n"
    ) in told
    assert doubtful() == {"Ada"}
    state = SweepState.current()
    assert (state.looked, state.total, state.days, state.is_running) == (2, 2, 90, False)
    # What the command has seen, the site does not look at again.
    assert not step(worker="a", now=state.finished_at)


def test_command_leaves_out_what_is_kept_but_for_all(recent, ben):
    sweep_comments()
    SecondLook.objects.keep(by=ben, at=NOW)
    assert "; 0 listed" in sweep_comments()
    assert "; 1 listed" in sweep_comments("--all")
    assert '"turned": true' in sweep_comments("--all", "--json")


@pytest.mark.parametrize("options", [["--days=1"], ["--limit=1"]])
def test_sweep_that_was_not_a_whole_one_does_not_count_as_one(recent, options):
    assert "listed" in sweep_comments(*options)
    assert SweepState.current().finished_at is None


def test_stored_outcomes_are_those_of_the_pipeline():
    assert [outcome.value for outcome in Outcome] == ["publish", "hold", "spam"]
    assert intake.STATUS_OF[Outcome.SPAM] == "spam"
