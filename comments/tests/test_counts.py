"""How many comments there are: counted up to a limit, and beyond it estimated from a sample."""

import pytest

from comments.admin import counts, listing
from comments.models import Comment
from tests.factories import make_article, make_author, make_comment

from .test_queue import QUEUE
from .test_queue import counts as shown_counts


@pytest.mark.parametrize(
    ("count", "about", "shown"),
    [
        (0, None, "0"),
        (1000, None, "1,000"),
        (1001, None, "1,000+"),
        (1001, 980, "1,000+"),
        (1001, 1234, "about 1,200"),
        (1001, 312_345, "about 310,000"),
        (1001, 2_960_000, "about 3,000,000"),
        (1000, 312_345, "1,000"),
    ],
)
def test_count_is_exact_or_says_that_it_is_not(count, about, shown):
    assert counts.in_words(count, about) == shown


@pytest.mark.parametrize("highest", [0, 1, 1999, 2000, 99_999, 1_000_000, 2**31, 2**62])
def test_sample_is_bounded_however_large_the_table_is(highest):
    ids = counts.sample(highest)
    assert len(ids) <= counts.SAMPLE
    assert len(ids) >= min(highest, counts.SAMPLE // 2)
    assert ids == range(ids.step, highest + 1, ids.step)


def test_sample_stays_the_same_while_comments_come_in():
    assert list(counts.sample(1_000_999))[:1900] == list(counts.sample(1_000_000))[:1900]


@pytest.mark.django_db
def test_counting_ends_at_the_limit_and_takes_one_query(django_assert_num_queries):
    article = make_article()
    for _each in range(6):
        last = make_comment(article, status="pending")
    make_comment(article, status="spam")
    rows = Comment.objects.filter(status="pending")
    with django_assert_num_queries(1) as asked:
        found = counts.count_to({"waiting": (rows, 4), "all": (Comment.objects.all(), 10)})
    assert found == {"waiting": 5, "all": 7, "highest": last.pk + 1}
    [query] = asked.captured_queries
    assert "LIMIT 5" in query["sql"]
    assert "LIMIT 11" in query["sql"]


@pytest.fixture
def small_sample(monkeypatch):
    """Counting ends at four, and every third comment or so stands for the rest."""
    monkeypatch.setattr(counts, "COUNTED", 4)
    monkeypatch.setattr(counts, "TELLING_HITS", 3)
    # Numbers go on from test to test, so the step is given.
    monkeypatch.setattr(counts, "sample", lambda highest: range(3, highest + 1, 3))


def make_numbered(article, status, numbers, **fields):
    for number in numbers:
        make_comment(article, pk=number, status=status, **fields)


@pytest.mark.django_db
def test_views_show_about_how_many_they_hold(client, ana, small_sample, django_assert_num_queries):
    own, article = make_article(author=make_author(user=ana)), make_article()
    make_numbered(article, "pending", range(1, 31))
    make_numbered(article, "spam", range(31, 37))
    make_numbered(own, "approved", range(37, 49))
    make_numbered(article, "trash", range(49, 52))
    assert shown_counts(client.get(QUEUE)) == {
        "Waiting": "about 30",
        "Mine": "about 12",
        "Published": "about 12",
        # Six of them, of which the sample has two: too few to tell.
        "Spam": "4+",
        "Trash": "3",
        "Everything": "about 51",
    }
    with django_assert_num_queries(1):
        kinds = {name: view.condition(ana) for name, view in listing.VIEWS.items()}
        counts.estimate(kinds, counts.sample(51))


@pytest.mark.django_db
def test_page_tells_about_how_many_pass_its_filters(client, ana, small_sample, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    monkeypatch.setattr(listing, "FEW", 0)
    article = make_article()
    make_numbered(article, "pending", range(1, 13))
    make_numbered(make_article(), "pending", range(13, 31))
    assert "2 shown of about 12" in client.get(QUEUE, {"article": article.pk}).content.decode()
    # By a way that lets all of them be counted, up to the limit.
    monkeypatch.setattr(listing, "FEW", 100)
    assert "2 shown of 4+" in client.get(QUEUE, {"article": article.pk}).content.decode()


@pytest.mark.django_db
def test_queue_of_an_empty_site_counts_nothing(client, ana):
    assert set(shown_counts(client.get(QUEUE)).values()) == {"0"}
