from datetime import timedelta

import pytest
from django.utils import timezone

from articles.pages import OWN_PAGES
from tests.factories import LONG_AGO, make_article, make_author, make_category, make_user

pytestmark = pytest.mark.django_db

every_page = pytest.mark.parametrize("address", [f"/{path}" for path in OWN_PAGES])


@every_page
def test_page_is_there_before_anybody_writes_it(client, settings, address):
    response = client.get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1>") == 1
    assert f'<link rel="canonical" href="{settings.SITE_URL}{address}">' in page
    assert not response.cookies and "Cookie" not in response.get("Vary", "")


@every_page
def test_every_page_leads_to_it(client, address):
    assert f'href="{address}"' in client.get("/").content.decode()


@every_page
def test_article_at_its_address_takes_its_place(client, address):
    make_article(title="In our own words", path=address.strip("/"))
    response = client.get(address)
    assert response.templates[0].name == "articles/article_detail.html"
    assert b"In our own words" in response.content


@pytest.mark.parametrize(
    "fields",
    [{"status": "draft"}, {"published_at": timezone.now() + timedelta(days=1)}],
    ids=["draft", "later"],
)
def test_article_that_is_not_public_yet_takes_its_place_for_editors_alone(client, fields):
    make_article(title="In our own words", path="about/", **fields)
    assert b"In our own words" not in client.get("/about/").content
    client.force_login(make_user("eve", groups=["Editors"], is_staff=True))
    assert b"In our own words" in client.get("/about/").content


def test_article_that_has_left_its_address_is_followed(client):
    article = make_article(path="about/")
    article.path = "about-us/"
    article.save()
    response = client.get("/about/")
    assert (response.status_code, response["Location"]) == (301, "/about-us/")


@pytest.mark.parametrize("address", ["/about/us/", "/colophon/feed/", "/accessibility/comment-page-2/"])
def test_nothing_lies_below_it(client, address):
    assert client.get(address).status_code == 404


@every_page
def test_page_is_read_not_written(client, address):
    assert client.post(address).status_code == 405


def test_about_names_who_has_published_and_says_of_themselves_who_they_are(client):
    make_article(author=make_author(name="Mara <i>", slug="mara", biography="Drinks tea & reads."))
    make_article(author=make_author(name="Silent", slug="silent"))
    make_article(author=make_author(name="Drafty", slug="drafty", biography="Writes."), status="draft")
    page = client.get("/about/").content.decode()
    assert "Mara &lt;i&gt;" in page and "Drinks tea &amp; reads." in page
    assert "Silent" not in page and "Drafty" not in page


def test_about_tells_the_categories_at_the_root(client):
    health = make_category("Health", description="Plain words.")
    make_category("Back Pain", parent=health, description="For backs.")
    page = client.get("/about/").content.decode()
    assert "Plain words." in page
    assert "For backs." not in page


def test_about_costs_four_queries_however_many_write(client, django_assert_max_num_queries):
    for number in range(60):
        author = make_author(slug=f"author-{number}", biography="Writes.")
        make_article(author=author, published_at=LONG_AGO)
        make_category(f"Shelf {number}")
    # Two of them look for an article here, and for one that was.
    with django_assert_max_num_queries(4):
        page = client.get("/about/").content.decode()
    assert page.count("Writes.") == 50
