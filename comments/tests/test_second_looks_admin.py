"""What the desk shows of second looks: the view, the notice, then and now, and keeping what is published."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from comments import batches, keeping, sweeping
from comments.admin.second_looks import progress
from comments.models import BlocklistEntry, Comment, Decision, LookFirst, SecondLook, SweepState
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:comments_comment_changelist")
DOUBTFUL = f"{QUEUE}?view=doubtful"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ATTACK = '"><script>alert(1)</script>'


@pytest.fixture
def article():
    return make_article(title="Spasms", path="spasms/")


def make_doubtful(article, name="Maria", *, points=20.0, at=NOW, comment=None, **fields):
    """A published comment whose verdict has turned."""
    said = {"author_name": name, "at": at, "rules_version": 4, "spam_probability": 0.12}
    comment = make_comment(article, **(said | (comment or {})))
    look = {
        "submitted_at": comment.submitted_at,
        "looked_at": NOW,
        "rules_version": 4,
        "points": points,
        "probability": 0.97,
        "outcome": "hold",
        "order": "publish",
        "is_doubtful": True,
        "changes": [
            {"rule": "judged_text", "shift": 15.0, "detail": "near text: 1 was spam", "evaluated": True},
            {"rule": "website", "shift": -3.0, "detail": "", "evaluated": True},
            {"rule": "sender", "shift": 0.0, "detail": "a fact is missing", "evaluated": False},
        ],
    }
    return SecondLook.objects.create(comment=comment, **(look | fields))


def tree(response):
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def writers(response):
    return [words(name) for name in tree(response).findall(".//table[@id='result_list']/tbody/tr//b/bdi")]


def views(response):
    return [words(link) for link in tree(response).findall(".//ul[@class='desk-views']//a")]


def notices(response):
    return [words(each) for each in tree(response).findall(".//p[@class='doubt-notice']")]


def messages(response):
    return [str(message) for message in response.context["messages"]]


def ticked(*looks, **more):
    """What the list sends with these rows ticked."""
    fields = {"action": "keep_selected", "index": "0", "_selected_action": [look.pk for look in looks]}
    for look in looks:
        fields |= {f"seen_{look.pk}": "approved", f"doubt_{look.pk}": keeping.token_of(look)}
    return fields | more


def change_url(look):
    return reverse("admin:comments_comment_change", args=[look.pk])


# The view


def test_view_stands_first_with_its_count_and_newest_first(client, ana, article):
    make_doubtful(article, "old", at=NOW - timedelta(days=3))
    make_doubtful(article, "new", at=NOW)
    make_doubtful(article, "kept", is_doubtful=False)
    make_comment(article, author_name="fine")
    response = client.get(DOUBTFUL)
    assert views(response)[:2] == ["Published, now doubtful 2", "Waiting 0"]
    assert writers(response) == ["new", "old"]
    assert writers(client.get(f"{DOUBTFUL}&sort=oldest")) == ["old", "new"]
    assert writers(client.get(f"{DOUBTFUL}&q=old")) == ["old"]


def test_where_nothing_is_doubtful_nothing_is_said_of_it(client, ana, article):
    make_comment(article)
    assert views(client.get(QUEUE))[0] == "Waiting 0"
    assert notices(client.get(QUEUE)) == []
    response = client.get(DOUBTFUL)
    assert views(response)[0] == "Published, now doubtful 0"
    assert "Nothing that is published looks doubtful." in response.content.decode()


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 published comment looks doubtful now"), (3, "3 published comments look doubtful now")],
)
def test_queue_says_at_the_top_how_many_look_doubtful(client, ana, article, count, said):
    for _each in range(count):
        make_doubtful(article)
    assert notices(client.get(QUEUE)) == [said]
    [link] = tree(client.get(QUEUE)).findall(".//p[@class='doubt-notice']/a")
    assert len(writers(client.get(QUEUE + link.get("href")))) == count
    assert notices(client.get(DOUBTFUL)) == []


def test_row_tells_then_and_now_and_what_has_changed(client, ana, article):
    make_doubtful(article)
    make_doubtful(article, "Imported", comment={"rules_version": 0})
    imported, maria = (
        words(cell)
        for cell in tree(client.get(DOUBTFUL)).findall(".//td[@class='field-verdict_and_reasons']")
    )
    assert "12 % → then, and now 97 % probably spam" in maria
    assert "+15 near text: 1 was spam" in maria
    assert "−3 website: says nothing any more" in maria
    assert "– not evaluated: a fact is missing" in maria
    assert imported.startswith("not judged →")


def test_rows_elsewhere_are_as_they_were(client, ana, article):
    make_doubtful(article)
    response = client.get(QUEUE, {"view": "published"})
    assert writers(response) == ["Maria"]
    page = response.content.decode()
    assert "12 % spam" in page
    assert "Keep published" not in page


def test_list_costs_as_much_for_many(client, ana, article, django_assert_num_queries):
    make_doubtful(article)
    client.get(DOUBTFUL)
    with django_assert_num_queries(9):
        client.get(DOUBTFUL)
    for number in range(20):
        make_doubtful(article, f"{number}")
    with django_assert_num_queries(9):
        assert len(writers(client.get(DOUBTFUL))) == 21


def test_list_ends_where_it_says_and_asks_no_comment_for_its_status(
    article, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("comments.second_looks.LISTED", 2)
    for number in range(4):
        make_doubtful(article, f"{number}", at=NOW + timedelta(days=number))
    with django_assert_num_queries(1) as asked:
        found = list(SecondLook.objects.doubtful())
    assert len(found) == 2
    assert "comments_comment" not in asked.captured_queries[0]["sql"].replace("comments_comment_id", "")


def test_words_of_strangers_are_shown_as_text(client, ana, article):
    said = [{"rule": ATTACK, "shift": 9.0, "detail": ATTACK, "evaluated": True}]
    look = make_doubtful(article, ATTACK, changes=said)
    for address in (DOUBTFUL, change_url(look)):
        assert "<script>alert(1)" not in client.get(address).content.decode()


# How far the sweep is


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "What is published has not been looked at again yet."),
        (
            {"looked": 412, "total": 1240},
            "412 of 1,240 comments published in the last 90 days looked at so far.",
        ),
        (
            {"looked": 1241, "total": 1240},
            "1,240 of 1,240 comments published in the last 90 days looked at so far.",
        ),
        (
            {"looked": 1240, "total": 1250, "finished_at": NOW - timedelta(minutes=2)},
            "All 1,240 comments published in the last 90 days were looked at 2\xa0minutes ago.",
        ),
        (
            {"looked": 0, "finished_at": NOW},
            "All 0 comments published in the last 90 days were looked at just now.",
        ),
        (
            {"looked": 1, "finished_at": NOW - timedelta(days=3, hours=2)},
            "The one comment published in the last 90 days was looked at 3\xa0days ago.",
        ),
    ],
)
def test_one_line_says_how_far_the_sweep_is(settings, state, said):
    settings.COMMENTS_SWEEP_DAYS = 90
    if state is not None:
        SweepState.objects.create(began_at=NOW - timedelta(days=5), days=90, **state)
    assert progress(now=NOW) == said


def test_line_stands_in_the_view_alone(client, ana, article):
    said = "What is published is looked at again by the command sweep_comments only."
    assert said in client.get(DOUBTFUL).content.decode()
    assert said not in client.get(QUEUE).content.decode()


# Keeping


def test_button_of_a_row_keeps_that_comment_alone(client, ana, article):
    look, other = make_doubtful(article), make_doubtful(article, "Mario")
    buttons = [
        (words(button), button.get("value"))
        for button in tree(client.get(DOUBTFUL)).findall(".//button[@name='_move_one']")
    ]
    assert ("Keep published", f"keep:{look.pk}") in buttons
    assert {label for label, _value in buttons} == {"Keep published", "Back to the queue", "Spam", "Trash"}
    response = client.post(DOUBTFUL, ticked(look, other) | {"_move_one": f"keep:{look.pk}"}, follow=True)
    assert messages(response) == ["Kept published: 1 comment."]
    assert writers(response) == ["Mario"]
    look.refresh_from_db()
    assert (look.kept_by, look.kept_points, look.kept_outcome, look.kept_order) == (
        ana,
        20.0,
        "hold",
        "publish",
    )
    assert look.kept_at is not None
    assert look.comment.status == "approved"
    assert not Decision.objects.exists()


def test_ticked_comments_are_kept_together_at_a_constant_cost(client, ana, article):
    looks = [make_doubtful(article, f"{number}") for number in range(3)]
    response = client.post(DOUBTFUL, ticked(*looks), follow=True)
    assert messages(response) == ["Kept published: 3 comments."]
    assert SecondLook.objects.filter(kept_by=ana, is_doubtful=False).count() == 3


def test_many_are_kept_in_few_queries(ana, article, django_assert_num_queries):
    looks = [make_doubtful(article, f"{number}") for number in range(30)]
    seen = {look.pk: keeping.token_of(look) for look in looks}
    with django_assert_num_queries(4):
        kept, left = keeping.keep(seen, by=ana, now=NOW)
    assert (len(kept), left) == (30, [])


def test_all_that_the_list_gives_are_kept_without_those_that_came_later(client, ana, article):
    looks = [make_doubtful(article, f"{number}") for number in range(3)]
    form = ticked(looks[0], select_across="1", newest=looks[1].pk)
    response = client.post(DOUBTFUL, form, follow=True)
    assert messages(response) == ["Kept published: 2 comments.", "1 is new and waits."]
    assert writers(response) == ["2"]


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        ({"points": 29.9}, True),
        ({"points": 30.0}, False),
        ({"outcome": "spam"}, False),
        ({"order": "hold"}, False),
    ],
)
def test_only_what_was_seen_is_kept(client, ana, article, since, kept):
    look = make_doubtful(article)
    form = ticked(look)
    SecondLook.objects.update(**since)
    [said] = messages(client.post(DOUBTFUL, form, follow=True))
    look.refresh_from_db()
    assert look.is_doubtful != kept
    assert kept or said == (
        "No comment was kept. 1 stays as it is: "
        "It has become more doubtful than you saw it; please look again."
    )


def test_what_a_colleague_did_meanwhile_is_told(client, ana, article):
    ben = make_moderator("ben")
    spam, kept, gone, better = (make_doubtful(article, name) for name in ("spam", "kept", "gone", "better"))
    form = ticked(spam, kept, gone, better)
    Comment.objects.get(pk=spam.pk).mark_spam(by=ben)
    SecondLook.objects.filter(pk=kept.pk).keep(by=ben, at=NOW)
    Comment.objects.get(pk=gone.pk).delete()
    SecondLook.objects.filter(pk=better.pk).delete()
    [said] = messages(client.post(DOUBTFUL, form, follow=True))
    for part in [
        "No comment was kept.",
        "1 was marked as spam by ben at",
        "1 has been deleted",
        "ben has kept it already",
        "It no longer looks doubtful",
    ]:
        assert part in said
    assert SecondLook.objects.get(pk=kept.pk).kept_by == ben


def test_form_that_is_sent_twice_keeps_once(client, ana, article):
    look = make_doubtful(article)
    client.post(DOUBTFUL, ticked(look))
    *_first, said = messages(client.post(DOUBTFUL, ticked(look), follow=True))
    assert said == "No comment was kept. 1 stays as it is: ana has kept it already."


@pytest.mark.parametrize(
    "token",
    [
        "",
        "hold",
        "hold:publish",
        "hold:publish:",
        "hold:publish:nan",
        "hold:publish:inf",
        "hold:publish:1:2",
        "certain:publish:1",
        "hold:\x00:1",
        "spam:spam:" + "9" * 10_000,
        ":" * 1000,
    ],
)
def test_forged_token_keeps_nothing(client, ana, article, token):
    look = make_doubtful(article)
    response = client.post(DOUBTFUL, ticked(look) | {f"doubt_{look.pk}": token}, follow=True)
    assert response.status_code == 200
    assert SecondLook.objects.get().is_doubtful


@pytest.mark.parametrize("pk", ["", "abc", "²", "-1", "0", "9" * 18, "9" * 400, "\x00", "1 OR 1=1"])
def test_forged_id_keeps_nothing(client, ana, article, pk):
    make_doubtful(article)
    for form in ({"_move_one": f"keep:{pk}"}, {"action": "keep_selected", "_selected_action": [pk]}):
        assert (
            client.post(DOUBTFUL, form | {f"doubt_{pk}": "hold:publish:20"}, follow=True).status_code == 200
        )
    assert SecondLook.objects.get().is_doubtful


def test_more_than_can_be_kept_at_once_are_left(ana, article, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 1)
    seen = {make_doubtful(article, f"{number}").pk: None for number in range(2)}
    kept, left = keeping.keep(seen, by=ana, now=NOW)
    assert (len(kept), [each.why for each in left]) == (1, ["That is more than can be kept at once."])


def test_reading_an_address_keeps_nothing(client, ana, article):
    look = make_doubtful(article)
    client.get(DOUBTFUL, ticked(look) | {"view": "doubtful", "_move_one": f"keep:{look.pk}"})
    client.get(change_url(look), {"_keep": "1", f"doubt_{look.pk}": keeping.token_of(look)})
    assert SecondLook.objects.get().is_doubtful


def test_action_stands_where_something_can_be_kept(client, ana, article):
    look = make_doubtful(article)
    options = ".//select[@name='action']/option"
    in_view = [option.get("value") for option in tree(client.get(DOUBTFUL)).findall(options)]
    make_comment(article, status="pending")
    elsewhere = [option.get("value") for option in tree(client.get(QUEUE)).findall(options)]
    assert in_view == [*elsewhere, "keep_selected"]
    assert f"{batches.Batch.Move.APPROVE}_selected" in elsewhere
    client.post(QUEUE, ticked(look))
    assert SecondLook.objects.get().is_doubtful


# The card


def test_card_tells_of_the_second_look(client, ana, article):
    look = make_doubtful(article)
    page = tree(client.get(change_url(look)))
    block = page.find(".//section[@aria-labelledby='second-look']")
    for part in [
        "Second look",
        "12 % → then, and now 97 % probably spam",
        "Looked at again on May 1, 2026 at 12:00 pm.",
        "+15 near text: 1 was spam",
    ]:
        assert part in words(block)
    assert [words(button) for button in page.findall(".//div[@class='submit-row moves']/button")] == [
        "Keep published",
        "Back to the queue",
        "Spam",
        "Trash",
    ]


def test_card_says_who_keeps_it_and_whether_more_speaks_against_it_since(client, ana, article):
    look = make_doubtful(article)
    token = keeping.token_of(look)
    response = client.post(change_url(look), {"_keep": "1", f"doubt_{look.pk}": token}, follow=True)
    assert messages(response) == ["Kept published: 1 comment."]
    page = response.content.decode()
    assert "ana keeps it published, since" in page
    assert 'name="_keep"' not in page
    SecondLook.objects.update(is_doubtful=True)
    page = client.get(change_url(look)).content.decode()
    assert "more speaks against it since." in page
    assert 'name="_keep"' in page


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_card_of_what_is_not_published_says_nothing_of_it(client, ana, article, status):
    look = make_doubtful(article)
    Comment.objects.update(status=status)
    assert "Second look" not in client.get(change_url(look)).content.decode()


def test_card_of_most_comments_says_nothing_of_it(client, ana, article):
    comment = make_comment(article)
    assert "Second look" not in client.get(change_url(comment)).content.decode()
    SecondLook.objects.all().delete()


# Who may


def test_view_and_keeping_are_closed_to_whoever_may_not_moderate(client, article):
    look = make_doubtful(article)
    client.force_login(make_user("staff", is_staff=True))
    form = ticked(look)
    assert client.get(DOUBTFUL).status_code == 403
    assert client.get(change_url(look)).status_code == 403
    assert client.post(DOUBTFUL, form).status_code == 403
    assert client.post(DOUBTFUL, form | {"_move_one": f"keep:{look.pk}"}).status_code == 403
    assert client.post(change_url(look), form | {"_keep": "1"}).status_code == 403
    assert SecondLook.objects.get().is_doubtful


def test_whoever_may_only_look_sees_it_and_keeps_nothing(client, article):
    look = make_doubtful(article)
    viewer = make_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client.force_login(viewer)
    response = client.get(DOUBTFUL)
    assert writers(response) == ["Maria"]
    assert "Keep published" not in response.content.decode()
    card = client.get(change_url(look)).content.decode()
    assert "Second look" in card
    assert 'name="_keep"' not in card
    assert client.post(DOUBTFUL, ticked(look)).status_code == 403
    assert client.post(change_url(look), ticked(look) | {"_keep": "1"}).status_code == 403
    assert SecondLook.objects.get().is_doubtful


# The blocklist


def test_entry_that_catches_what_is_published_has_it_looked_at_first(client, ana, article, settings):
    settings.COMMENTS_SWEEP_DAYS = 90
    ana.user_permissions.add(*Permission.objects.filter(codename__endswith="blocklistentry"))
    now = sweeping.timezone.now()
    caught = make_comment(article, body="A fine shed.", at=now - timedelta(days=1))
    make_comment(article, body="A fine house.", at=now - timedelta(days=1))
    add = reverse("admin:comments_blocklistentry_add")
    fields = {"kind": "word", "text": "shed", "effect": "spam", "note": ""}
    client.post(add, fields | {"_try": "Try it"})
    assert not LookFirst.objects.exists()
    client.post(add, fields | {"_save": "Save"})
    assert BlocklistEntry.objects.exists()
    assert [task.comment for task in LookFirst.objects.all()] == [caught]
    assert sweeping.step(worker="a", now=now)
    assert writers(client.get(DOUBTFUL)) == [caught.author_name]


@pytest.mark.parametrize("query", [{"view": "doubtful", "p": "99"}, {"view": "doubtful", "sort": "doubt"}])
def test_crafted_address_of_the_view_breaks_nothing(client, ana, article, query):
    make_doubtful(article)
    assert client.get(f"{QUEUE}?{urlencode(query)}").status_code == 200
