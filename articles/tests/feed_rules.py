"""What the formats of feeds ask for, as their specifications say it: RSS 2.0, RFC 4287, JSON Feed 1.1."""

import io
import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
MIME_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
DAY = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} "
RFC_822 = re.compile(DAY + r"[A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}")
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def is_absolute(address):
    return urlsplit(address).scheme in ("http", "https", "mailto", "tag")


def is_rfc_822(text):
    return bool(RFC_822.fullmatch(text)) and parsedate_to_datetime(text) is not None


def is_rfc_3339(text):
    return bool(RFC_3339.fullmatch(text)) and datetime.fromisoformat(text) is not None


class _Addresses(HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src")]


def addresses_in(markup):
    return _Addresses(markup).found


def problems(response, format):
    """Return what is wrong with a feed, as sentences; an empty list if nothing is."""
    text = response.content.decode()
    found = []
    if response["Content-Type"] != MIME_TYPES[format]:
        found.append(f"content type {response['Content-Type']}")
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f￾￿]", text):
        found.append("a control character")
    look = {"rss": _problems_of_rss, "atom": _problems_of_atom, "json": _problems_of_json}[format]
    ids, bodies = look(text, found)
    if len(set(ids)) != len(ids):
        found.append("an id twice")
    found += [f"relative: {each}" for body in bodies for each in addresses_in(body) if not is_absolute(each)]
    if format != "json":
        read = feedparser.parse(
            io.BytesIO(response.content), response_headers={"content-type": response["Content-Type"]}
        )
        if read.bozo:
            found.append(f"feedparser: {read.bozo_exception}")
        if len(read.entries) != len(ids):
            found.append("feedparser sees another number of entries")
    return found


def _problems_of_rss(text, found):
    root = ElementTree.fromstring(text)
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0":
        found.append("not RSS 2.0")
    for name in ("title", "link", "description", "language"):
        if not channel.findtext(name):
            found.append(f"channel without {name}")
    own = channel.findall(f"{ATOM}link")
    if [link.get("rel") for link in own] != ["self"] or not is_absolute(own[0].get("href")):
        found.append("no link to itself")
    dates = [each.text for each in (*channel.iter("pubDate"), *channel.iter("lastBuildDate"))]
    found += [f"date {date}" for date in dates if not is_rfc_822(date)]
    items = channel.findall("item")
    for item in items:
        for name in ("title", "link", "description", "guid", "pubDate", CREATOR, CONTENT):
            if len(item.findall(name)) != 1 or not item.findtext(name):
                found.append(f"item without {name}")
        if not is_absolute(item.findtext("link")):
            found.append("relative link")
        guid = item.find("guid")
        if guid.get("isPermaLink") not in ("true", "false"):
            found.append("guid says not whether it is a permalink")
        if guid.get("isPermaLink") == "true" and not guid.text.startswith("http"):
            found.append("guid is no address")
    return [item.findtext("guid") for item in items], [item.findtext(CONTENT) for item in items]


def _problems_of_atom(text, found):
    root = ElementTree.fromstring(text)
    if root.tag != f"{ATOM}feed":
        found.append("not Atom")
    entries = root.findall(f"{ATOM}entry")
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            if len(element.findall(ATOM + name)) != 1 or not element.findtext(ATOM + name):
                found.append(f"{element.tag} without {name}")
        for name in ("updated", "published"):
            for date in element.findall(ATOM + name):
                if not is_rfc_3339(date.text):
                    found.append(f"date {date.text}")
        if not is_absolute(element.findtext(f"{ATOM}id")):
            found.append("an id is no IRI")
        links = {link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")}
        if "alternate" not in links or not all(map(is_absolute, links.values())):
            found.append(f"links {links}")
    if root.find(f"{ATOM}link[@rel='self']") is None:
        found.append("no link to itself")
    for entry in entries:
        if not entry.findtext(f"{ATOM}author/{ATOM}name"):
            found.append("entry without author")
        if entry.find(f"{ATOM}content").get("type") != "html":
            found.append("content is not said to be HTML")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    return ids, [entry.findtext(f"{ATOM}content") for entry in entries]


def _problems_of_json(text, found):
    feed = json.loads(text)
    if feed["version"] != "https://jsonfeed.org/version/1.1" or not feed["title"]:
        found.append("not JSON Feed 1.1")
    found += [
        f"relative: {feed[name]}" for name in ("home_page_url", "feed_url") if not is_absolute(feed[name])
    ]
    for item in feed["items"]:
        if not isinstance(item.get("id"), str) or not item.get("content_html"):
            found.append("item without id or content")
        found += [
            f"date {item[name]}"
            for name in ("date_published", "date_modified")
            if not is_rfc_3339(item[name])
        ]
        if not all(author.get("name") for author in item["authors"]):
            found.append("author without a name")
    return [item["id"] for item in feed["items"]], [item["content_html"] for item in feed["items"]]
