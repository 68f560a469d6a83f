import pytest
from django.utils.feedgenerator import rfc2822_date

from tests.factories import LONG_AGO, make_article, make_category

pytestmark = pytest.mark.django_db


def test_feed_carries_published_articles_in_full(client, settings):
    settings.SITE_NAME = "Afterword"
    make_article(title="Spasms", path="spasms/", categories=[make_category("Health")])
    make_article(title="Draft", status="draft")
    response = client.get("/feed/")
    feed = response.content.decode()
    assert response["Content-Type"].startswith("application/rss+xml")
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
