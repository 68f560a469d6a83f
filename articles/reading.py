"""What a long text needs beside itself: how long it takes to read, and what its parts are called.

Made of an article's HTML as the sanitiser left it: there ``<`` stands at the beginning of tags and nowhere
else, so expressions read it safely.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from django.utils.text import slugify

from .markup import RESERVED_IDS

# Words a minute of grown-up readers, in silence: the mean of 190 studies (Brysbaert 2019, "How many words do
# we read per minute?"). It gives about 260 for Chinese, whose words have one to two signs: here 400 signs.
WORDS_A_MINUTE = 238
SIGNS_A_MINUTE = 400

# Parts, and minutes, from which a table of contents helps more than it is in the way.
FEWEST_PARTS = 3
LONG_MINUTES = 4

_HEADING = re.compile(r"<(h[23])((?: [^<>]*)?)>(.*?)</\1>", re.DOTALL)
_ID = re.compile(r' id="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
# Chinese and Japanese signs, Thai, Lao, Khmer and Burmese letters: words that touch.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Part:
    """``level``: 2 or 3, as in h2 and h3. ``anchor``: its id on the page."""

    anchor: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Text:
    """An article ready to be read. ``body_html``: every part can be linked to. ``minutes``: at least 1."""

    body_html: str
    parts: tuple[Part, ...]
    minutes: int

    @property
    def needs_contents(self):
        return self.minutes >= LONG_MINUTES and len(self.parts) >= FEWEST_PARTS


# One article is read many times; 64 long ones take some megabytes.
@lru_cache(maxsize=64)
def read(body_html):
    body_html = _each_id_once(body_html)
    taken = {*RESERVED_IDS, *_ID.findall(body_html)}
    parts = []

    def with_id(heading):
        tag, attributes, content = heading.groups()
        title = " ".join(unescape(_TAG.sub("", content)).split())
        if not title:
            return heading.group()
        found = _ID.search(attributes)
        anchor = found[1] if found else _free(slugify(title)[:60].strip("-") or "part", taken)
        taken.add(anchor)
        parts.append(Part(anchor, title, int(tag[1])))
        return heading.group() if found else f'<{tag} id="{anchor}"{attributes}>{content}</{tag}>'

    with_ids = _HEADING.sub(with_id, body_html)
    return Text(with_ids, tuple(parts), minutes_to_read(body_html))


def _each_id_once(body_html):
    """Leave out an id that the text has used before, or that belongs to the page around it."""
    seen = set(RESERVED_IDS)

    def keep_or_leave_out(found):
        if found[1] in seen:
            return ""
        seen.add(found[1])
        return found.group()

    return _TAG.sub(lambda tag: _ID.sub(keep_or_leave_out, tag.group()), body_html)


def minutes_to_read(body_html):
    text, signs = _UNSPACED.subn(" ", unescape(_TAG.sub(" ", body_html)))
    return max(1, math.ceil(len(_WORD.findall(text)) / WORDS_A_MINUTE + signs / SIGNS_A_MINUTE))


def _free(wish, taken):
    """Return an id that nothing on the page has: as wished, or with a number. No comment's, either."""
    if wish not in taken and not re.fullmatch(r"comment-\d+", wish):
        return wish
    number = 2
    while f"{wish}-part-{number}" in taken:
        number += 1
    return f"{wish}-part-{number}"
