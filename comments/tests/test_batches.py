import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import html5lib
import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from comments import batches, moves
from comments.admin.history import comments_url
from comments.batches import BatchRefused, apply, look_ahead, undo, why_not_undone
from comments.facts import record_of
from comments.learned import Lesson
from comments.learning import TEACHES_AT_MOST
from comments.models import Batch, Comment, Decision, InvalidTransition
from comments.retraining import retrain
from comments.visitors import new_commenter
from tests.factories import make_article, make_comment, make_moderator, make_user

from .test_learning import tables, tables_made_anew

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 3, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
QUEUE = reverse("admin:comments_comment_changelist")
HISTORY = reverse("admin:comments_batch_changelist")


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def ben():
    return make_moderator("ben")


def waiting(article, number=1, **fields):
    return [make_comment(article, **{"status": "pending"} | fields) for _number in range(number)]


def as_now(*comments):
    return dict(Comment.objects.filter(pk__in=[each.pk for each in comments]).values_list("pk", "status"))


def statuses(*comments):
    now = as_now(*comments)
    return [now[each.pk] for each in comments]


def decided_at(comment, moment):
    """Have all decisions on a comment taken at another time, as far as learning goes too."""
    comment.decisions.update(decided_at=moment)
    retrain()


def break_off(monkeypatch, module, name, *, after):
    """Have a function fail once it has worked so many times, as if the process had ended."""
    real, calls = getattr(module, name), []

    def work_or_fail(*arguments, **options):
        calls.append(arguments)
        if len(calls) > after:
            raise RuntimeError
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, work_or_fail)


def undo_page(batch):
    return reverse("admin:comments_batch_undo", args=[batch.pk])


def select(client, action, *pks, where=QUEUE, **fields):
    return client.post(
        where, {"action": f"{action}_selected", "_selected_action": pks, "index": "0"} | fields, follow=True
    )


def messages(response):
    return [str(message) for message in response.context["messages"]]


def tree(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def text_of(response):
    return " ".join("".join(tree(response).find(".//*[@id='content']").itertext()).split())


# What a batch does


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [
        ("approve", "pending", "approved"),
        ("hold", "approved", "pending"),
        ("mark_spam", "pending", "spam"),
        ("trash", "approved", "trash"),
        ("restore", "spam", "pending"),
    ],
)
def test_batch_moves_what_was_seen_and_nothing_else(article, ana, move, before, after):
    chosen, other = waiting(article, 3, status=before), waiting(article, status=before)
    result = apply(move, as_now(*chosen), by=ana, now=NOW)
    assert statuses(*chosen, *other) == [after] * 3 + [before]
    assert (sorted(result.done), result.left) == (sorted(each.pk for each in chosen), [])
    batch = Batch.objects.get()
    assert (batch.move, batch.by, batch.made_at, batch.done, batch.left) == (move, ana, NOW, 3, 0)
    assert set(Decision.objects.values_list("batch", "by")) == {(batch.pk, ana.pk)}


def test_colleague_who_was_quicker_is_not_overruled(article, ana, ben):
    first, second, third, fourth = comments = waiting(article, 4)
    seen = as_now(*comments)
    first.approve(by=ben)
    second.approve(by=ben)
    gone = third.pk
    third.delete()
    result = apply("mark_spam", seen, by=ana, now=timezone.now())
    assert statuses(first, second, fourth) == ["approved", "approved", "spam"]
    assert result.done == [fourth.pk]
    deleted = {each.comment_id: each.is_deleted for each in result.left}
    assert deleted == {first.pk: False, second.pk: False, gone: True}
    assert all("ben was quicker" in each.why for each in result.left if each.decision)
    assert (result.batch.done, result.batch.left) == (1, 3)


def test_comments_that_came_to_look_alike_by_another_way_are_left_alone(article, ana, ben):
    """The editor saw it approved; it is pending now, whatever it had been before."""
    [comment] = waiting(article, status="approved")
    seen = as_now(comment)
    comment.hold(by=ben)
    result = apply("trash", seen, by=ana, now=NOW)
    assert statuses(comment) == ["pending"]
    assert result.batch is None


@pytest.mark.parametrize("status", ["", "nonsense", "PENDING", None])
def test_comment_whose_seen_status_is_unknown_is_left_alone(article, ana, status):
    [comment] = waiting(article)
    result = apply("approve", {comment.pk: status}, by=ana, now=NOW)
    assert statuses(comment) == ["pending"]
    assert result.left[0].why == "The form did not say how you had seen it."


@pytest.mark.parametrize(
    "forged", ["abc", "", "-1", "1.5", "9" * 30, "²", "٣", "1; DROP TABLE", 2**63 - 1, 0]
)
def test_forged_ids_are_left_alone(article, ana, forged):
    [comment] = waiting(article)
    result = apply("approve", {str(comment.pk): "pending", forged: "pending"}, by=ana, now=NOW)
    assert (result.done, len(result.left)) == ([comment.pk], 1)
    assert statuses(comment) == ["approved"]


def test_batch_that_moved_nothing_is_no_entry_in_the_history(article, ana):
    [comment] = waiting(article)
    assert apply("hold", as_now(comment), by=ana, now=NOW).batch is None
    assert not Batch.objects.exists()


def test_more_than_a_batch_may_hold_is_refused_whole(article, ana, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 2)
    comments = waiting(article, 3)
    with pytest.raises(BatchRefused, match="more than the 2 comments"):
        apply("approve", as_now(*comments), by=ana, now=NOW)
    assert not Decision.objects.exists() and not Batch.objects.exists()
    assert len(apply("approve", as_now(*comments[:2]), by=ana, now=NOW).done) == 2


def test_batch_of_many_transactions_is_one_batch(article, ana, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    comments = waiting(article, 5)
    batch = apply("approve", as_now(*comments), by=ana, now=NOW).batch
    assert batch.done == 5
    assert Decision.objects.filter(batch=batch.pk).count() == 5
    assert undo(batch, by=ana, now=NOW).batch.done == 5


def test_batch_that_breaks_off_keeps_what_it_did_and_can_be_undone(article, ana, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    comments = waiting(article, 5)
    break_off(monkeypatch, moves, "report_back", after=1)
    with pytest.raises(RuntimeError):
        apply("approve", as_now(*comments), by=ana, now=NOW)
    assert statuses(*comments) == ["approved"] * 2 + ["pending"] * 3
    batch = Batch.objects.get()
    assert batch.done == 2
    assert Decision.objects.count() == Lesson.objects.count() == 2
    monkeypatch.undo()
    undo(batch, by=ana, now=NOW)
    assert statuses(*comments) == ["pending"] * 5


def test_undoing_that_breaks_off_can_be_taken_up_again(client, article, ana, ben, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    comments = waiting(article, 7)
    before = tables()
    batch = apply("approve", as_now(*comments), by=ana, now=NOW).batch
    comments[6].delete()
    Comment.objects.get(pk=comments[5].pk).trash(by=ben)
    break_off(monkeypatch, moves, "report_back", after=1)
    with pytest.raises(RuntimeError):
        undo(batch, by=ana, now=NOW)
    monkeypatch.undo()
    # As long as it may still be running nobody begins a second one.
    with pytest.raises(BatchRefused, match="ana undid this batch"):
        undo(batch, by=ben, now=NOW + timedelta(minutes=10))
    later = NOW + timedelta(minutes=11)
    outlook = look_ahead(Batch.objects.get(pk=batch.pk))
    assert [each.comment_id for each in outlook.back] == [each.pk for each in comments[2:5]]
    assert len(outlook.left) == 2
    result = undo(batch, by=ben, now=later)
    assert result.done == [each.pk for each in comments[2:5]]
    assert statuses(*comments[:6]) == ["pending"] * 5 + ["trash"]
    assert tables() == before
    assert (result.batch.done, result.batch.left) == (5, 2)
    assert Batch.objects.count() == 2
    with pytest.raises(BatchRefused, match="ben undid this batch"):
        undo(batch, by=ana, now=later + timedelta(days=1))


# Undoing


def test_undo_puts_each_comment_back_to_where_it_was(article, ana, ben):
    comments = [*waiting(article, 2), *waiting(article, status="approved"), *waiting(article, status="trash")]
    batch = apply("mark_spam", as_now(*comments), by=ana, now=NOW).batch
    assert statuses(*comments) == ["spam"] * 4
    result = undo(batch, by=ben, now=LATER)
    assert statuses(*comments) == ["pending", "pending", "approved", "trash"]
    assert (result.batch.move, result.batch.by, result.batch.made_at) == ("undo", ben, LATER)
    assert (result.batch.done, result.batch.left, result.batch.undoes) == (4, 0, batch)
    batch.refresh_from_db()
    assert (batch.undone_at, batch.undone_by) == (LATER, ben)
    # Nothing is struck out: each comment's history has both.
    assert Decision.objects.filter(batch=result.batch.pk, by=ben).count() == 4
    assert Decision.objects.count() == 8


def test_approved_again_by_undoing_is_on_the_page(client, article, ana):
    [comment] = waiting(article, status="approved", body="Heat helps.")
    undo(apply("trash", as_now(comment), by=ana, now=NOW).batch, by=ana, now=NOW)
    client.logout()
    assert "Heat helps." in client.get(article.get_absolute_url()).content.decode()


def a_past(article, ana):
    """Comments of each status, by the system and by people, some of whose words count."""
    comments = {}
    for status in Comment.Status.values:
        comments[f"system, {status}"] = waiting(article, status=status)[0]
    for first, then in [
        ("approve", ""),
        ("mark_spam", ""),
        ("approve", "hold"),
        ("mark_spam", "trash"),
        ("approve", "mark_spam"),
    ]:
        [comment] = waiting(article, body=f"orchid {first} {then}")
        for move in filter(None, [first, then]):
            getattr(comment, move)(by=ana)
        comments[f"ana, {first} {then}"] = comment
        decided_at(comment, NOW - timedelta(days=400))
    # The system decided last, and a person's word counts all the same.
    comments["both"] = waiting(article, body="knees")[0]
    comments["both"].approve(by=ana)
    comments["both"].hold(by=None)
    return list(comments.values())


@pytest.mark.parametrize("move", ["approve", "hold", "mark_spam", "trash", "restore"])
def test_undo_takes_back_exactly_what_was_learned(article, ana, ben, move):
    comments = a_past(article, ana)
    before, was = tables(), statuses(*comments)
    result = apply(move, as_now(*comments), by=ben, now=NOW)
    assert result.done and tables() != before
    undo(result.batch, by=ana, now=LATER)
    assert statuses(*comments) == was
    assert tables() == before
    assert not retrain(check=True).changed
    assert tables_made_anew() == before


def test_undo_is_exact_whatever_was_learned_meanwhile(article, ana):
    """As though the batch had never been, and only the rest had."""
    comments = a_past(article, ana)
    batch = apply("mark_spam", as_now(*comments), by=ana, now=NOW).batch
    for comment in waiting(article, 3, body="pills"):
        comment.approve(by=ana)
    undo(batch, by=ana, now=LATER)
    found = tables()
    Decision.objects.filter(undoes__isnull=False).delete()
    Decision.objects.filter(batch=batch.pk).delete()
    assert tables_made_anew() == found


@pytest.mark.parametrize("older", [0, TEACHES_AT_MOST - 1, TEACHES_AT_MOST + 5])
def test_undo_keeps_the_limit_of_one_writer(article, ana, older):
    """The word that is in force again is as old as it was, so perhaps beyond the limit."""
    comments = waiting(article, TEACHES_AT_MOST + 10, author_email="one@example.org")
    for comment in comments:
        comment.approve(by=ana)
    chosen = comments[-1 - older]
    before = tables()
    batch = apply("mark_spam", as_now(chosen), by=ana, now=NOW).batch
    assert tables() != before
    undo(batch, by=ana, now=LATER)
    assert tables() == before
    assert Lesson.objects.get(comment=chosen).weight == 0 or older < TEACHES_AT_MOST


def test_what_was_taken_back_is_no_record_of_the_writer(article, ana):
    commenter = new_commenter()
    # The filter's guess, which is no record.
    [guessed] = waiting(article, status="spam", commenter=commenter)
    batch = apply("approve", as_now(guessed), by=ana, now=NOW).batch
    undo(batch, by=ana, now=NOW)
    assert statuses(guessed) == ["spam"]
    assert record_of(commenter).declined == 0


def test_restoring_after_an_undo_goes_by_what_was_before(article, ana):
    [comment] = waiting(article, status="spam")
    comment.decisions.create(from_status="", to_status="spam")
    undo(apply("approve", as_now(comment), by=ana, now=NOW).batch, by=ana, now=NOW)
    comment.refresh_from_db()
    comment.restore(by=ana)
    assert statuses(comment) == ["pending"]


def test_what_somebody_decided_since_is_left_alone(article, ana, ben):
    kept, taken, deleted = comments = waiting(article, 3)
    batch = apply("approve", as_now(*comments), by=ana, now=NOW).batch
    taken.refresh_from_db()
    taken.mark_spam(by=ben)
    gone = deleted.pk
    deleted.delete()
    outlook = look_ahead(batch)
    result = undo(batch, by=ana, now=LATER)
    assert [each.comment_id for each in outlook.back] == result.done == [kept.pk]
    for left in (outlook.left, result.left):
        assert {each.comment_id for each in left} == {taken.pk, None}
        assert [each.decision.by for each in left if each.decision] == [ben]
        assert sum(each.is_deleted for each in left) == 1
    assert statuses(kept, taken) == ["pending", "spam"]
    assert not Comment.objects.filter(pk=gone).exists()
    assert (result.batch.done, result.batch.left) == (1, 2)


def test_comment_that_was_decided_on_twice_and_came_back_is_left_alone(article, ana, ben):
    """It looks as the batch left it, and yet somebody else has decided so."""
    [comment] = waiting(article)
    batch = apply("approve", as_now(comment), by=ana, now=NOW).batch
    comment.refresh_from_db()
    comment.hold(by=ben)
    comment.approve(by=ben)
    assert undo(batch, by=ana, now=LATER).done == []
    assert statuses(comment) == ["approved"]


def test_batches_on_top_of_each_other_are_undone_in_turn(article, ana):
    comments = waiting(article, 2)
    first = apply("mark_spam", as_now(*comments), by=ana, now=NOW).batch
    before = tables()
    second = apply("approve", as_now(*comments), by=ana, now=NOW).batch
    undo(second, by=ana, now=LATER)
    assert statuses(*comments) == ["spam"] * 2
    assert tables() == before
    undo(first, by=ana, now=LATER)
    assert statuses(*comments) == ["pending"] * 2
    assert not Lesson.objects.exists()


def test_batch_is_undone_once_and_the_second_is_told_by_whom(article, ana, ben):
    comments = waiting(article, 2)
    batch = apply("approve", as_now(*comments), by=ana, now=NOW).batch
    stale = Batch.objects.get(pk=batch.pk)
    undo(batch, by=ben, now=NOW)
    for each in (batch, stale):
        with pytest.raises(BatchRefused, match=r"^ben undid this batch at 12:03 pm\.$"):
            undo(each, by=ana, now=NOW + timedelta(minutes=5))
    with pytest.raises(BatchRefused, match=r"^ben undid this batch on May 1, 2026 at 12:03 pm\.$"):
        undo(batch, by=ana, now=LATER)
    assert Batch.objects.count() == 2
    assert Decision.objects.count() == 4


def test_undoing_is_not_undone(article, ana):
    batch = apply("approve", as_now(*waiting(article)), by=ana, now=NOW).batch
    undoing = undo(batch, by=ana, now=NOW).batch
    with pytest.raises(BatchRefused, match="took back another one"):
        undo(undoing, by=ana, now=NOW)


def test_batch_can_be_undone_for_thirty_days(article, ana):
    batch = apply("approve", as_now(*waiting(article)), by=ana, now=NOW).batch
    end = NOW + timedelta(days=30)
    assert why_not_undone(batch, now=end) == ""
    with pytest.raises(BatchRefused, match="older than 30 days"):
        undo(batch, by=ana, now=end + timedelta(seconds=1))
    batch.refresh_from_db()
    assert batch.undone_at is None
    assert undo(batch, by=ana, now=end).done


def test_decision_is_taken_back_once_only(article, ana):
    [comment] = waiting(article)
    comment.approve(by=ana)
    decision = comment.decisions.get()
    comment.take_back(decision, by=ana)
    with pytest.raises(InvalidTransition):
        comment.take_back(decision, by=ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        comment.decisions.create(from_status="approved", to_status="pending", undoes=decision)


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_undo_at_once_undo_once():
    article, editors = make_article(), [make_moderator("ana"), make_moderator("ben")]
    comments = waiting(article, 20)
    before = tables()
    batch = apply("mark_spam", as_now(*comments), by=editors[0], now=NOW).batch
    together = Barrier(2)

    def race(editor):
        try:
            mine = Batch.objects.get(pk=batch.pk)
            together.wait(10)
            return len(undo(mine, by=editor, now=LATER).done)
        except BatchRefused as reason:
            return str(reason)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(race, editors)
    assert {type(first), type(second)} == {int, str}
    assert 20 in (first, second)
    assert statuses(*comments) == ["pending"] * 20
    assert Decision.objects.count() == 40
    assert tables() == before


# In words


def test_message_says_how_many_and_who_was_quicker(article, ana, ben):
    comments = waiting(article, 6)
    seen = as_now(*comments)
    for comment in comments[:2]:
        comment.approve(by=ben)
        comment.decisions.update(decided_at=NOW)
    comments[2].trash(by=ana)
    comments[2].decisions.update(decided_at=NOW - timedelta(days=1))
    comments[3].delete()
    result = apply("mark_spam", seen | {"x": "pending"}, by=ana, now=NOW)
    assert batches.in_words(Batch.Move.MARK_SPAM, result, reader=ana, now=NOW) == (
        "Spam: 2 of 7 comments. 2 were approved by ben at 12:03 pm; "
        "1 was moved to the trash by you on April 30, 2026 at 12:03 pm; 1 has been deleted; "
        "1 stays as it is: There is no such comment."
    )


def test_several_minutes_of_one_colleague_are_one_clause(article, ana, ben):
    comments = waiting(article, 3)
    seen = as_now(*comments)
    for number, comment in enumerate(comments):
        comment.approve(by=ben if number else None)
        comment.decisions.update(decided_at=NOW + timedelta(minutes=number))
    words = batches.in_words(
        Batch.Move.TRASH, apply("trash", seen, by=ana, now=NOW), reader=ana, now=NOW + timedelta(minutes=3)
    )
    assert words == (
        "Trash: no comment was changed. 1 was approved by the system at 12:03 pm; "
        "2 were approved by ben (the last at 12:05 pm)."
    )


# From the list


def test_list_hands_over_what_was_seen_and_offers_to_undo(client, article, ana):
    comments = waiting(article, 2)
    page = tree(client.get(QUEUE))
    fields = {
        each.get("name"): each.get("value")
        for each in page.findall(".//form[@id='changelist-form']//input[@type='hidden']")
    }
    response = select(client, "approve", *[each.pk for each in comments], **fields)
    [message] = messages(response)
    batch = Batch.objects.get()
    assert message == f'Approve: 2 comments. <a href="{undo_page(batch)}?from=queue" data-undo>Undo</a>'
    assert f'<a href="{undo_page(batch)}?from=queue" data-undo>Undo</a>' in response.content.decode()
    assert statuses(*comments) == ["approved"] * 2


def test_replayed_form_does_nothing_and_says_who_did_it(client, article, ana):
    [comment] = waiting(article)
    form = {f"seen_{comment.pk}": "pending"}
    select(client, "approve", comment.pk, **form)
    [message] = messages(select(client, "approve", comment.pk, **form))
    assert message.startswith("Approve: no comment was changed. 1 was approved by you at ")
    assert Decision.objects.count() == Batch.objects.count() == 1


@pytest.mark.parametrize("forged", ["abc", "9" * 30, "-1", ""])
def test_forged_id_in_a_form_breaks_nothing(client, article, ana, forged):
    [comment] = waiting(article)
    response = select(client, "approve", comment.pk, forged, **{f"seen_{comment.pk}": "pending"})
    assert response.status_code == 200
    assert statuses(comment) == ["approved"]
    assert select(client, "approve", forged, **{f"seen_{forged}": "pending"}).status_code == 200
    assert Decision.objects.count() == 1


def test_action_without_the_status_seen_changes_nothing(client, article, ana):
    [comment] = waiting(article)
    [message] = messages(select(client, "approve", comment.pk))
    assert "The form did not say how you had seen it." in message
    assert statuses(comment) == ["pending"]


def test_all_of_the_list_are_those_of_its_filter_and_no_newer_ones(client, article, ana):
    old = waiting(article, 3)
    other = waiting(article, status="spam")
    [newest] = tree(client.get(QUEUE)).findall(".//input[@name='newest']")
    new = waiting(article)
    [message] = messages(
        select(
            client,
            "trash",
            old[0].pk,
            where=f"{QUEUE}?status__exact=pending",
            select_across="1",
            newest=newest.get("value"),
        )
    )
    assert statuses(*old, *other, *new) == ["trash"] * 3 + ["spam", "pending"]
    assert message.startswith("Trash: 3 comments. 1 is new and waits. <a href=")


def test_all_of_the_list_are_no_more_than_a_batch_may_hold(client, article, ana, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 2)
    comments = waiting(article, 3)
    [message] = messages(select(client, "trash", comments[0].pk, select_across="1"))
    assert "more than the 2 comments that one batch may hold" in message
    assert statuses(*comments) == ["pending"] * 3


@pytest.mark.parametrize("newest", ["", "abc", "9" * 30, "1.0", "-4"])
def test_forged_end_of_the_list_breaks_nothing(client, article, ana, newest):
    comments = waiting(article, 2)
    response = select(client, "trash", comments[0].pk, select_across="1", newest=newest)
    assert response.status_code == 200


# The page that undoes


def test_page_shows_what_would_happen_and_changes_nothing(client, article, ana, ben):
    kept, again, taken = comments = [*waiting(article, 2), *waiting(article, status="spam")]
    batch = apply("approve", as_now(*comments), by=ben, now=timezone.now()).batch
    again.refresh_from_db()
    again.trash(by=ana)
    before = tables(), Decision.objects.count()
    text = text_of(client.get(undo_page(batch)))
    for words in [
        "Approve: 3 comments, by ben,",
        "2 comments go back to where they were",
        "1 to “Pending”",
        "1 to “Spam”",
        "Left alone: 1 was moved to the trash by you at ",
        "Undo 2 comments",
        kept.author_name,
        taken.author_name,
        "from “Approved” to “Pending”",
    ]:
        assert words in text
    assert (tables(), Decision.objects.count()) == before
    assert Batch.objects.get().undone_at is None


def test_button_on_the_page_undoes(client, article, ana):
    comments = waiting(article, 2)
    batch = apply("approve", as_now(*comments), by=ana, now=timezone.now()).batch
    response = client.post(undo_page(batch), {"from": "queue"}, follow=True)
    assert response.redirect_chain == [(QUEUE, 302)]
    assert messages(response) == ["Undo: 2 comments."]
    assert statuses(*comments) == ["pending"] * 2
    response = client.post(undo_page(batch), {"from": "https://elsewhere.example/"}, follow=True)
    assert response.redirect_chain == [(undo_page(batch), 302)]
    assert messages(response)[0].startswith("ana undid this batch at ")
    assert "ana undid this batch" in text_of(response)
    assert not tree(response).findall(".//*[@id='content']//button")
    assert Decision.objects.count() == 4


def test_page_of_an_old_batch_says_that_it_stays(client, article, ana):
    comments = waiting(article)
    batch = apply(
        "approve", as_now(*comments), by=ana, now=timezone.now() - timedelta(days=30, hours=1)
    ).batch
    page = client.get(undo_page(batch))
    assert "older than 30 days" in text_of(page)
    assert not tree(page).findall(".//*[@id='content']//button")
    assert "older than 30 days" in messages(client.post(undo_page(batch), follow=True))[0]
    assert statuses(*comments) == ["approved"]


def test_page_of_a_batch_of_which_nothing_is_left_has_no_button(client, article, ana):
    comments = waiting(article)
    batch = apply("approve", as_now(*comments), by=ana, now=timezone.now()).batch
    comments[0].delete()
    page = client.get(undo_page(batch))
    assert "Nothing of it is left to undo." in text_of(page)
    assert not tree(page).findall(".//*[@id='content']//button")


def test_page_costs_the_same_for_many_comments(client, article, ana, ben, django_assert_num_queries):
    comments = waiting(article, 30)
    batch = apply("approve", as_now(*comments), by=ana, now=timezone.now()).batch
    for comment in comments[:5]:
        comment.refresh_from_db()
        comment.trash(by=ben)
    # Session, user, two of permissions; the batch and its editor, its decisions, the later ones, and the
    # excerpts.
    with django_assert_num_queries(9):
        page = client.get(undo_page(batch))
    assert "and 5 more" in text_of(page)


def test_texts_of_strangers_are_escaped_on_the_page(client, article):
    attack = '"><script>alert(1)</script>'
    mallory = make_moderator("mallory")
    client.force_login(mallory)
    mallory.username = attack
    mallory.save()
    [comment] = waiting(article, author_name=attack, body="&lt;script&gt;alert(1)&lt;/script&gt;")
    batch = apply("approve", as_now(comment), by=mallory, now=timezone.now()).batch
    pages = [client.get(undo_page(batch)), client.get(HISTORY)]
    pages.append(select(client, "approve", comment.pk, **{f"seen_{comment.pk}": "pending"}))
    pages.append(client.post(undo_page(batch), follow=True))
    pages.append(client.get(undo_page(batch)))
    for response in pages:
        assert response.status_code == 200
        page = response.content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page


def test_batch_that_is_not_there_leads_back(client, ana):
    for address in (undo_page(Batch()), reverse("admin:comments_batch_change", args=["abc"])):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))


# The history


def test_history_tells_when_who_what_how_many_and_who_undid(client, article, ana, ben):
    comments = waiting(article, 3)
    seen = as_now(*comments)
    comments[2].trash(by=ben)
    batch = apply("approve", seen, by=ana, now=timezone.now()).batch
    undoing = undo(batch, by=ben, now=timezone.now()).batch
    newest = apply("mark_spam", as_now(*comments[:2]), by=ben, now=timezone.now()).batch
    rows = tree(client.get(HISTORY)).findall(".//table[@id='result_list']/tbody/tr")
    cells = [["".join(cell.itertext()) for cell in row] for row in rows]
    assert cells[0][1:] == ["ben", "Spam", "2", "", "Undo"]
    assert cells[1][1:] == ["ben", "Undo", "2", "", ""]
    assert cells[2][1:4] == ["ana", "Approve", "2 (1 left alone)"]
    assert cells[2][4].startswith("undone by ben, ")
    links = [[each.get("href") for each in row.findall(".//a")] for row in rows]
    shown = [comments_url(each.pk) for each in (newest, undoing, batch)]
    assert links == [[shown[0], undo_page(newest)], [shown[1]], [shown[2]]]
    assert undoing.undoes == batch


def test_history_costs_the_same_for_many_batches(client, article, ana, django_assert_num_queries):
    for _number in range(20):
        apply("approve", as_now(*waiting(article)), by=ana, now=timezone.now())
    # Session, user, two of permissions; what is to be removed for good; two counts, the batches with their
    # editors, and who can be chosen in the filter.
    with django_assert_num_queries(9):
        client.get(HISTORY)


def test_one_batch_is_shown_by_the_page_that_undoes_it(client, article, ana):
    batch = apply("approve", as_now(*waiting(article)), by=ana, now=timezone.now()).batch
    address = reverse("admin:comments_batch_change", args=[batch.pk])
    assert client.get(address)["Location"] == undo_page(batch)
    assert client.post(address, {"move": "trash"}).status_code == 403


def test_history_is_neither_added_to_nor_deleted(client, article, ana):
    batch = apply("approve", as_now(*waiting(article)), by=ana, now=timezone.now()).batch
    assert client.get(reverse("admin:comments_batch_add")).status_code == 403
    assert client.post(reverse("admin:comments_batch_delete", args=[batch.pk])).status_code == 403
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("person", ["nobody", "reader", "staff", "viewer"])
def test_page_action_and_undo_are_closed_to_whoever_may_not_moderate(client, article, person):
    [comment] = waiting(article)
    [other] = waiting(article)
    batch = apply("approve", as_now(comment), by=make_moderator("ana"), now=timezone.now()).batch
    if person != "nobody":
        user = make_user("mallory", is_staff=person in ("staff", "viewer"))
        if person == "viewer":
            group = Group.objects.create(name="Auditors")
            known = Group.objects.get(name="Moderators").permissions.exclude(codename="moderate_comment")
            group.permissions.set(known)
            user.groups.add(group)
        client.force_login(user)
    # The admin asks those who are not staff to sign in.
    refused = 403 if person in ("staff", "viewer") else 302
    for address in (HISTORY, undo_page(batch), reverse("admin:comments_batch_change", args=[batch.pk])):
        assert client.get(address).status_code == refused
        assert client.post(address).status_code == refused
    form = {
        "action": "approve_selected",
        "index": "0",
        "_selected_action": other.pk,
        f"seen_{other.pk}": "pending",
    }
    assert client.post(QUEUE, form).status_code == refused
    assert statuses(comment, other) == ["approved", "pending"]
    assert Decision.objects.count() == 1


def test_batch_must_say_who_undid_it(article, ana):
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.create(id=uuid.uuid4(), move="approve", by=ana, made_at=NOW, undone_at=NOW)
