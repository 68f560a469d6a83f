import random
from datetime import UTC, datetime, timedelta
from io import StringIO

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.core import signing
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from comments import batches, deletion, echoes
from comments.agreement import decided
from comments.backtest import backtest
from comments.batches import BatchRefused, apply, undo
from comments.deletion import RetrainFirst, purge
from comments.facts import record_of, text_digest
from comments.learned import KeptLessons, KeptWord, LearnerState, Lesson
from comments.models import (
    Batch,
    BlocklistEntry,
    Comment,
    CommentFinding,
    CommentTrace,
    Decision,
    OpinionTask,
    Sending,
)
from comments.moderation import words
from comments.retraining import retrain
from comments.visitors import new_commenter
from tests.factories import make_article, make_comment, make_moderator, make_user

from .test_learning import points_of, tables, tables_made_anew
from .test_moves import a_world, limit_of_three, live_through  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 3, tzinfo=UTC)
MONTH = timedelta(days=30)
TOO_LATE = NOW + MONTH + timedelta(seconds=1)
QUEUE = reverse("admin:comments_comment_changelist")
EMPTY = reverse("admin:comments_comment_empty")
HISTORY = reverse("admin:comments_batch_changelist")
VIEWS = ["waiting", "published", "spam", "trash", "all"]


@pytest.fixture
def article():
    return make_article(title="Stiff Necks")


@pytest.fixture
def ana(client):
    """A moderator who may delete, too, logged in."""
    return log_in_with_deletion(client, "ana")


def log_in_with_deletion(client, name):
    user = make_moderator(name)
    user.user_permissions.add(Permission.objects.get(codename="delete_comment"))
    client.force_login(user)
    return user


def spam(article, number=1, **fields):
    return [make_comment(article, **{"status": "spam"} | fields) for _number in range(number)]


def as_now(*comments):
    return dict(Comment.objects.filter(pk__in=[each.pk for each in comments]).values_list("pk", "status"))


def statuses(*comments):
    now = as_now(*comments)
    return [now.get(each.pk) for each in comments]


def delete(*comments, by, now=NOW):
    return apply("delete", as_now(*comments), by=by, now=now).batch


def tree(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def text_of(response):
    return " ".join("".join(tree(response).find(".//*[@id='content']").itertext()).split())


def messages(response):
    return [str(message) for message in response.context["messages"]]


def way_to_empty(page):
    """Return the address of the button that empties a view."""
    return next((a.get("href") for a in tree(page).findall(".//a") if EMPTY in (a.get("href") or "")), None)


def form_of(page):
    """Return what the page that asks would send."""
    return {
        field.get("name"): field.get("value") or ""
        for form in tree(page).findall(".//*[@id='content']//form")
        for field in form.findall(".//input")
    }


def shown_in(client, view, **query):
    page = client.get(QUEUE, {"view": view} | query)
    return {int(box.get("value")) for box in tree(page).findall(".//input[@name='_selected_action']")}


# What is deleted


def test_deleted_comments_are_in_no_list_search_or_count(client, article, ana):
    kept, gone = make_comment(article, status="trash"), make_comment(article, status="trash")
    delete(gone, by=ana)
    assert all(gone.pk not in shown_in(client, view) for view in VIEWS)
    assert shown_in(client, "all") == shown_in(client, "trash") == {kept.pk}
    assert shown_in(client, "all", q=gone.author_name) == set()
    assert shown_in(client, "all", article=article.pk) == {kept.pk}
    counts = tree(client.get(QUEUE)).findall(".//*[@class='desk-count']")
    assert ["".join(each.itertext()) for each in counts] == ["0", "0", "0", "1", "1"]


def test_deleted_comments_are_on_no_page_and_in_no_feed(client, article, ana):
    parent = make_comment(article, body="A parent.")
    reply = make_comment(article, body="A reply.", parent=parent)
    parent.trash(by=ana)
    batch = delete(parent, by=ana)
    pages = [article.get_absolute_url(), reverse("comments:feed"), f"{article.get_absolute_url()}feed/"]

    def shown(text):
        return [text in client.get(page).content.decode() for page in pages]

    assert shown("A parent.") == [False] * 3
    assert shown("A reply.") == [True] * 3
    placeholder = "This comment has been removed."
    assert placeholder in client.get(article.get_absolute_url()).content.decode()
    purge(now=TOO_LATE)
    assert not Comment.objects.filter(pk=parent.pk).exists()
    reply.refresh_from_db()
    assert reply.parent_id is None
    assert placeholder in client.get(article.get_absolute_url()).content.decode()
    batch.refresh_from_db()
    assert (batch.done, batch.final_at) == (1, TOO_LATE)


def test_writer_is_told_that_an_editor_decided_and_then_that_it_is_gone(client, article, ana):
    [comment] = spam(article, body="Buy pills.")
    address = reverse("comments:receipt", args=[signing.Signer(salt="comments.receipt").sign(comment.pk)])
    assert "awaiting moderation" in client.get(address).content.decode()
    delete(comment, by=ana)
    page = client.get(address)
    assert page.status_code == 200
    assert "Your comment has not been published." in page.content.decode()
    purge(now=TOO_LATE)
    for answer in (client.get(address), client.post(f"{address}confirm/")):
        assert answer.status_code == 410
        assert "Your comment has been removed." in answer.content.decode()
        assert answer["X-Robots-Tag"] == "noindex"


def test_page_on_data_says_how_long_deleted_comments_are_kept(client):
    page = client.get(reverse("comments:data")).content.decode()
    assert "can be put back for 30 days; then it is removed for good" in page


def test_deletion_says_nothing_new_of_a_comment(article, ana):
    """What was said, learned, believed and counted before is so until it is final."""
    commenter = new_commenter()
    [said] = spam(article, status="pending", body="orchid pills and much more of it", commenter=commenter)
    said.mark_spam(by=ana)
    [guessed] = spam(article, body="orchid pills and much more of it", commenter=commenter)

    def all_of_it():
        seen = echoes.echoes(
            author_name="x",
            author_url="",
            text="orchid pills and much more of it",
            text_digest=text_digest("orchid pills and much more of it"),
            links=(),
            address=None,
            published_at=None,
            now=said.submitted_at + timedelta(days=1),
        )
        return tables(), decided(), record_of(commenter), (seen.same_text, seen.same_text_spam)

    Comment.objects.update(text_digest=text_digest("orchid pills and much more of it"))
    before = all_of_it()
    assert before[2].declined == 1 and before[3] == (2, 1)
    batch = delete(said, guessed, by=ana)
    assert all_of_it() == before
    assert not retrain(check=True).changed
    undo(batch, by=ana, now=NOW)
    assert all_of_it() == before
    assert statuses(said, guessed) == ["spam", "spam"]
    # Nobody has said of the guess that it is spam, by deleting it and putting it back either.
    assert record_of(commenter).declined == 1


def test_deleted_comments_are_no_matches_of_a_blocklist_entry(article, ana):
    comments = spam(article, 2, body="orchid", at=NOW)
    entry = BlocklistEntry(kind="word", text="orchid", effect="hold").as_facts()
    assert backtest(entry, now=NOW).spam.caught == 2
    delete(comments[0], by=ana)
    assert backtest(entry, now=NOW).spam.caught == 1


def test_what_a_colleague_deleted_is_left_alone_and_named(article, ana):
    ben = make_moderator("ben")
    comments = spam(article, 3)
    seen = as_now(*comments)
    delete(*comments[:2], by=ben, now=timezone.now())
    now = timezone.now()
    result = apply("restore", seen, by=ana, now=now)
    said = batches.in_words(Batch.Move.RESTORE, result, reader=ana, now=now)
    assert said.startswith("Restore: 1 of 3 comments. 2 were deleted by ben at ")


# Removed for good


def test_after_thirty_days_and_no_earlier_all_of_it_is_removed(article, ana):
    due, kept = spam(article, 3), spam(article)
    for comment in due + kept:
        comment.findings.create(rule="link_count", points=1, detail="")
        comment.traces.create(kind="near", digest=comment.pk, submitted_at=NOW)
        comment.sendings.create(purpose="check", host="h", fields="text", sent_at=NOW)
        OpinionTask.objects.create(comment=comment, purpose="check", created_at=NOW, due_at=NOW)
    batch = delete(*due, by=ana)
    later = delete(*kept, by=ana, now=NOW + timedelta(days=2))
    assert purge(now=NOW + MONTH) == 0
    assert purge(now=TOO_LATE) == 3
    assert statuses(*due, *kept) == [None] * 3 + ["deleted"]
    for model in (CommentFinding, CommentTrace, Decision, Sending, OpinionTask):
        assert set(model.objects.values_list("comment", flat=True)) == {kept[0].pk}
    batch.refresh_from_db()
    later.refresh_from_db()
    assert (batch.done, batch.final_at, later.final_at) == (3, TOO_LATE, None)
    with pytest.raises(
        BatchRefused, match=r"^The comments of this batch were deleted for good at 12:03 pm\.$"
    ):
        undo(batch, by=ana, now=TOO_LATE)
    assert purge(now=TOO_LATE) == 0


def test_what_was_put_back_is_not_removed(article, ana):
    comments = spam(article, 3)
    batch = delete(*comments, by=ana)
    undo(batch, by=ana, now=NOW)
    again = delete(comments[0], by=ana, now=NOW + timedelta(days=10))
    assert purge(now=TOO_LATE) == 0
    assert statuses(*comments) == ["deleted", "spam", "spam"]
    assert purge(now=TOO_LATE + timedelta(days=10)) == 1
    assert statuses(*comments) == [None, "spam", "spam"]
    again.refresh_from_db()
    assert again.final_at


def test_much_is_removed_bit_by_bit(article, ana, monkeypatch):
    monkeypatch.setattr(deletion, "AT_ONCE", 2)
    comments = spam(article, 7)
    batches_made = [delete(*comments[:4], by=ana), delete(*comments[4:], by=ana)]
    assert purge(now=TOO_LATE, at_most=5) == 5
    assert Comment.objects.count() == 2
    assert purge(now=TOO_LATE, at_most=5) == 2
    # That nothing is left of a batch is noticed by whoever comes next.
    assert purge(now=TOO_LATE, at_most=5) == 0
    assert all(Batch.objects.get(pk=each.pk).final_at for each in batches_made)


def test_what_it_taught_stays_learned_and_learning_anew_gives_the_same(article, ana):
    pills, orchids = (
        spam(article, 4, status="pending", body="pills"),
        spam(article, status="pending", body="orchid"),
    )
    for comment in pills:
        comment.mark_spam(by=ana)
    orchids[0].approve(by=ana)
    points, before = points_of("pills"), tables()
    delete(*pills, by=ana)
    assert purge(now=TOO_LATE) == 4
    assert points_of("pills") == points > 0
    assert tables()[1:] == before[1:]
    assert list(Lesson.objects.values_list("comment", flat=True)) == [orchids[0].pk]
    assert KeptLessons.objects.get().number == 4
    result = retrain(check=True)
    assert (result.changed, result.kept, result.lessons) == (False, 4, 1)
    found = tables()
    assert tables_made_anew() == found
    assert points_of("pills") == points


@pytest.mark.parametrize("seed", range(4))
def test_limit_of_lessons_holds_among_those_that_are_left(ana, limit_of_three, seed):  # noqa: F811
    chance = random.Random(seed)
    comments, when = a_world(chance), NOW
    for _month in range(3):
        live_through(chance, [each for each in comments if as_now(each)], ana, 40)
        for comment in comments:
            comment.status = as_now(comment).get(comment.pk, "")
        bins = [each for each in comments if each.status in ("spam", "trash")]
        delete(*chance.sample(bins, min(len(bins), 8)), by=ana, now=when)
        when += MONTH + timedelta(days=1)
        purge(now=when)
        comments = [each for each in comments if as_now(each) and statuses(each) != ["deleted"]]
        assert not retrain(check=True).changed
        found = tables()
        assert tables_made_anew() == found
    assert KeptLessons.objects.get().number > 3


def test_words_of_another_tokeniser_wait_and_are_then_forgotten(article, ana, monkeypatch):
    first, second, third = (
        spam(article, status="pending", body=body)[0] for body in ("pills", "pads", "heat")
    )
    for comment in (first, second, third):
        comment.mark_spam(by=ana)
    delete(first, by=ana)
    purge(now=TOO_LATE)
    delete(second, by=ana)
    monkeypatch.setattr(words, "TOKENS_VERSION", words.TOKENS_VERSION + 1)
    with pytest.raises(RetrainFirst):
        purge(now=TOO_LATE)
    with pytest.raises(CommandError, match="retrain first"):
        call_command("purge_deleted")
    deletion.purge_in_passing(now=TOO_LATE)
    assert statuses(second) == ["deleted"]
    output = StringIO()
    call_command("retrain", stdout=output)
    assert "lost:    1 lessons of comments that were deleted for good" in output.getvalue()
    assert not KeptWord.objects.exists() and not KeptLessons.objects.exists()
    assert not retrain(check=True).changed
    assert points_of("pills") == 0 and points_of("pads") > 0
    assert purge(now=TOO_LATE) == 1
    assert points_of("pads") > 0
    result = retrain(check=True)
    assert (result.changed, result.kept, result.forgotten) == (False, 1, 0)


def test_command_removes_what_is_due_and_says_how_many(article, ana):
    delete(*spam(article, 2), by=ana, now=timezone.now() - timedelta(days=31))
    delete(*spam(article, 3), by=ana, now=timezone.now() - timedelta(days=29))
    output = StringIO()
    call_command("purge_deleted", stdout=output)
    assert output.getvalue() == "2 comments were removed for good.\n"
    assert Comment.objects.count() == 3


def test_history_and_emptying_remove_some_of_it_in_passing(client, article, ana, monkeypatch):
    monkeypatch.setattr(deletion, "IN_PASSING", 2)
    delete(*spam(article, 5), by=ana, now=timezone.now() - timedelta(days=31))
    client.get(HISTORY)
    assert Comment.objects.count() == 3
    client.post(EMPTY, {"status": "spam", "ids": ""})
    assert Comment.objects.count() == 1


# Emptying


def test_page_that_asks_says_how_many_and_changes_nothing(client, article, ana):
    comments = spam(article, 25)
    others = [make_comment(article, status=status) for status in ("pending", "approved", "trash")]
    page = client.get(way_to_empty(client.get(f"{QUEUE}?view=spam")))
    text = text_of(page)
    for sentence in (
        "Delete these 25 comments that you saw?",
        "For 30 days the batch can be undone.",
        "Delete 25 comments",
        comments[0].author_name,
        "and 5 more",
    ):
        assert sentence in text
    assert statuses(*comments, *others) == ["spam"] * 25 + ["pending", "approved", "trash"]
    assert not Decision.objects.exists()
    response = client.post(EMPTY, form_of(page), follow=True)
    assert response.redirect_chain == [(f"{QUEUE}?view=spam", 302)]
    assert messages(response)[0].startswith("Delete: 25 comments. <a href=")
    assert statuses(*comments, *others) == ["deleted"] * 25 + ["pending", "approved", "trash"]
    batch = Batch.objects.get()
    assert (batch.move, batch.by, batch.done, batch.left) == ("delete", ana, 25, 0)
    undo(batch, by=ana, now=timezone.now())
    assert statuses(*comments) == ["spam"] * 25


def test_what_came_or_changed_after_the_list_was_shown_is_left_alone_and_told(client, article, ana):
    ben = make_moderator("ben")
    seen = spam(article, 5)
    [elsewhere] = spam(article, status="approved")
    address = way_to_empty(client.get(f"{QUEUE}?view=spam"))
    new = spam(article, 2)
    elsewhere.mark_spam(by=ben)
    seen[0].approve(by=ben)
    # It looks as it did, and yet somebody has decided on it anew.
    seen[1].trash(by=ben)
    seen[1].mark_spam(by=ben)
    page = client.get(address)
    text = text_of(page)
    assert "Delete these 3 comments that you saw?" in text
    assert "4 have come or changed since you saw the list, and stay." in text
    assert "1 that you saw has been decided on since, and is left alone." in text
    # And once more, while the page that asks is open.
    seen[2].refresh_from_db()
    seen[2].approve(by=ben)
    response = client.post(EMPTY, form_of(page), follow=True)
    assert messages(response)[0].startswith("Delete: 2 of 3 comments. 1 was approved by ben at ")
    assert statuses(*seen) == ["approved", "spam", "approved", "deleted", "deleted"]
    assert statuses(elsewhere, *new) == ["spam"] * 3


def test_narrowed_list_is_emptied_as_it_was_narrowed(client, article, ana):
    wanted, other = spam(article, 2, author_name="Cheap Pills"), spam(make_article(), 2)
    for query in ("&q=Pills", f"&article={article.pk}"):
        page = client.get(f"{QUEUE}?view=spam{query}")
        [label] = [a.text for a in tree(page).findall(".//a") if EMPTY in (a.get("href") or "")]
        assert label == "Delete all of these…"
        asked = client.get(way_to_empty(page))
        assert "Delete these 2 comments" in text_of(asked)
        assert "as you had narrowed it down" in text_of(asked)
    client.post(EMPTY, form_of(asked))
    assert statuses(*wanted, *other) == ["deleted"] * 2 + ["spam"] * 2


def test_more_than_a_batch_may_hold_are_deleted_the_oldest_first(client, article, ana, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 3)
    comments = spam(article, 5)
    page = client.get(way_to_empty(client.get(f"{QUEUE}?view=spam")))
    assert "as many as one batch may hold" in text_of(page)
    client.post(EMPTY, form_of(page))
    assert statuses(*comments) == ["deleted"] * 3 + ["spam"] * 2
    ids = ".".join(str(each.pk) for each in comments)
    response = client.post(EMPTY, {"status": "spam", "ids": ids}, follow=True)
    assert "more than the 3 comments that one batch may hold" in messages(response)[-1]
    assert statuses(*comments) == ["deleted"] * 3 + ["spam"] * 2


def test_form_that_is_sent_twice_deletes_once(client, article, ana):
    comments = spam(article, 2)
    form = form_of(client.get(f"{EMPTY}?view=spam"))
    client.post(EMPTY, form)
    response = client.post(EMPTY, form, follow=True)
    assert messages(response)[-1].startswith("Delete: no comment was changed. 2 were deleted by you at ")
    assert Decision.objects.count() == 2 and Batch.objects.count() == 1
    assert statuses(*comments) == ["deleted"] * 2


@pytest.mark.parametrize(
    ("status", "ids"),
    [
        ("approved", "{pk}"),
        ("pending", "{pk}"),
        ("deleted", "{pk}"),
        ("nonsense", "{pk}"),
        ("", "{pk}"),
        ("trash", "{pk}"),
        ("spam", "abc.-1.1e3.\x00.²"),
        ("spam", "9" * 5000),
        ("spam", "." * 5000),
        ("spam", ""),
    ],
)
def test_forged_forms_delete_nothing(client, article, ana, status, ids):
    comments = [make_comment(article, status=each) for each in ("spam", "approved", "pending")]
    which = comments[0] if status not in ("approved", "pending") else make_comment(article, status=status)
    response = client.post(EMPTY, {"status": status, "ids": ids.format(pk=which.pk)}, follow=True)
    assert response.status_code == 200
    assert statuses(*comments) == ["spam", "approved", "pending"]
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "view=all",
        "view=waiting",
        "view=spam&newest=abc&decided=9e9",
        "view=spam&newest=99999999999999999999&decided=-1",
        "view=spam&color=red",
        "view=spam&article=x",
        "view=spam&q=%00",
        "view=%ff%00",
        "view=spam&p=-7",
    ],
)
def test_crafted_address_of_the_page_breaks_nothing(client, article, ana, query):
    comments = spam(article, 2)
    assert client.get(f"{EMPTY}?{query}").status_code in (200, 302)
    assert statuses(*comments) == ["spam"] * 2


def test_page_of_an_empty_view_has_no_button(client, article, ana):
    assert way_to_empty(client.get(f"{QUEUE}?view=trash")) is None
    page = client.get(f"{EMPTY}?view=trash")
    assert "There is nothing to delete." in text_of(page)
    assert not tree(page).findall(".//*[@id='content']//button")
    assert client.put(EMPTY).status_code == 405


@pytest.mark.parametrize("view", ["spam", "trash"])
def test_ticked_comments_are_deleted_where_the_view_can_be_emptied(client, article, ana, view):
    chosen, other = spam(article, 2, status=view), spam(article, status=view)
    page = client.get(f"{QUEUE}?view={view}")
    options = [each.get("value") for each in tree(page).findall(".//select[@name='action']/option")]
    assert "delete_selected" in options
    form = {
        "action": "delete_selected",
        "index": "0",
        "_selected_action": [each.pk for each in chosen],
        **{f"seen_{each.pk}": view for each in chosen},
    }
    assert messages(client.post(f"{QUEUE}?view={view}", form, follow=True))[0].startswith(
        "Delete: 2 comments. <a href="
    )
    assert statuses(*chosen, *other) == ["deleted"] * 2 + [view]


def test_nothing_is_deleted_from_other_views_or_for_good(client, article, ana):
    ana.is_superuser = True
    ana.save()
    comments = [make_comment(article, status=each) for each in ("pending", "spam")]
    for view in ("waiting", "all"):
        page = client.get(f"{QUEUE}?view={view}")
        assert way_to_empty(page) is None
        options = [each.get("value") for each in tree(page).findall(".//select[@name='action']/option")]
        assert "approve_selected" in options and "delete_selected" not in options
        form = {"action": "delete_selected", "index": "0", "_selected_action": comments[0].pk, "post": "yes"}
        client.post(f"{QUEUE}?view={view}", form | {f"seen_{comments[0].pk}": "pending"})
    address = reverse("admin:comments_comment_delete", args=[comments[1].pk])
    assert client.get(address).status_code == client.post(address, {"post": "yes"}).status_code == 403
    assert statuses(*comments) == ["pending", "spam"]


@pytest.mark.parametrize("person", ["nobody", "reader", "staff", "moderator", "deleter"])
def test_deleting_takes_both_permissions(client, article, person):
    """Of page, form and action alike; a moderator alone, and whoever may delete alone, are refused."""
    if person == "moderator":
        client.force_login(make_moderator("mallory"))
    elif person != "nobody":
        user = make_user("mallory", is_staff=person in ("staff", "deleter"))
        if person == "deleter":
            user.user_permissions.add(
                *Permission.objects.filter(codename__endswith="_comment").exclude(codename="moderate_comment")
            )
        client.force_login(user)
    refused = 302 if person in ("nobody", "reader") else 403
    [comment] = spam(article)
    form = {"action": "delete_selected", "index": "0", "_selected_action": comment.pk}
    assert client.get(f"{EMPTY}?view=spam").status_code == refused
    assert client.post(EMPTY, {"status": "spam", "ids": str(comment.pk)}).status_code == refused
    answer = client.post(f"{QUEUE}?view=spam", form | {f"seen_{comment.pk}": "spam"})
    assert answer.status_code == refused
    assert statuses(comment) == ["spam"]
    if person == "moderator":
        page = client.get(f"{QUEUE}?view=spam")
        assert way_to_empty(page) is None
        options = [each.get("value") for each in tree(page).findall(".//select[@name='action']/option")]
        assert "approve_selected" in options and "delete_selected" not in options


def test_page_that_asks_costs_the_same_for_many_comments(client, article, ana, django_assert_num_queries):
    spam(article, 60)
    address = way_to_empty(client.get(f"{QUEUE}?view=spam"))
    # Session, user, two of permissions; the list's own count; how many came and were decided since, which
    # are deleted, and the first of them.
    with django_assert_num_queries(12):
        client.get(address)


# Where it is seen still


def test_page_of_a_deleted_comment_leads_to_its_batch_and_moves_nothing(client, article, ana):
    [comment] = spam(article)
    batch = delete(comment, by=ana, now=timezone.now())
    address = reverse("admin:comments_comment_change", args=[comment.pk])
    page = client.get(address)
    undo_page = reverse("admin:comments_batch_undo", args=[batch.pk])
    assert "This comment is deleted" in text_of(page)
    assert undo_page in [a.get("href") for a in tree(page).findall(".//*[@id='content']//a")]
    assert not tree(page).findall(".//*[@class='submit-row moves']")
    for seen in ("deleted", "spam"):
        client.post(address, {"_approve": "1", "seen_status": seen})
    assert statuses(comment) == ["deleted"]
    listed = client.get(undo_page)
    assert "1 to “Spam”" in text_of(listed)
    assert address in [a.get("href") for a in tree(listed).findall(".//*[@id='content']//a")]
    assert messages(client.post(undo_page, follow=True)) == ["Undo: 1 comment."]
    assert statuses(comment) == ["spam"]


def test_deleted_comments_of_a_writer_count_as_declined_on_the_card(client, article, ana):
    [first, second] = spam(article, 2, author_email="w@example.org")
    delete(first, by=ana)
    page = client.get(reverse("admin:comments_comment_change", args=[second.pk]))
    assert "1 declined" in text_of(page)


def test_learner_of_a_fresh_site_bears_a_purge(article, ana):
    delete(*spam(article, 2), by=ana)
    assert purge(now=TOO_LATE) == 2
    assert not KeptLessons.objects.exists()
    assert LearnerState.objects.get().checksum == 0
