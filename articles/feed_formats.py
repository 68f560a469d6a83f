"""How a feed is written down: RSS 2.0, Atom and JSON Feed, each with the full text.

All three take what ``django.contrib.syndication`` gives to a feed generator, and besides it for each
item ``content`` (HTML) and ``language``.
"""

import json
from datetime import UTC, datetime

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, rfc3339_date

from .text import clean_text

# What an empty feed was last changed at: it must say something, and the same each time.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class FullTextFeed(SyndicationFeed):
    """What the formats have in common: no character that XML cannot hold, and dates that stay."""

    def add_item(self, *args, **kwargs):
        super().add_item(*args, **{name: _cleaned(value) for name, value in kwargs.items()})

    def latest_post_date(self):
        return super().latest_post_date() if self.items else NEVER


def _cleaned(value):
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return clean_text(value) if isinstance(value, str) else value


class RssFeed(FullTextFeed, Rss201rev2Feed):
    """RSS 2.0: a short description, and beside it the text in ``content:encoded``."""

    def rss_attributes(self):
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        if item["language"]:
            handler.addQuickElement("dc:language", item["language"])
        handler.addQuickElement("content:encoded", item["content"])


class AtomFeed(FullTextFeed, Atom1Feed):
    """Atom 1.0: a summary in plain text, and the text in ``content``."""

    def add_item_elements(self, handler, item):
        # Django calls the summary HTML, which it is not here.
        super().add_item_elements(handler, item | {"description": None})
        language = {"xml:lang": item["language"]} if item["language"] else {}
        handler.addQuickElement("summary", item["description"], {"type": "text"} | language)
        handler.addQuickElement("content", item["content"], {"type": "html"} | language)


class JsonFeed(FullTextFeed):
    """JSON Feed 1.1. What is not known is left out, as the format wants it."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding):
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "items": [_known(self._item(item)) for item in self.items],
        }
        outfile.write(json.dumps(_known(feed), ensure_ascii=False, indent=1).encode(encoding))

    def _item(self, item):
        return {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["content"],
            "summary": item["description"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": [_known({"name": item["author_name"], "url": item["author_link"]})],
            "tags": item["categories"],
            "language": item["language"],
        }


def _known(fields):
    """Leave out what has no value; the list of items stays, even if there are none."""
    return {name: value for name, value in fields.items() if value or name == "items"}


FORMATS = {"rss": RssFeed, "atom": AtomFeed, "json": JsonFeed}
"""By what stands in an address; RSS stands at the address without a name."""
