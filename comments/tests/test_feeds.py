import json

import pytest

from articles.tests import feed_rules
from comments.models import Comment
from tests.factories import make_article, make_category, make_comment

pytestmark = pytest.mark.django_db


def test_feed_of_the_site_carries_what_everybody_may_read(client, settings):
    settings.SITE_NAME = "Afterword"
    article = make_article(title="Spasms")
    comment = make_comment(article, author_name="Mara", body="Heat helps.")
    make_comment(article, body="Waiting words.", status="pending")
    make_comment(make_article(status="draft"), body="Words under a draft.")
    feed = client.get("/comments/feed/").content.decode()
    assert "<title>Comments for Afterword</title>" in feed
    assert "<title>Comment on Spasms by Mara</title>" in feed
    assert "&lt;p&gt;Heat helps.&lt;/p&gt;" in feed
    assert f"http://testserver/comments/{comment.pk}/" in feed
    assert "Waiting words." not in feed
    assert "Words under a draft." not in feed


def test_feed_of_an_article_carries_its_own_comments(client):
    article = make_article(title="Spasms", path="spasms/")
    make_comment(article, author_name="Mara")
    make_comment(make_article(), author_name="Elsewhere")
    feed = client.get("/spasms/feed/").content.decode()
    assert "<title>Comments on: Spasms</title>" in feed
    assert "<title>By: Mara</title>" in feed
    assert "Elsewhere" not in feed


@pytest.mark.parametrize("path", ["/feed/", "/comments/feed/", "/spasms/feed/"])
def test_addresses_are_the_sites_own_by_whatever_name_it_was_asked(client, settings, path):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://blog.example", ["*"]
    make_comment(make_article(path="spasms/"))
    feed = client.get(path, headers={"host": "localhost:1"}).content.decode()
    assert "https://blog.example/" in feed
    assert "localhost" not in feed


def test_feed_of_an_article_that_has_moved_leads_on(client):
    article = make_article(path="old/")
    article.path = "new/"
    article.save()
    response = client.get("/old/feed/")
    assert (response.status_code, response["Location"]) == (301, "/new/feed/")


def test_drafts_have_no_feed(client):
    make_article(path="draft/", status="draft")
    assert client.get("/draft/feed/").status_code == 404


FORMATS = pytest.mark.parametrize("format", ["rss", "atom", "json"])


def below(address, format):
    return address if format == "rss" else f"{address}{format}/"


@FORMATS
@pytest.mark.parametrize("address", ["/comments/feed/", "/spasms/feed/"])
def test_feed_keeps_the_rules_of_its_format(client, address, format):
    article = make_article(title="Spasms <&>", path="spasms/")
    for name in ("Mara & <i>", "Mara & <i>", "“Ö” \u200f"):
        comment = make_comment(article, author_name=name, body="Heat <b>helps</b> & so on ]]>")
    Comment.objects.filter(pk=comment.pk).update(
        author_name="Bell\x07", body_html='<p>\x07<a href="/about/">a</a> <a href="#sources">b</a></p>'
    )
    response = client.get(below(address, format))
    assert feed_rules.problems(response, format) == []
    text = response.content.decode()
    assert "http://testserver/about/" in text and "http://testserver/spasms/#sources" in text


@FORMATS
@pytest.mark.parametrize("address", ["/comments/feed/", "/spasms/feed/"])
def test_empty_feed_keeps_them_too(client, address, format):
    make_article(path="spasms/")
    assert feed_rules.problems(client.get(below(address, format)), format) == []


def test_name_of_a_comment_is_its_permalink(client):
    article = make_article(path="old/")
    comment = make_comment(article)
    article.path = "new/"
    article.save()
    (item,) = json.loads(client.get("/comments/feed/json/").content)["items"]
    assert item["id"] == item["url"] == f"http://testserver/comments/{comment.pk}/"
    assert f'<guid isPermaLink="true">{item["id"]}</guid>' in client.get("/new/feed/").content.decode()


@FORMATS
def test_reader_who_has_it_already_gets_nothing_again(client, format):
    comment = make_comment(make_article(path="spasms/"))
    address = below("/spasms/feed/", format)
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    comment.trash(by=None)
    response = client.get(address, headers={"if-none-match": etag})
    assert (response.status_code, response["ETag"] == etag) == (200, False)


@pytest.mark.parametrize("format", ["atom", "json"])
def test_other_formats_of_an_article_that_has_moved_lead_on_too(client, format):
    article = make_article(path="old/")
    article.path = "new/"
    article.save()
    response = client.get(f"/old/feed/{format}/")
    assert (response.status_code, response["Location"]) == (301, f"/new/feed/{format}/")


@pytest.mark.parametrize(("address", "queries"), [("/comments/feed/", 1), ("/spasms/feed/json/", 2)])
def test_feed_costs_few_queries_however_many_comments(client, django_assert_num_queries, address, queries):
    article = make_article(path="spasms/")
    for _number in range(25):
        make_comment(article)
    with django_assert_num_queries(queries):
        client.get(address)


def test_lists_have_feeds_of_articles_not_of_comments(client):
    make_article(title="Spasms", categories=[make_category("Health")])
    assert "Spasms" in client.get("/category/health/feed/").content.decode()
    assert client.get("/category/none/feed/").status_code == 404
