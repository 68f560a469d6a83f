"""The filters beside the queue: what they choose, what they refuse, and that each has an index."""

import uuid
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from comments.admin import filters
from comments.batches import apply, undo
from comments.models import Comment
from tests.factories import make_article, make_comment, make_moderator

from .test_paging import plan_of, reads_no_table
from .test_queue import QUEUE, tree, words, writers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr(filters.timezone, "now", lambda: NOON)


def beside(response, title):
    """Return the links of one filter, by their words."""
    for details in tree(response).findall(".//nav[@id='changelist-filter']/details"):
        if words(details.find("summary")) == f"By {title}":
            return {words(link): QUEUE + link.get("href") for link in details.findall(".//a")}
    return None


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("almost certainly spam", ["1.0", "0.99"]),
        ("probably spam", ["0.98", "0.75"]),
        ("could be either", ["0.74", "0.5", "0.26"]),
        ("probably fine", ["0.25", "0.0"]),
        ("All", ["1.0", "0.99", "0.98", "0.75", "0.74", "0.5", "0.26", "0.25", "0.0"]),
    ],
)
@pytest.mark.parametrize("sort", ["newest", "doubt"])
def test_filter_by_likelihood_takes_the_words_of_the_rows(client, ana, article, label, shown, sort):
    for number, probability in enumerate([0.0, 0.25, 0.26, 0.5, 0.74, 0.75, 0.98, 0.99, 1.0]):
        make_comment(
            article,
            author_name=f"{probability}",
            status="pending",
            spam_probability=probability,
            at=NOON + timedelta(days=number),
        )
    page = client.get(QUEUE, {"sort": sort})
    response = client.get(beside(page, "likelihood of spam")[label])
    assert sorted(writers(response), reverse=True) == shown
    if label != "All":
        rows = tree(response).findall(".//td[@class='field-verdict_and_reasons']")
        assert all(label in words(row) for row in rows)


@pytest.mark.parametrize("sort", ["newest", "oldest", "doubt"])
@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("Today", {"now", "midnight"}),
        ("Past 7 days", {"now", "midnight", "yesterday", "week"}),
        ("Past 30 days", {"now", "midnight", "yesterday", "week", "month"}),
        ("Older than 30 days", {"older", "ancient"}),
    ],
)
def test_filter_by_age_counts_back_from_now(client, ana, article, at_noon, label, shown, sort):
    midnight = timezone.localtime(NOON).replace(hour=0)
    moments = {
        "now": NOON,
        "midnight": midnight,
        "yesterday": midnight - timedelta(seconds=1),
        "week": NOON - timedelta(days=7),
        "month": NOON - timedelta(days=30),
        "older": NOON - timedelta(days=30, seconds=1),
        "ancient": NOON - timedelta(days=3000),
    }
    for name, at in moments.items():
        make_comment(article, author_name=name, status="pending", at=at)
    address = beside(client.get(QUEUE, {"sort": sort}), "age")[label]
    assert set(writers(client.get(address))) == shown


def test_filter_by_sender_tells_the_unconfirmed(client, ana, article):
    make_comment(article, author_name="sure", status="pending")
    make_comment(article, author_name="unsure", status="pending", sender_confirmed=False)
    choices = beside(client.get(QUEUE), "sender")
    assert writers(client.get(choices["Confirmed"])) == ["sure"]
    assert writers(client.get(choices["Not confirmed"])) == ["unsure"]


# By batch


def make_batch(by, *comments, move="mark_spam"):
    return apply(move, {comment.pk: comment.status for comment in comments}, by=by, now=timezone.now()).batch


@pytest.fixture
def batch(article, ana):
    comments = [make_comment(article, author_name=f"{n}", status="pending") for n in range(3)]
    batch = make_batch(ana, *comments[:2])
    comments[1].refresh_from_db()
    comments[1].approve(by=ana)
    return batch


def test_filter_by_batch_shows_what_it_moved_wherever_that_is_now(client, ana, batch):
    response = client.get(QUEUE, {"view": "all", "batch": str(batch.pk)})
    assert writers(response) == ["1", "0"]
    assert f"{batch}, by ana" in words(tree(response).find(".//nav[@id='changelist-filter']"))
    assert writers(client.get(QUEUE, {"view": "spam", "batch": batch.pk.hex})) == ["0"]


def test_history_and_undo_page_lead_to_the_comments_of_a_batch(client, ana, batch):
    pages = [
        reverse("admin:comments_batch_changelist"),
        reverse("admin:comments_batch_undo", args=[batch.pk]),
    ]
    for page in pages:
        found = {link.get("href") for link in tree(client.get(page)).findall(".//a")}
        [link] = [link for link in found if "batch=" in (link or "")]
        assert writers(client.get(link)) == ["1", "0"]


def test_undoing_is_a_batch_of_its_own(client, ana, batch):
    undoing = undo(batch, by=ana, now=timezone.now()).batch
    assert writers(client.get(QUEUE, {"view": "all", "batch": undoing.pk})) == ["0"]


def test_batch_that_nobody_knows_has_no_comments(client, ana, batch):
    response = client.get(QUEUE, {"view": "all", "batch": uuid.uuid4()})
    assert writers(response) == []
    assert "Nothing here is like that." in response.content.decode()


# By network


@pytest.fixture
def networks(article):
    for address in ["203.0.113.0", "203.0.7.0", "203.1.0.0", "2001:db8:7::", "2001:db8:8::", None]:
        make_comment(article, author_name=address or "nowhere", status="pending", address=address)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("203.0.113.0/24", {"203.0.113.0"}),
        ("203.0.113.200", {"203.0.113.0"}),
        ("203.0.0.0/16", {"203.0.113.0", "203.0.7.0"}),
        ("203.0", {"203.0.113.0", "203.0.7.0"}),
        ("203.0.0.0/15", {"203.0.113.0", "203.0.7.0", "203.1.0.0"}),
        ("2001:db8::/32", {"2001:db8:7::", "2001:db8:8::"}),
        ("2001:DB8:7::/48", {"2001:db8:7::"}),
        ("2001:db8:0::/45", {"2001:db8:7::"}),
        ("198.51.100.0/24", set()),
    ],
)
@pytest.mark.parametrize("few", [10_000, 0])
def test_typed_network_is_found(client, ana, networks, typed, shown, few, monkeypatch):
    monkeypatch.setattr("comments.admin.listing.FEW", few)
    assert set(writers(client.get(QUEUE, {"address": typed}))) == shown


def test_network_is_typed_into_a_form_that_keeps_what_was_chosen(client, ana, networks):
    page = tree(client.get(QUEUE, {"sort": "oldest", "likelihood": "either", "q": "203"}))
    form = page.find(".//div[@class='desk-network']/form")
    [field] = [each for each in form.findall("input") if each.get("type") == "text"]
    assert page.find(f".//label[@for='{field.get('id')}']") is not None
    sent = {each.get("name"): each.get("value") for each in form.findall("input")}
    assert sent == {"sort": "oldest", "likelihood": "either", "q": "203", "address": ""}
    assert form.get("method") == "get"
    # Sent as it is, it changes nothing; filled in, it narrows the list.
    assert len(writers(client.get(QUEUE, sent))) == 3
    response = client.get(QUEUE, sent | {"address": "203.0.113.7"})
    assert writers(response) == ["203.0.113.0"]
    [field] = tree(response).findall(".//input[@name='address'][@type='text']")
    assert field.get("value") == "203.0.113.0/24"
    assert (
        writers(client.get(beside(response, "network")["All"]))
        == ["203.1.0.0", "203.0.7.0", "203.0.113.0"][::-1]
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("my neighbour", "That is no network. Write it like 203.0.113.0/24"),
        ("203.0.113.0/33", "That is no network."),
        ("0.0.0.0/0", "That is too wide: a network has at least /8, or /16 of IPv6."),
        ("::/0", "That is too wide"),
    ],
)
def test_typing_error_is_told(client, ana, networks, typed, said):
    response = client.get(QUEUE, {"address": typed}, follow=True)
    assert said in response.content.decode()
    assert len(writers(response)) == 6


@pytest.mark.parametrize(
    "query",
    [
        {"likelihood": "nonsense"},
        {"likelihood": ""},
        {"likelihood": "\x00"},
        {"age": "yesterday"},
        {"age": "-1"},
        {"submitted_at__gte": "2026-01-01"},
        {"sender_confirmed__exact": "perhaps"},
        {"batch": "1"},
        {"batch": ""},
        {"batch": "x" * 36},
        {"batch": "{00000000-0000-0000-0000-000000000008}"},
        {"batch": "-" * 36},
        {"batch": "0" * 33},
        {"batch": "\x00" * 32},
        {"address": "\x00"},
        {"address": "2001:db8::/32' OR ''='"},
        {"address": "٢٠٣.0.113.0"},
    ],
)
def test_crafted_value_leads_back_to_the_queue(client, ana, article, query):
    make_comment(article, status="pending")
    response = client.get(QUEUE, query)
    assert (response.status_code, response.get("Location")) == (302, f"{QUEUE}?e=1")


# What they cost


def test_a_filter_takes_at_most_twelve_queries_and_two_at_most_thirteen(
    client, ana, article, django_assert_max_num_queries
):
    comments = []
    for _each in range(3):
        comment = make_comment(article, status="pending", address="192.0.2.0", at=timezone.now())
        comment.findings.create(rule="website", points=9, detail="")
        comments.append(comment)
    batch = make_batch(make_moderator("ben"), *comments, move="trash")
    single = [
        {"article": article.pk},
        {"commenter": 1},
        {"batch": batch.pk},
        {"likelihood": "either"},
        {"age": "week"},
        {"address": "192.0.2.0"},
        {"address": "192.0.0.0/16"},
        {"sender_confirmed__exact": "1"},
        {"rule": "website"},
        {"q": "reader"},
    ]
    for one in single:
        with django_assert_max_num_queries(12):
            client.get(QUEUE, {"view": "all"} | one)
    for few in (10_000, 0):
        # Nothing is few: what is listed has to be looked for along the order.
        with mock.patch("comments.admin.listing.FEW", few):
            for number, one in enumerate(single):
                for other in single[:number]:
                    with django_assert_max_num_queries(13):
                        response = client.get(QUEUE, {"view": "all"} | one | other)
                    assert len(writers(response)) == (0 if "commenter" in one | other else 3)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"article": "1"}, "comment_thread"),
        ({"commenter": "1"}, "comment_commenter"),
        ({"address": "192.0.2.0"}, "comment_flood"),
        ({"address": "192.0.0.0/16"}, "comment_flood"),
        ({"address": "192.0.0.0/12"}, "comment_flood"),
        ({"address": "2001:db8:4000::/36"}, "comment_flood"),
        ({"likelihood": "spam"}, "comment_likelihood"),
        ({"age": "week"}, "comment_queue"),
        ({"sender_confirmed__exact": "0"}, "comment_unconfirmed"),
        ({"rule": "website"}, "finding_fired"),
        ({"batch": str(uuid.UUID(int=1))}, "decision_batch"),
    ],
)
def test_filter_has_an_index(rf, query, index):
    kinds = [*filters.QueueFilter.__subclasses__(), *filters.FilterFromRow.__subclasses__()]
    kinds += filters.ChoiceFilter.__subclasses__()
    [kind] = [kind for kind in kinds if kind.parameter_name in query]
    parameters = {name: [value] for name, value in query.items()}
    plan = plan_of(kind(rf.get("/"), parameters, Comment, None).candidates(Comment.Status.values).order_by())
    assert reads_no_table(plan)
    if connection.vendor == "sqlite":
        assert f"INDEX {index}" in plan
