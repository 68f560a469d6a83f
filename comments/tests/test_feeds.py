import pytest

from tests.factories import make_article, make_comment

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
