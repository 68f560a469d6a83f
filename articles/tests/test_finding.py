"""The pages of the search, and what is answered where no article is."""

from datetime import datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from articles.finding import suggest
from articles.models import Article, GonePath
from tests.factories import make_article, make_author, make_category, make_moderator

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.now() - timedelta(days=1)


def page_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def titles(response):
    return [result["article"].title for result in response.context["results"]]


def suggested(response):
    return [article.title for article in response.context["suggestions"]]


# The search


def test_search_shows_what_it_found_with_the_words_marked(client):
    make_article(title="Back & Spasms", body="Heat helps the back.", author=make_author(name="Mara Lind"))
    page = page_of(client, "/search/?q=spasm+back")
    assert "<mark>Back</mark> &amp; <mark>Spasms</mark>" in page
    assert "Heat helps the <mark>back</mark>." in page
    assert "1 article found" in page
    assert "Mara Lind" in page
    assert 'value="spasm back"' in page
    assert '<meta name="robots" content="noindex">' in page


def test_search_says_which_word_it_took_for_which(client):
    make_article(title="Back")
    page = page_of(client, "/search/?q=bakc")
    assert "Nothing has “<bdi>bakc</bdi>”; these have “<bdi>back</bdi>”." in page


def test_search_without_words_offers_the_field(client):
    for address in ("/search/", "/search/?q=", "/search/?q=+&category=x"):
        page = page_of(client, address)
        assert 'name="q"' in page
        assert "Title, standfirst and text" in page


def test_search_that_finds_nothing_leads_on(client):
    page = page_of(client, "/search/?q=zzxxyy")
    assert "No article found" in page
    assert "Nothing has “<bdi>zzxxyy</bdi>”." in page
    assert 'href="/archive/"' in page


def test_search_is_narrowed_by_category_and_year(client):
    health = make_category("Health")
    back = make_category("Back Pain", parent=health)
    make_article(title="Back 2017", categories=[back])
    make_article(title="Back 2019", published_at=datetime(2019, 1, 1, tzinfo=timezone.get_current_timezone()))
    assert titles(client.get("/search/?q=back&category=health")) == ["Back 2017"]
    assert titles(client.get("/search/?q=back&year=2019")) == ["Back 2019"]
    assert titles(client.get("/search/?q=back&category=health&year=2019")) == []
    response = client.get("/search/?q=back&category=health/back-pain")
    assert '<option value="health/back-pain" selected>' in response.content.decode()
    assert response.context["years"] == [2019, 2018, 2017]


def test_search_has_pages_that_keep_what_was_asked(client):
    health = make_category("Health")
    for _number in range(21):
        make_article(title="Back", categories=[health])
    first = client.get("/search/?q=back&category=health")
    assert len(titles(first)) == 10
    assert (first.context["newer_url"], first.context["older_url"]) == (
        None,
        "/search/?q=back&category=health&page=2",
    )
    last = client.get("/search/?q=back&category=health&page=3")
    assert len(titles(last)) == 1
    assert last.context["older_url"] is None
    assert client.get("/search/?q=back&category=health&page=2").context["newer_url"] == (
        "/search/?q=back&category=health"
    )


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "٣", "1e3", "9" * 30, "%00", ""])
def test_pages_of_results_that_are_not_there_are_not_found(client, page):
    make_article(title="Back")
    assert client.get(f"/search/?q=back&page={page}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "q=%FF",
        "q=%00a%00b",
        "q=" + "a" * 10_000,
        "q=" + "a+" * 5_000,
        "q=back&category=%00&year=%00",
        "q=back&year=99999999999999999999&category=none&other=1",
        "q=back&q=tea",
        "q[]=back",
        "q=%3Cscript%3E",
        "q=" + quote("\u202eevil" + "e\u0301" * 300),
    ],
)
def test_any_address_of_the_search_gets_a_clear_page(client, query):
    make_article(title="Back")
    page = page_of(client, f"/search/?{query}")
    assert "<script>" not in page
    assert len(page) < 12_000


def test_long_query_is_cut_and_the_page_says_so(client):
    make_article(title="Back")
    assert "That was a long question" in page_of(client, "/search/?q=" + "back+" * 100)


def test_search_is_the_same_bytes_for_every_anonymous_reader(client):
    make_article(title="Back")
    first = client.get("/search/?q=back")
    second = client.get("/search/?q=back", headers={"cookie": "a=b", "accept-language": "de"})
    assert first.content == second.content
    assert not first.cookies
    assert "Cookie" not in first.get("Vary", "")


def test_searches_are_read_not_written(client):
    assert client.post("/search/", {"q": "back"}).status_code == 405


@pytest.mark.parametrize("number", [10, 40])
def test_search_costs_the_same_for_ten_articles_and_for_many(client, django_assert_num_queries, number):
    health = make_category("Health")
    for each in range(number):
        make_article(title=f"Back {each}", categories=[health])
    # Categories, years, languages, counts, ids and the articles; two more where words are mistyped.
    with django_assert_num_queries(6):
        client.get("/search/?q=back&category=health&year=2017")
    with django_assert_num_queries(8):
        client.get("/search/?q=bakc")
    with django_assert_num_queries(3):
        client.get("/search/")


def test_browsers_are_told_how_to_search(client, settings):
    settings.SITE_NAME = "Tea & a name that is longer than browsers take"
    page = page_of(client, "/")
    assert 'rel="search" type="application/opensearchdescription+xml"' in page
    response = client.get("/opensearch.xml")
    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    spaces = {"": "http://a9.com/-/spec/opensearch/1.1/"}
    tree = ElementTree.fromstring(response.content)
    assert tree.find("Url", spaces).get("template") == "http://testserver/search/?q={searchTerms}"
    assert len(tree.findtext("ShortName", namespaces=spaces)) <= 16


@pytest.mark.parametrize("address", ["/", "/archive/", "/nowhere/", "/search/"])
def test_every_page_has_the_search(client, address):
    page = client.get(address).content.decode()
    assert 'class="site-search" action="/search/" role="search"' in page


# Where nothing is


def test_address_with_a_slip_leads_to_what_was_meant(client):
    make_article(title="Home Treatment for Back Spasms", path="2017/03/home-treatment-for-back-spasms/")
    make_article(title="Tea")
    response = client.get("/2017/04/home-tretment-for-bakc-spasms/")
    assert response.status_code == 404
    assert suggested(response) == ["Home Treatment for Back Spasms"]
    page = response.content.decode()
    assert 'href="/2017/03/home-treatment-for-back-spasms/"' in page
    assert 'id="search-words"' in page
    assert 'content="noindex"' in page


def test_at_most_five_are_suggested_the_best_first(client):
    for number in range(7):
        make_article(title=f"Back number {number}")
    make_article(title="Back spasms")
    response = client.get("/back-spasms/")
    assert suggested(response) == ["Back spasms"]
    assert len(suggested(client.get("/back/"))) == 5


@pytest.mark.parametrize(
    "address",
    [
        "/wp-login.php",
        "/back.png",
        "/2017/99/",
        "/page/7/",
        "/tag/none/",
        "/",
        "//",
        "/--/",
        "/%00/",
        "/%ff/",
    ],
)
def test_address_that_names_nothing_suggests_nothing(address):
    make_article(title="Back")
    assert suggest(address) == []


def test_program_that_asks_for_files_costs_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert client.get("/wp-login.php").status_code == 404


@pytest.mark.parametrize("number", [10, 40])
def test_404_costs_at_most_ten_queries_however_many_articles(client, django_assert_num_queries, number):
    for each in range(number):
        make_article(title=f"Back {each}")
    # The article, its former address, whether it is gone; five of a search, the articles, the categories.
    with django_assert_num_queries(10):
        assert client.get("/the-bakc/").status_code == 404


def test_drafts_are_not_suggested(client):
    make_article(title="Back", status="draft")
    assert suggested(client.get("/back/")) == []


# What is gone


def test_deleted_article_leaves_its_addresses_as_gone(client):
    article = make_article(title="Back", path="old/")
    article.path = "new/"
    article.save()
    make_article(title="Newer Back")
    article.delete()
    for address in ("/old/", "/new/"):
        response = client.get(address)
        assert response.status_code == 410
        assert "This article is gone." in response.content.decode()


@pytest.mark.parametrize(
    "fields", [{"status": "draft"}, {"published_at": timezone.now() + timedelta(days=9)}]
)
def test_article_that_was_never_public_leaves_nothing(client, fields):
    article = make_article(path="secret/", **fields)
    article.delete()
    assert client.get("/secret/").status_code == 404
    assert not GonePath.objects.exists()


def test_articles_deleted_by_a_query_are_gone_too(client):
    make_article(path="back/")
    Article.objects.all().delete()
    assert client.get("/back/").status_code == 410


def test_articles_deleted_in_the_admin_are_gone_and_the_index_is_not_listed_there(admin_client):
    article = make_article(path="back/")
    address = f"/admin/articles/article/{article.pk}/delete/"
    assert "earch" not in admin_client.get(address).content.decode().partition('id="content"')[2]
    admin_client.post(address, {"post": "yes"})
    assert admin_client.get("/back/").status_code == 410


def test_expired_article_is_gone_but_not_for_its_editors(client):
    article = make_article(title="Back", path="back/", expires_at=YESTERDAY)
    article.former_paths.create(path="earlier/")
    assert client.get("/back/").status_code == 410
    assert client.get("/earlier/").status_code == 410
    moderator = make_moderator()
    moderator.is_superuser = True
    moderator.save()
    client.force_login(moderator)
    assert client.get("/back/").status_code == 200


def test_expired_draft_is_not_found(client):
    make_article(path="back/", expires_at=YESTERDAY, status="draft")
    assert client.get("/back/").status_code == 404


def test_gone_page_suggests_what_is_like_it(client):
    article = make_article(title="Back spasms", path="back-spasms/")
    make_article(title="More on back spasms")
    article.delete()
    assert suggested(client.get("/back-spasms/")) == ["More on back spasms"]


def test_new_article_takes_the_address_of_a_deleted_one(client):
    make_article(path="back/").delete()
    make_article(path="back/")
    assert client.get("/back/").status_code == 200
    assert not GonePath.objects.exists()


@pytest.mark.parametrize("number", [10, 40])
def test_gone_page_costs_at_most_ten_queries(client, django_assert_num_queries, number):
    for each in range(number):
        make_article(title=f"Back {each}")
    make_article(path="the-bakc/").delete()
    with django_assert_num_queries(10):
        assert client.get("/the-bakc/").status_code == 410
