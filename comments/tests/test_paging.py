"""The pages of the queue: by key, so that nothing is skipped or doubled when comments move meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from comments.admin import listing, paging
from comments.admin.paging import ORDERS
from comments.models import Comment
from tests.factories import make_article, make_author, make_comment

from .test_queue import QUEUE, counts, links, tree, words, writers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def article():
    return make_article()


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    """Pages of two; counting ends at four."""
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    monkeypatch.setattr(listing.counts, "COUNTED", 4)


@pytest.fixture
def short_windows(monkeypatch):
    """No filter passes few, and three comments are looked through at a time."""
    monkeypatch.setattr(listing, "FEW", 0)
    monkeypatch.setattr(paging, "WINDOWS", (1, 3))


def make_waiting(article, count, **fields):
    return [
        make_comment(
            article,
            author_name=f"{number}",
            **{"status": "pending", "at": NOON + timedelta(minutes=number)} | fields,
        )
        for number in range(count)
    ]


def nav(response):
    """Return what stands below the list: the text, and the addresses by the words of their links."""
    found = tree(response).find(".//nav[@class='desk-pages']")
    return words(found.find("span")), {words(link): QUEUE + link.get("href") for link in found.findall("a")}


def onward(client, address):
    """Return the writers on each page, from one to the next."""
    pages = []
    while address:
        response = client.get(address)
        pages.append(writers(response))
        address = nav(response)[1].get("Next ›")
    return pages


def back(client, address):
    pages = []
    while address:
        response = client.get(address)
        pages.append(writers(response))
        address = nav(response)[1].get("‹ Previous")
    return pages


def address_of(comment, *, by="after", sort="oldest", **query):
    order = ORDERS[sort]
    return f"{QUEUE}?{urlencode(query | {'sort': sort, by: order.written(order.place(comment))})}"


def test_page_says_how_much_of_how_much_it_shows(client, ana, article):
    make_waiting(article, 5)
    response = client.get(QUEUE, {"sort": "oldest"})
    assert nav(response)[0] == "2 shown of 4+"
    Comment.objects.filter(author_name="4").update(status="spam")
    assert nav(client.get(QUEUE))[0] == "2 shown of 4"
    assert nav(client.get(QUEUE, {"view": "spam"}))[0] == "1 comment"


@pytest.mark.parametrize("sort", ["doubt", "oldest", "newest"])
@pytest.mark.parametrize("query", [{}, {"article": "1"}, {"rule": "link_count"}, {"q": "reader"}])
def test_pages_hold_each_comment_once_there_and_back(client, ana, article, sort, query):
    for number, comment in enumerate(make_waiting(article, 7)):
        comment.findings.create(rule="link_count", points=9, detail="")
        Comment.objects.filter(pk=comment.pk).update(spam_probability=[0.5, 0.3, 0.7][number % 3])
    query = query | ({"article": article.pk} if "article" in query else {})
    pages = onward(client, f"{QUEUE}?{urlencode(query | {'sort': sort})}")
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    whole = [name for page in pages for name in page]
    expected = Comment.objects.order_by(*ORDERS[sort].by()).values_list("author_name", flat=True)
    assert whole == list(expected)
    last = Comment.objects.get(author_name=whole[-1])
    # Back from the last page, until the first one, which is the same as ever.
    assert back(client, address_of(last, by="before", sort=sort, **query)) == pages[2::-1]


def test_equal_keys_are_told_apart_by_their_numbers(client, ana, article):
    make_waiting(article, 7, at=NOON, spam_probability=0.5)
    for sort in ("doubt", "oldest", "newest"):
        pages = onward(client, f"{QUEUE}?sort={sort}")
        assert sorted(name for page in pages for name in page) == [f"{n}" for n in range(7)]


def test_nothing_is_skipped_or_doubled_when_comments_are_decided_between_pages(client, ana, article):
    comments = make_waiting(article, 7)
    first = client.get(QUEUE, {"sort": "oldest"})
    assert writers(first) == ["0", "1"]
    comments[0].approve(by=ana)
    comments[1].mark_spam(by=ana)
    comments[3].trash(by=ana)
    assert onward(client, nav(first)[1]["Next ›"]) == [["2", "4"], ["5", "6"]]


def test_comment_that_arrives_meanwhile_moves_no_other(client, ana, article):
    make_waiting(article, 4)
    first = client.get(QUEUE, {"sort": "newest"})
    make_comment(article, author_name="new", status="pending", at=NOON + timedelta(days=1))
    assert onward(client, nav(first)[1]["Next ›"]) == [["1", "0"]]


def test_key_of_a_deleted_comment_leads_on(client, ana, article):
    comments = make_waiting(article, 4)
    following = nav(client.get(QUEUE, {"sort": "oldest"}))[1]["Next ›"]
    comments[1].delete()
    assert onward(client, following) == [["2", "3"]]


def test_where_nothing_is_left_beyond_a_key_stands_the_last_page(client, ana, article):
    comments = make_waiting(article, 5)
    response = client.get(address_of(comments[4]))
    assert writers(response) == ["3", "4"]
    assert "Next ›" not in nav(response)[1]
    assert writers(client.get(nav(response)[1]["‹ Previous"])) == ["1", "2"]
    for comment in comments:
        comment.approve(by=ana)
    assert "Nothing is waiting." in client.get(address_of(comments[4])).content.decode()


def test_page_that_would_reach_beyond_the_beginning_is_the_first(client, ana, article):
    comments = make_waiting(article, 3)
    for comment in comments[:2]:
        response = client.get(address_of(comment, by="before"))
        assert writers(response) == ["0", "1"]
        assert list(nav(response)[1]) == ["Next ›"]


def test_first_page_is_one_click_away_and_keeps_what_was_chosen(client, ana, article):
    comments = make_waiting(article, 5)
    response = client.get(address_of(comments[3], sort="oldest", article=article.pk))
    assert writers(response) == ["4"]
    first = nav(response)[1]["« First page"]
    assert writers(client.get(first)) == ["0", "1"]
    assert f"article={article.pk}" in first


def test_another_view_order_or_filter_begins_at_its_first_page(client, ana, article):
    comments = make_waiting(article, 5)
    for comment in comments:
        comment.findings.create(rule="website", points=9, detail="")
    response = client.get(address_of(comments[2], likelihood="either"))
    assert writers(response) == ["3", "4"]
    found = tree(response).findall(".//ul[@class='desk-views']//a")
    found += tree(response).findall(".//ul[@class='desk-sorts']//a")
    found += tree(response).findall(".//nav[@id='changelist-filter']//a")
    assert len(found) > 30
    assert not [link.get("href") for link in found if "after" in link.get("href")]
    hidden = tree(response).findall(".//div[@class='desk-network']//input[@type='hidden']")
    assert {each.get("name"): each.get("value") for each in hidden} == {
        "likelihood": "either",
        "sort": "oldest",
    }


def test_decisions_on_a_later_page_lead_back_to_it(client, ana, article):
    comments = make_waiting(article, 6)
    here = address_of(comments[1])
    form = {"_move_one": f"approve:{comments[2].pk}", f"seen_{comments[2].pk}": "pending"}
    response = client.post(here, form)
    assert (response.status_code, response["Location"]) == (302, here)
    assert writers(client.get(here)) == ["3", "4"]


def test_all_of_the_list_are_those_of_all_pages(client, ana, article):
    comments = make_waiting(article, 6)
    form = {
        "action": "trash_selected",
        "index": "0",
        "select_across": "1",
        "_selected_action": [comments[4].pk],
        "newest": comments[-1].pk,
    }
    client.post(address_of(comments[3]), form)
    assert set(Comment.objects.values_list("status", flat=True)) == {"trash"}


KEY = "1772366400000000_1"


@pytest.mark.parametrize(
    "query",
    [
        {"after": ""},
        {"after": "1"},
        {"after": "_"},
        {"after": f"{KEY}_1"},
        {"after": f"0.5_{KEY}"},
        {"after": "x_1"},
        {"after": "1772366400000000_x"},
        {"after": "1772366400000000_-1"},
        {"after": "1772366400000000_1 OR 1=1"},
        {"after": f"{'9' * 18}_1"},
        {"after": f"-{'9' * 18}_1"},
        {"after": f"1772366400000000_{'9' * 19}"},
        {"after": f"1772366400000000_{'9' * 5000}"},
        {"after": "１_1"},
        {"after": "1772366400000000_1\x00"},
        {"before": "1772366400000000"},
        {"after": KEY, "before": KEY},
        {"sort": "doubt", "after": KEY},
        {"sort": "doubt", "after": f"nan_{KEY}"},
        {"sort": "doubt", "after": f"inf_{KEY}"},
        {"sort": "doubt", "after": f"-0.1_{KEY}"},
        {"sort": "doubt", "after": f"0x1_{KEY}"},
        {"sort": "doubt", "after": f"1e999_{KEY}"},
        {"sort": "doubt", "after": f"_{KEY}"},
        {"sort": "doubt", "before": f"0.1.1_{KEY}"},
    ],
)
def test_forged_key_leads_back_to_the_queue(client, ana, article, query):
    make_waiting(article, 1)
    response = client.get(QUEUE, {"sort": "oldest"} | query)
    assert (response.status_code, response.get("Location")) == (302, f"{QUEUE}?e=1")
    assert writers(client.get(response["Location"])) == ["0"]


@pytest.mark.parametrize("key", [f"0.0_{KEY}", f"0.5_{KEY}", f"1e-17_{KEY}", f"9.9_{KEY}", f"0_-1_{KEY[-1]}"])
def test_key_that_no_comment_has_is_a_place_nonetheless(client, ana, article, key):
    make_waiting(article, 1)
    for name in ("after", "before"):
        assert writers(client.get(QUEUE, {name: key})) == ["0"]


@pytest.mark.parametrize("key", ["-62135596800000000_1", "253402300799999999_1", f"0_{2**63 - 1}"])
def test_ends_of_time_are_keys(client, ana, article, key):
    make_waiting(article, 1)
    assert writers(client.get(QUEUE, {"sort": "oldest", "after": key})) == ["0"]


# What it costs


def plan_of(rows):
    """Return how the database would find rows, if tables were large."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    return rows.explain()


def reads_no_table(plan):
    """Say whether each table is found by an index, at least as a whole."""
    return "Seq Scan" not in plan and all("INDEX" in line for line in plan.splitlines() if "SCAN" in line)


def statements(client, query):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(QUEUE, query).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


def test_no_page_is_found_by_counting_the_rows_before_it(client, ana, article):
    comments = make_waiting(article, 9)
    for by in ("after", "before"):
        address = address_of(comments[5], by=by).partition("?")[2]
        asked = statements(client, dict(pair.split("=") for pair in address.split("&")))
        assert len(asked) <= 12
        assert not [sql for sql in asked if "OFFSET" in sql]


@pytest.mark.parametrize(
    ("sort", "view", "index"),
    [
        ("doubt", "waiting", "comment_doubt"),
        ("newest", "spam", "comment_queue"),
        ("oldest", "spam", "comment_queue"),
        ("newest", "all", "comment_newest"),
        ("oldest", "all", "comment_newest"),
    ],
)
def test_page_is_a_range_of_the_index_of_its_order(article, sort, view, index):
    [comment] = make_waiting(article, 1)
    order = ORDERS[sort]
    rows = listing.VIEWS[view].of(Comment.objects, None).filter(order.beyond(order.place(comment)))
    plan = plan_of(rows.order_by(*order.by()).values("pk")[:50])
    assert reads_no_table(plan)
    # Looked up by the key.
    assert ">" in plan or "<" in plan
    # Which index PostgreSQL takes depends on what the tables hold; the benchmark has large ones.
    if connection.vendor == "sqlite":
        assert f"INDEX {index} (" in plan
        assert "TEMP B-TREE" not in plan


# Where no index has what is looked for


def test_what_no_index_finds_is_looked_for_along_the_order(client, ana, article, short_windows):
    comments = make_waiting(article, 8)
    for number in (1, 7):
        comments[number].findings.create(rule="website", points=9, detail="")
    response = client.get(QUEUE, {"sort": "oldest", "rule": "website"})
    assert writers(response) == ["1"]
    shown, addresses = nav(response)
    assert shown == "1 shown"
    assert list(addresses) == ["Look further ›"]
    assert "not all were looked at" in response.content.decode()
    response = client.get(addresses["Look further ›"])
    assert writers(response) == []
    assert "Nothing so far is like that." in response.content.decode()
    response = client.get(nav(response)[1]["Look further ›"])
    assert writers(response) == ["7"]
    assert list(nav(response)[1]) == ["« First page", "‹ Previous"]
    assert writers(client.get(nav(response)[1]["‹ Previous"])) == []


def test_page_that_is_full_does_not_say_that_it_was_cut(client, ana, article, short_windows):
    for comment in make_waiting(article, 5):
        comment.findings.create(rule="website", points=9, detail="")
    pages = onward(client, f"{QUEUE}?sort=oldest&rule=website")
    assert pages == [["0", "1"], ["2", "3"], ["4"]]
    assert "not all were looked at" not in client.get(QUEUE, {"rule": "website"}).content.decode()


@pytest.mark.parametrize("sort", ["oldest", "newest", "doubt"])
@pytest.mark.parametrize("view", ["waiting", "mine", "all"])
def test_however_it_is_found_the_list_is_the_same(client, ana, view, sort, monkeypatch):
    """By the index of the narrowest filter, or along the order: what passes all filters, and nothing else."""
    own = make_article(author=make_author(user=ana))
    for number in range(12):
        comment = make_comment(
            own if number % 3 else make_article(),
            author_name=f"{number}",
            status=["pending", "approved", "pending", "spam"][number % 4],
            spam_probability=[0.5, 0.1, 0.6, 0.8, 0.02][number % 5],
            address="192.0.2.0" if number % 5 else "198.51.100.0",
            at=NOON - timedelta(days=number),
        )
        comment.findings.create(rule="website", points=9 if number % 5 else 0, detail="")
    monkeypatch.setattr(listing, "PER_PAGE", 20)
    queries = [
        {"rule": "website"},
        {"address": "192.0.2.0"},
        {"address": "192.0.2.0", "rule": "website"},
        {"article": own.pk, "rule": "website"},
        {"article": own.pk, "address": "192.0.2.0"},
        {"likelihood": "either", "rule": "website"},
        {"age": "older", "rule": "website"},
    ]
    by_index = [writers(client.get(QUEUE, query | {"view": view, "sort": sort})) for query in queries]
    monkeypatch.setattr(listing, "FEW", 0)
    along = [writers(client.get(QUEUE, query | {"view": view, "sort": sort})) for query in queries]
    # First along the order, and by the index where that is not enough.
    monkeypatch.setattr(listing, "FEW", 100)
    monkeypatch.setattr(paging, "WINDOWS", (1, 1))
    both = [writers(client.get(QUEUE, query | {"view": view, "sort": sort})) for query in queries]
    assert along == both == by_index
    assert all(by_index)


@pytest.mark.parametrize(
    ("window", "found", "following"),
    [
        (2_000, 50, 3_060),
        (2_000, 20, 7_650),
        (2_000, 15, 10_000),
        (2_000, 0, 10_000),
        (7_650, 50, 10_000),
        (10_000, 50, None),
        (10_000, 0, None),
    ],
)
def test_so_many_are_looked_through_next_as_would_fill_a_page(window, found, following):
    assert paging.next_window(window, found=found, size=50) == following


def test_counts_of_the_views_do_not_depend_on_the_page(client, ana, article):
    comments = make_waiting(article, 4)
    assert counts(client.get(address_of(comments[2])))["Waiting"] == "4"
    assert links(client.get(address_of(comments[2])), "desk-sorts")["Oldest first"].get("aria-current")
