import json
from datetime import timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.utils import timezone
from django.utils.feedgenerator import rfc2822_date

from articles import feeds
from articles.models import Article, Author, Category
from tests.factories import LONG_AGO, make_article, make_author, make_category, make_tag

from . import feed_rules

pytestmark = pytest.mark.django_db

FORMATS = pytest.mark.parametrize("format", ["rss", "atom", "json"])
ADDRESSES = [
    "/feed/",
    "/category/health/feed/",
    "/category/health/back-pain/feed/",
    "/tag/tea/feed/",
    "/author/mara/feed/",
]


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    cache.clear()


def below(address, format):
    return address if format == "rss" else f"{address}{format}/"


def items_of(client, address="/feed/json/"):
    return json.loads(client.get(address).content)["items"]


@pytest.fixture
def shelf():
    """One article on every list, with all that is hard to carry in a feed."""
    health = make_category("Health")
    Category.objects.update(name="Health & <more>")
    return make_article(
        title="Spasms <&> “rest” ]]>",
        path="spasms/",
        standfirst="What helps.",
        body="""<p>See <a href="/about/?a=1&amp;b=2">about</a>, <a href="#sources">below</a> and
        <a href="https://example.org/x">there</a>. <img src="/media/a b.png" alt="src=&quot;/no"></p>
        <h2 id="sources">Sources</h2><p>&lt;a href="/text"></p>""".replace("a b", "a-b"),
        categories=[make_category("Back Pain", parent=health)],
        tags=[make_tag("Tea")],
        author=make_author(name="Mara Lind", slug="mara"),
    )


def test_feed_carries_published_articles_in_full(client, settings):
    settings.SITE_NAME = "Afterword"
    make_article(title="Spasms", path="spasms/", categories=[make_category("Health")])
    make_article(title="Draft", status="draft")
    response = client.get("/feed/")
    feed = response.content.decode()
    for text in [
        "<title>Afterword</title>",
        "<title>Spasms</title>",
        "http://testserver/spasms/",
        "&lt;p&gt;The second one.&lt;/p&gt;",
        "<category>Health</category>",
        rfc2822_date(LONG_AGO),
    ]:
        assert text in feed
    assert "Draft" not in feed


@FORMATS
@pytest.mark.parametrize("address", ADDRESSES)
def test_feed_keeps_the_rules_of_its_format(client, shelf, address, format):
    response = client.get(below(address, format))
    assert feed_rules.problems(response, format) == []
    assert "Spasms" in response.content.decode()


@FORMATS
def test_empty_feed_keeps_them_too_and_says_the_same_each_time(client, format):
    make_author(slug="mara")
    first, second = (client.get(below("/author/mara/feed/", format)) for _time in range(2))
    assert feed_rules.problems(first, format) == []
    assert first.content == second.content


@FORMATS
def test_what_no_xml_can_hold_is_left_out(client, format):
    article = make_article()
    Article.objects.filter(pk=article.pk).update(title="Bell\x07 \ufffe", body_html="<p>Bell\x07 \ufffe</p>")
    assert feed_rules.problems(client.get(below("/feed/", format)), format) == []


@pytest.mark.parametrize("name", ["category/none", "tag/none", "author/none"])
@FORMATS
def test_what_is_not_there_has_no_feed(client, name, format):
    assert client.get(below(f"/{name}/feed/", format)).status_code == 404


@pytest.mark.parametrize("address", ["/feed/xml/", "/feed/atom/json/", "/category/feed/"])
def test_there_are_no_other_formats(client, address):
    assert client.get(address).status_code == 404


@FORMATS
def test_each_feed_carries_its_own_articles_alone(client, shelf, format):
    make_article(title="Elsewhere")
    for address in ADDRESSES:
        assert ("Elsewhere" in client.get(below(address, format)).content.decode()) is (address == "/feed/")


def test_addresses_in_a_text_are_complete(client, shelf):
    content = items_of(client)[0]["content_html"]
    assert feed_rules.addresses_in(content) == [
        "http://testserver/about/?a=1&b=2",
        "http://testserver/spasms/#sources",
        "https://example.org/x",
        "http://testserver/media/a-b.png",
    ]
    assert '&lt;a href="/text"' in content


def test_json_feed_tells_what_the_others_do(client, shelf, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    (item,) = items_of(client)
    assert item["title"] == shelf.title
    assert item["summary"] == "What helps."
    assert item["url"] == "http://testserver/spasms/"
    assert item["authors"] == [{"name": "Mara Lind", "url": "http://testserver/author/mara/"}]
    assert item["tags"] == ["Back Pain", "Tea"]
    assert item["date_published"] == "2017-03-18T10:00:00+01:00"


def test_description_without_a_standfirst_is_the_beginning_of_the_text(client):
    make_article(body="One <em>two</em> &amp; three.\n\nFour.")
    assert items_of(client)[0]["summary"] == "One two & three. Four."


def test_language_of_a_text_is_said(client):
    make_article(language="de")
    assert items_of(client)[0]["language"] == "de"
    assert '<content type="html" xml:lang="de">' in client.get("/feed/atom/").content.decode()
    assert "<dc:language>de</dc:language>" in client.get("/feed/").content.decode()


def test_name_of_an_article_stays_when_all_else_changes(client):
    article = make_article(path="old/")
    before = items_of(client)[0]["id"]
    article.path, article.title = "new/", "Another title"
    article.published_at = LONG_AGO + timedelta(days=400)
    article.save()
    after = items_of(client)[0]
    assert (after["id"], after["url"]) == (before, "http://testserver/new/")
    for address in ("/feed/", "/feed/atom/"):
        assert before in client.get(address).content.decode()


def test_no_two_atom_feeds_have_one_id(client, shelf):
    ids = {
        ElementTree.fromstring(client.get(below(address, "atom")).content).findtext(f"{feed_rules.ATOM}id")
        for address in (*ADDRESSES, "/comments/feed/", "/spasms/feed/")
    }
    assert len(ids) == len(ADDRESSES) + 2


@FORMATS
def test_reader_who_has_it_already_gets_nothing_again(client, shelf, format):
    address = below("/feed/", format)
    response = client.get(address)
    for header in (
        {"if-none-match": response["ETag"]},
        {"if-none-match": f'"other", {response["ETag"]}'},
        {"if-modified-since": response["Last-Modified"]},
    ):
        again = client.get(address, headers=header)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", response["ETag"])
    assert client.get(address, headers={"if-none-match": '"other"'}).status_code == 200
    head = client.head(address)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", response["ETag"])


def test_scheduled_article_counts_as_changed_when_its_minute_comes(client):
    make_article(published_at=timezone.now() + timedelta(hours=1))
    moment = Article.objects.get().published_at
    assert timezone.localtime(moment) == feeds.ArticleFeed().item_updateddate(Article.objects.get())


CHANGES = {
    "edited": lambda: Article.objects.filter(title="First").update(body_html="<p>Other words.</p>"),
    "withdrawn": lambda: Article.objects.filter(title="Second").update(status="draft"),
    "expired": lambda: Article.objects.filter(title="Second").update(expires_at=LONG_AGO),
    "author renamed": lambda: Author.objects.update(name="Somebody Else"),
    "category renamed": lambda: Article.objects.first().categories.update(name="Wellness"),
    "one more": lambda: make_article(),
}


@pytest.mark.parametrize("change", CHANGES)
@FORMATS
def test_marks_of_a_feed_change_with_what_is_in_it(client, monkeypatch, change, format):
    health = make_category("Health")
    for title in ("First", "Second"):
        make_article(title=title, categories=[health])
    clock = iter(range(1_600_000_000, 1_600_001_000, 10))
    monkeypatch.setattr(feeds.time, "time", lambda: next(clock))
    address = below("/feed/", format)
    first, second = client.get(address), client.get(address)
    CHANGES[change]()
    third = client.get(address)
    assert (first["ETag"], first["Last-Modified"]) == (second["ETag"], second["Last-Modified"])
    assert third["ETag"] != first["ETag"]
    assert third["Last-Modified"] > first["Last-Modified"]
    assert client.get(address, headers={"if-modified-since": first["Last-Modified"]}).status_code == 200


def test_marks_stay_when_something_else_changes(client):
    make_article()
    draft = make_article(status="draft")
    first = client.get("/feed/")
    draft.save()
    second = client.get("/feed/?utm_source=x")
    assert (first["ETag"], first["Last-Modified"]) == (second["ETag"], second["Last-Modified"])


def test_feeds_are_read_not_written(client):
    response = client.post("/feed/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/feed/", 3),
        ("/category/health/feed/", 4),
        ("/tag/tea/feed/atom/", 4),
        ("/author/mara/feed/json/", 4),
    ],
)
def test_feed_costs_few_queries_however_many_articles(client, django_assert_num_queries, address, queries):
    health, tea, mara = make_category("Health"), make_tag("Tea"), make_author(slug="mara")
    for _number in range(feeds.ENTRIES + 2):
        make_article(categories=[health], tags=[tea], author=mara)
    with django_assert_num_queries(queries):
        client.get(address)


@FORMATS
def test_search_has_a_feed_of_what_has_all_its_words(client, settings, format):
    settings.SITE_URL = "https://blog.example"
    make_article(title="Bread and butter", published_at=LONG_AGO)
    make_article(title="Butter on bread", published_at=LONG_AGO + timedelta(days=1))
    make_article(title="Bread alone")
    make_article(title="Bread with butter", status="draft")
    response = client.get(below("/search/feed/", format), {"q": " bread  butter "})
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    page = response.content.decode()
    assert page.index("Butter on bread") < page.index("Bread and butter")
    assert "alone" not in page and "with butter" not in page
    assert f"https://blog.example{below('/search/feed/', format)}?q=bread+butter" in page
    assert response["ETag"] != client.get(below("/search/feed/", format), {"q": "alone"})["ETag"]


@pytest.mark.parametrize("query", ["", "bakc", "bread nowhere", "\x00", "%ff", "a" * 10_000, "]]><&"])
def test_feed_of_a_search_for_what_is_nowhere_is_empty(client, query):
    make_article(title="Back to bread")
    assert items_of(client, f"/search/feed/json/?{urlencode({'q': query})}") == []


def test_page_of_a_search_names_its_feeds(client):
    page = client.get("/search/", {"q": 'tea & "scones"'}).content.decode()
    for format in ("", "atom/", "json/"):
        assert f'href="/search/feed/{format}?q=tea%20%26%20%22scones%22"' in page
    assert "/search/feed/" not in client.get("/search/").content.decode()
