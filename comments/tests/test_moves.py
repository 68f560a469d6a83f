import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comments import batches, learning, moves, retraining
from comments.batches import apply, undo
from comments.learned import LearnedWord, LearnerState, Lesson
from comments.models import Batch, Comment, Decision, InvalidTransition, OpinionTask
from comments.retraining import retrain
from comments.visitors import new_commenter
from tests.factories import make_article, make_comment, make_moderator

from .test_learning import in_threads, tables, tables_made_anew

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 3, tzinfo=UTC)
WORDS = ["orchid", "pills", "heat", "pad", "casino", "knees", "spine", "bed"]


@pytest.fixture
def limit_of_three(monkeypatch):
    for module in (learning, retraining):
        monkeypatch.setattr(module, "TEACHES_AT_MOST", 3)


def a_world(chance, number=40):
    """Comments of few writers and networks, so that the limit of lessons is crossed all the time."""
    article, commenters = make_article(), [new_commenter(), new_commenter(), None]
    comments = []
    for _number in range(number):
        comment = make_comment(
            article,
            status=chance.choice(["pending", "approved", "spam", "trash"]),
            author_email=chance.choice(["a@example.org", "A@Example.org", "b@example.org", ""]),
            commenter=chance.choice(commenters),
            address=chance.choice(["203.0.113.0", "198.51.100.0", "2001:db8::", None]),
            body=" ".join(chance.choices(WORDS, k=5)),
        )
        comment.findings.create(rule="link_count", points=chance.uniform(-20, 20), detail="")
        comments.append(comment)
    return comments


def live_through(chance, comments, ana, steps):
    for _step in range(steps):
        move = chance.choice(["approve", "mark_spam", "hold", "trash", "restore"])
        try:
            getattr(chance.choice(comments), move)(by=ana)
        except InvalidTransition:
            continue


def as_now(comments):
    return dict(Comment.objects.filter(pk__in=[each.pk for each in comments]).values_list("pk", "status"))


def learned():
    """What is learned, apart from which decisions taught it and how often."""
    lessons = Lesson.objects.order_by("comment").values(
        "comment", "is_spam", "probability", "weight", "email", "commenter", "address"
    )
    state = LearnerState.objects.values("checksum", "spam_weight", "good_weight", "error").get()
    words = LearnedWord.objects.order_by("bucket").values_list("bucket", "gradient", "exposure")
    return list(lessons), [row for row in words if row[1] or row[2]], state


def stored():
    decisions = Decision.objects.order_by("comment", "pk").values_list(
        "comment", "from_status", "to_status", "by", "undoes__to_status"
    )
    return list(Comment.objects.order_by("pk").values_list("pk", "status", "fragment")), list(decisions)


class RolledBack(Exception):
    pass


@pytest.mark.parametrize("move", ["approve", "hold", "mark_spam", "trash", "restore"])
@pytest.mark.parametrize("seed", range(3))
def test_many_at_once_end_where_one_by_one_ends(ana, limit_of_three, monkeypatch, move, seed):
    chance = random.Random(f"{move} {seed}")
    monkeypatch.setattr(batches, "AT_ONCE", 9)
    comments = a_world(chance)
    live_through(chance, comments, ana, 80)
    chosen = dict(chance.sample(sorted(as_now(comments).items()), 25))
    before, ends, taken_back = tables(), [], []
    for at_once in (True, False):
        try:
            with transaction.atomic():
                if at_once:
                    result = apply(move, chosen, by=ana, now=NOW)
                    refused = {each.comment_id: each.why for each in result.left}
                else:
                    batch = Batch.objects.create(move=move, by=ana, made_at=NOW)
                    refused = {}
                    for pk in chosen:
                        try:
                            getattr(Comment.objects.get(pk=pk), move)(by=ana, batch=batch.pk)
                        except InvalidTransition as reason:
                            refused[pk] = str(reason)
                ends.append((refused, learned(), stored()))
                if at_once:
                    undo(result.batch, by=ana, now=NOW)
                else:
                    for decision in Decision.objects.filter(batch=batch.pk):
                        decision.comment.take_back(decision, by=ana)
                assert tables() == before
                taken_back.append(stored())
                raise RolledBack
        except RolledBack:
            continue
    assert ends[0] == ends[1]
    assert taken_back[0] == taken_back[1]
    assert set(chosen) - set(ends[0][0])


@pytest.mark.parametrize("seed", range(4))
def test_any_history_of_batches_is_learned_as_its_decisions_alone_would_be(
    ana, limit_of_three, monkeypatch, seed
):
    chance = random.Random(seed)
    monkeypatch.setattr(batches, "AT_ONCE", 7)
    comments, made, crossed = a_world(chance), [], 0
    for _step in range(30):
        if made and chance.random() < 0.3:
            undo(made.pop(chance.randrange(len(made))), by=ana, now=NOW)
        else:
            seen = dict(chance.sample(sorted(as_now(comments).items()), 15))
            batch = apply(chance.choice([*batches.LEADS_TO, "restore"]), seen, by=ana, now=NOW).batch
            made += [batch] if batch else []
        crossed += Lesson.objects.filter(weight=0).exists()
    found = tables()
    assert crossed > 10 and found[0]
    assert not retrain(check=True).changed
    assert tables_made_anew() == found


def queries_of(act):
    with CaptureQueriesContext(
        connection,
    ) as context:
        act()
    return len(context)


@pytest.mark.parametrize("move", ["approve", "mark_spam", "trash"])
def test_move_costs_the_same_for_many_comments(ana, move):
    article = make_article()
    # So few words that all are added by one statement.
    body = "orchid knees"

    def comments(number):
        return as_now([make_comment(article, status="pending", body=body) for _number in range(number)])

    few, many, made = comments(2), comments(40), []
    apply(move, comments(1), by=ana, now=NOW)

    def do(seen):
        made.append(apply(move, seen, by=ana, now=NOW).batch)

    costs = [queries_of(lambda: do(few)), queries_of(lambda: do(many))]
    assert costs[0] == costs[1]
    costs = [queries_of(lambda batch=batch: undo(batch, by=ana, now=NOW)) for batch in made]
    assert costs[0] == costs[1]


def test_akismet_is_told_of_each_comment_of_a_batch_what_it_would_be_told_of_one(ana):
    article = make_article()
    believed = {"spam": None, "ham": None, "nothing": None, "provisional": None}
    for answer in believed:
        comment = believed[answer] = make_comment(article, status="pending")
        if answer != "nothing":
            comment.sendings.create(purpose="check", host="h", fields="text", sent_at=NOW, answer=answer)
    batch = apply("approve", as_now(believed.values()), by=ana, now=NOW).batch
    assert list(OpinionTask.objects.values_list("comment", "purpose")) == [(believed["spam"].pk, "ham")]
    apply("mark_spam", as_now(believed.values()), by=ana, now=NOW)
    assert list(OpinionTask.objects.values_list("comment", "purpose")) == [(believed["ham"].pk, "spam")]
    # The second batch stands, so the first is left alone, and nothing changes for Akismet.
    assert not undo(batch, by=ana, now=NOW).done
    assert list(OpinionTask.objects.values_list("comment", "purpose")) == [(believed["ham"].pk, "spam")]


@pytest.mark.parametrize("move", ["approve", "hold", "mark_spam", "trash", "restore"])
def test_what_is_deleted_is_moved_by_nothing_but_undoing(ana, move):
    comment = make_comment(make_article(), status="spam")
    batch = apply("delete", as_now([comment]), by=ana, now=NOW).batch
    comment.refresh_from_db()
    before = Decision.objects.count()
    with pytest.raises(InvalidTransition):
        getattr(comment, move)(by=ana)
    result = apply(move, {comment.pk: "deleted"}, by=ana, now=NOW)
    assert (result.done, len(result.left)) == ([], 1)
    assert Decision.objects.count() == before
    undo(batch, by=ana, now=NOW)
    comment.refresh_from_db()
    assert comment.status == "spam"


@pytest.mark.parametrize("status", ["pending", "approved", "deleted"])
def test_only_spam_and_trash_are_deleted(ana, status):
    comment = make_comment(make_article(), status=status)
    assert moves.move({comment.pk: status}, "deleted", by=ana)[comment.pk]
    comment.refresh_from_db()
    assert comment.status == status


@pytest.mark.django_db(transaction=True)
def test_editors_whose_batches_meet_double_and_lose_nothing(monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 8)
    article, editors = make_article(), [make_moderator(name) for name in ("ana", "ben", "eva", "ian")]
    comments = [make_comment(article, status="pending", body=f"orchid w{n % 7}") for n in range(60)]
    seen = as_now(comments)

    def decide(index):
        mine = list(seen.items())
        random.Random(index).shuffle(mine)
        move = ["approve", "mark_spam", "trash", "approve"][index]
        return apply(move, dict(mine), by=editors[index], now=NOW)

    results = in_threads(decide, 4)
    assert sorted(pk for result in results for pk in result.done) == sorted(seen)
    assert Decision.objects.count() == 60
    assert all(len(result.done) + len(result.left) == 60 for result in results)
    assert all(each.decision for result in results for each in result.left)
    found = tables()
    assert tables_made_anew() == found

    def take_back(index):
        return undo(results[index].batch, by=editors[index], now=NOW + timedelta(minutes=1))

    made = [index for index, result in enumerate(results) if result.batch]
    in_threads(lambda index: take_back(made[index]), len(made))
    assert set(as_now(comments).values()) == {"pending"}
    assert not Lesson.objects.exists()
    assert LearnerState.objects.get().checksum == 0
