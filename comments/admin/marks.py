"""A comment as readers would see it, with the words marked that findings name, and nothing to slip on."""

import re
import unicodedata
from html.parser import HTMLParser

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from ..markup import POLICY
from ..moderation.text import fold, is_unspaced

# Decibans; less is shown as 0, and says nothing either way.
NOTICEABLE = 0.5

# What a rule quotes of the comment stands in “…”; a learned word is followed by its own points.
_QUOTED = re.compile(r"“([^“”]+)”(?: ([+-]\d+)\b)?")

# The rules that name words of the text. Others quote names, addresses or signs.
NAMING_RULES = frozenset(
    (
        "blocklist",
        "disguise",
        "link_text",
        "praise",
        "random_words",
        "relevance",
        "reply",
        "signature",
        "site_words",
        "words",
    )
)

VOID_TAGS = frozenset(("br",))


def named_words(findings):
    """Return the words that findings name, folded, each with what it speaks: "against", "for" or "".

    ``findings``: the heaviest first, whose word counts where two name the same.
    """
    named = {}
    for finding in findings:
        if finding.rule not in NAMING_RULES:
            continue
        for quoted, own_points in _QUOTED.findall(finding.detail):
            points = float(own_points or finding.points)
            named.setdefault(fold(quoted), _what_it_speaks(points))
    named.pop("", None)
    return named


def _what_it_speaks(points):
    if abs(points) < NOTICEABLE:
        return ""
    return "against" if points > 0 else "for"


def marked(body_html, named):
    """Return sanitised HTML with a ``<mark>`` around each of the named words, and without its links.

    A word is looked for in each piece of text by itself, never in a tag or an attribute. Only the elements
    that visitors may use come out, so nothing else can come from here.
    """
    marker = _Marker(named)
    marker.feed(body_html)
    marker.close()
    # Made of escaped text and of our own tags.
    return mark_safe("".join(marker.parts))  # noqa: S308


class _Marker(HTMLParser):
    """Writes HTML again, tag by tag and text by text."""

    def __init__(self, named):
        super().__init__(convert_charrefs=True)
        self.named = named
        self.parts = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.parts.append('<span class="link">')
        elif tag in POLICY.tags:
            title = dict(attrs).get("title")
            self.parts.append(format_html('<{} title="{}">', tag, title) if title else f"<{tag}>")

    def handle_endtag(self, tag):
        if tag == "a":
            self.parts.append("</span>")
        elif tag in POLICY.tags - VOID_TAGS:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data):
        done = 0
        for start, end, speaks in _places(data, self.named):
            self.parts.append(
                format_html('{}<mark class="{}">{}</mark>', data[done:start], speaks, data[start:end])
            )
            done = end
        self.parts.append(format_html("{}", data[done:]))


def _places(text, named):
    """Return where the named words stand: start, end, what the word speaks. None overlaps another."""
    folded, origin = _folded(text)
    found = []
    for word, speaks in named.items():
        at = folded.find(word)
        while at != -1:
            end = at + len(word)
            if _is_whole(folded, at, end):
                found.append((origin[at], origin[end], speaks))
            at = folded.find(word, end)
    # Where two begin together the longer is marked.
    places, done = [], 0
    for start, end, speaks in sorted(found, key=lambda place: (place[0], -place[1])):
        if start >= done and end > start:
            places.append((start, end, speaks))
            done = end
    return places


def _folded(text):
    """Fold a text as rules do; return it with the place in the text of each of its signs, and of its end."""
    signs, origin = [], []
    for start, cluster in _clusters(text):
        # Every space counts alike, and many as one.
        folded = cluster.lower().strip() if cluster.isascii() else fold(cluster)
        for sign in folded or (" " if cluster.isspace() and signs and signs[-1] != " " else ""):
            signs.append(sign)
            origin.append(start)
    return "".join(signs), [*origin, len(text)]


def _clusters(text):
    """Divide a text into letters, each with the accents upon it, and where each begins."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.category(text[at]).startswith("M"):
            yield start, text[start:at]
            start = at


def _is_whole(folded, start, end):
    """Say whether what stands there is a word, not a part of one. Some scripts set no space between words."""
    return not (
        (start > 0 and _joins(folded[start - 1]) and _joins(folded[start]))
        or (end < len(folded) and _joins(folded[end - 1]) and _joins(folded[end]))
    )


def _joins(sign):
    return unicodedata.category(sign)[0] in "LMN" and not is_unspaced(sign)
