"""What crawlers are told."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from articles import sitemaps
from tests.factories import LONG_AGO, make_article, make_author, make_category, make_tag

pytestmark = pytest.mark.django_db

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"


@pytest.fixture(autouse=True)
def one_part(monkeypatch):
    """All rows are in the first part, however far the database has counted in other tests."""
    monkeypatch.setattr(sitemaps, "ROWS", 10**9)


def addresses(response):
    assert response["Content-Type"] == "application/xml"
    return [each.text for each in ElementTree.fromstring(response.content).iter(f"{NAMESPACE}loc")]


def paths(response):
    return [address.removeprefix("http://testserver") for address in addresses(response)]


def test_robots_keeps_crawlers_from_what_is_no_page_and_names_the_sitemap(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    for line in [
        "Disallow: /admin/",
        "Disallow: /comments/post/",
        "Disallow: /*?replytocom=",
        "Sitemap: http://testserver/sitemap.xml",
    ]:
        assert line in lines
    assert "Disallow: /" not in lines


def test_index_names_the_parts_that_there_are(client):
    make_article()
    assert paths(client.get("/sitemap.xml")) == ["/sitemap-pages-1.xml", "/sitemap-articles-1.xml"]


def test_each_part_of_the_index_is_there(client):
    health, tea, mara = make_category("Health"), make_tag("Tea"), make_author()
    for _number in range(2):
        make_article(categories=[health], tags=[tea], author=mara)
    parts = paths(client.get("/sitemap.xml"))
    assert len(parts) == 5
    for path in parts:
        assert paths(client.get(path))


def test_pages_that_stand_alone_are_listed(client):
    own = ["/about/", "/colophon/", "/accessibility/"]
    assert paths(client.get("/sitemap-pages-1.xml")) == ["/", "/archive/", *own, "/comments/data/"]


def test_public_articles_are_listed_with_last_change_and_pictures(client, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    article = make_article(path="spasms/", body='<p><img src="/media/a.png?b=1&amp;c=2" alt=""></p>')
    type(article).objects.update(updated_at=LONG_AGO)
    make_article(path="draft/", status="draft")
    make_article(path="tomorrow/", published_at=timezone.now() + timedelta(days=1))
    make_article(path="over/", expires_at=LONG_AGO + timedelta(days=1))
    response = client.get("/sitemap-articles-1.xml")
    assert paths(response) == ["/spasms/"]
    root = ElementTree.fromstring(response.content)
    assert root.findtext(f"{NAMESPACE}url/{NAMESPACE}lastmod") == "2017-03-18T10:00:00+01:00"
    drawn, own = (each.text for each in root.iter(f"{IMAGE}loc"))
    assert own == "http://testserver/media/a.png?b=1&c=2"
    assert client.get(drawn)["Content-Type"] == "image/png"


def test_parts_are_divided_by_key_and_those_without_rows_are_not_named(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "ROWS", 2)
    articles = [make_article() for _number in range(7)]
    first = (articles[0].pk - 1) // 2 + 1
    for article in articles[2:5]:
        article.delete()
    parts = [path for path in paths(client.get("/sitemap.xml")) if "articles" in path]
    assert parts[0] == f"/sitemap-articles-{first}.xml"
    found = [path for part in parts for path in paths(client.get(part))]
    left = [articles[0], articles[1], articles[5], articles[6]]
    assert found == [article.get_absolute_url() for article in left]


def test_thin_lists_are_left_out(client):
    health, empty = make_category("Health"), make_category("Empty")
    back, neck = make_category("Back", parent=health), make_category("Neck", parent=health)
    lonely = make_category("Lonely", parent=empty)
    tea, rare = make_tag("Tea"), make_tag("Rare")
    mara, once = make_author(slug="mara"), make_author(slug="once")
    make_article(categories=[back], tags=[tea, rare], author=mara)
    make_article(categories=[neck], tags=[tea], author=mara)
    make_article(categories=[neck, neck, lonely, empty], author=once)
    make_article(tags=[rare], author=once, status="draft")
    assert paths(client.get("/sitemap-categories-1.xml")) == ["/category/health/", "/category/health/neck/"]
    assert paths(client.get("/sitemap-tags-1.xml")) == ["/tag/tea/"]
    assert paths(client.get("/sitemap-authors-1.xml")) == ["/author/mara/"]


@pytest.mark.parametrize(
    "path",
    [
        "articles-0",
        "articles-2",
        "articles-99999999999999999999",
        "pages-2",
        "pages-0",
        "nothing-1",
        "articles-x",
    ],
)
def test_parts_that_are_not_there_are_not_found(client, path):
    assert client.get(f"/sitemap-{path}.xml").status_code == 404


def test_addresses_are_the_sites_own_by_whatever_name_it_was_asked(client, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://blog.example", ["*"]
    make_article()
    for path in ("/sitemap.xml", "/sitemap-articles-1.xml", "/sitemap-pages-1.xml", "/robots.txt"):
        text = client.get(path, headers={"host": "localhost:1"}).content.decode()
        assert "https://blog.example/" in text
        assert "localhost" not in text


@pytest.mark.parametrize(
    ("path", "queries"), [("/sitemap.xml", 5), ("/sitemap-articles-1.xml", 1), ("/sitemap-tags-1.xml", 1)]
)
def test_sitemap_costs_the_same_however_many_articles(client, django_assert_num_queries, path, queries):
    tea, health = make_tag("Tea"), make_category("Health")
    for _number in range(5):
        make_article(tags=[tea], categories=[health])
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/sitemap-pages-1.xml"])
def test_what_crawlers_are_told_is_read_not_written(client, path):
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
