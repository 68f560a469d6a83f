from datetime import UTC, datetime

import pytest

from articles.models import Article
from tests.factories import make_article, make_category

pytestmark = pytest.mark.django_db


def make(title, year, month, day=5, hour=12, **fields):
    return make_article(title=title, published_at=datetime(year, month, day, hour, tzinfo=UTC), **fields)


def titles(response):
    return [article.title for article in response.context["articles"]]


def test_year_and_month_list_their_articles_newest_first(client):
    make("March", 2017, 3)
    make("April", 2017, 4)
    make("December", 2017, 12, 31, 23)
    make("Next year", 2018, 1, 1, 0)
    make("Draft", 2017, 3, status="draft")
    assert titles(client.get("/2017/")) == ["December", "April", "March"]
    assert titles(client.get("/2017/03/")) == ["March"]
    assert titles(client.get("/2017/12/")) == ["December"]


def test_months_are_those_of_the_site_s_clock(client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    make("April in Tokyo", 2017, 3, 31, 20)
    assert titles(client.get("/2017/04/")) == ["April in Tokyo"]
    assert client.get("/2017/03/").status_code == 404
    assert "April" in client.get("/archive/").content.decode()


def test_archives_have_pages(client):
    for number in range(21):
        make(f"No {number}", 2017, 3, number + 1)
    assert client.get("/2017/").context["older_url"] == "/2017/page/2/"
    assert client.get("/2017/03/").context["older_url"] == "/2017/03/page/2/"
    last = client.get("/2017/03/page/3/")
    assert titles(last) == ["No 0"]
    assert last.context["newer_url"] == "/2017/03/page/2/"
    assert b'content="noindex"' not in last.content


@pytest.mark.parametrize(
    "address",
    [
        *("/2016/", "/2017/04/", "/2017/13/", "/2017/00/", "/2017/3/", "/0000/", "/9999/", "/1899/"),
        *("/2999/12/", "/٢٠١٧/", "/2017/page/2/", "/2017/page/0/", "/2017/page/99999999999999999999/"),
    ],
)
def test_archives_without_articles_are_not_found(client, address):
    make("March", 2017, 3)
    assert client.get(address).status_code == 404


def test_list_of_one_article_is_not_indexed(client):
    make("March", 2017, 3)
    for address in ("/2017/", "/2017/03/", "/archive/"):
        assert b'<meta name="robots" content="noindex">' in client.get(address).content
    make("March too", 2017, 3, 6)
    for address in ("/2017/", "/2017/03/", "/archive/"):
        assert b'content="noindex"' not in client.get(address).content


def test_thin_lists_of_other_kinds_are_not_indexed_but_the_home_page_is(client):
    make("March", 2017, 3, categories=[make_category("Health")])
    assert b'content="noindex"' in client.get("/category/health/").content
    assert b'content="noindex"' not in client.get("/").content


@pytest.mark.parametrize("path", ["2017/", "2017/03/", "2017/03/page/2/"])
def test_article_wins_over_an_archive_at_its_address(client, path):
    make("March", 2017, 3)
    article = make_article(title="Mine", path=path)
    article.full_clean()
    response = client.get(f"/{path}")
    assert response.context["article"] == article


def test_draft_does_not_hide_an_archive(client):
    make("March", 2017, 3)
    make_article(path="2017/", status="draft")
    assert titles(client.get("/2017/")) == ["March"]


def test_article_that_moved_away_from_an_archive_s_address_is_found(client):
    article = make_article(path="1999/")
    article.path = "new/"
    article.save()
    assert client.get("/1999/")["Location"] == "/new/"
    Article.objects.all().delete()
    assert client.get("/1999/").status_code == 410


def test_archive_counts_every_month(client):
    make("A", 2017, 3)
    make("B", 2017, 3)
    make("C", 2016, 12)
    make("Draft", 2015, 1, status="draft")
    response = client.get("/archive/")
    years = [(each["year"], each["count"]) for each in response.context["years"]]
    assert years == [(2017, 2), (2016, 1)]
    page = response.content.decode()
    assert 'href="/2017/03/"' in page and 'href="/2016/"' in page
    assert "3 articles, by the month they appeared in." in page
    assert "2015" not in page


def test_empty_archive_says_so(client):
    assert b"Nothing has been published here yet." in client.get("/archive/").content


@pytest.mark.parametrize("number", [10, 40])
def test_archives_cost_the_same_for_ten_articles_and_for_many(client, django_assert_num_queries, number):
    health = make_category("Health")
    for each in range(number):
        make(f"No {each}", 2017 - each % 5, 1 + each % 12, categories=[health])
    with django_assert_num_queries(2):
        client.get("/archive/")
    # Whether an article is here; articles, their categories, counts of comments, the categories at the top.
    with django_assert_num_queries(5):
        client.get("/2017/")
    with django_assert_num_queries(5):
        client.get("/2017/01/")
