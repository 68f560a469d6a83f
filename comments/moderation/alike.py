"""Whether two comments are of one making: by what they say, or by where they lead under which names.

Stricter than the rules. A finding is one of many; but two comments that are grouped are decided together, and
two honest strangers must not be.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import groupby

from .addresses import SHORTENERS, host, without_addresses
from .text import fold, words
from .traces import FEWEST_WORDS, NEAR, similarity, telling

# Different names, the comment's own among them, from which a link that all of them bring is one writer's.
NAMES = 3

# Characters of a name that its shape is told by.
SHAPED = 100

_TAG = re.compile(r"(<[^>]*>)")
_QUOTATION = re.compile(r"<(/?)(?:blockquote|q)\b")
# A line that is quoted as in mail. Such a sign is escaped in HTML that was sanitised.
_QUOTED_LINE = re.compile(r"^\s*&gt;.*", re.MULTILINE)
# Somebody's sentence, not a name or a title.
_QUOTED_SENTENCE = re.compile(r"[“„«\"][^“”„«»\"\n]{30,}[”“»\"]")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A comment that the rules took for spam rather than not. ``hosts``: as from ``hosts_of``."""

    pk: int
    name: str
    hosts: frozenset[str]
    text_digest: str


def own_words(body_html: str, answered_html: str = "") -> frozenset[str]:
    """Return the telling words of a comment without what it quotes, and without those of what it answers.

    Two people who quote the same sentence, or one who quotes the other, share its words and nothing else.
    """
    found = frozenset(words(without_addresses(_outside_quotations(body_html))))
    if answered_html:
        found -= frozenset(words(without_addresses(unescape(_TAG.sub(" ", answered_html)))))
    return telling(found)


def say_the_same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two texts, as from ``own_words``, are one text with other words in places."""
    return len(one & other) >= FEWEST_WORDS and similarity(one, other) >= NEAR


def hosts_of(addresses: Iterable[str], own_site: str) -> frozenset[str]:
    """Return the whole hosts that addresses lead to, without this site's own and without shorteners.

    Whole, since what lies below one blog service is of many people.
    """
    found = {host(address).removeprefix("www.") for address in addresses}
    return frozenset(name for name in found - SHORTENERS if "." in name and name != own_site)


def follow_each_other(own: Suspect, others: Iterable[Suspect]) -> set[int]:
    """Return which of the others come from where this one comes from.

    They lead to the same host under another name, and say what it says, however short; or the host comes
    under several names, and theirs is formed like this one's.
    """
    own_name, own_shape = fold(own.name), shape_of(own.name)
    strangers = [other for other in others if fold(other.name) != own_name]
    found: set[int] = set()
    for name in own.hosts:
        crowd = [other for other in strangers if name in other.hosts]
        several = len({fold(other.name) for other in crowd} | {own_name}) >= NAMES
        found.update(
            other.pk
            for other in crowd
            if other.text_digest == own.text_digest or (several and shape_of(other.name) == own_shape)
        )
    return found


def shape_of(name: str) -> str:
    """Return how a name is formed: "Aa Aa" of "Ada Lovelace", "a9" of "xrumer77", "AaAa" of "HermanTog"."""
    kinds = (_kind(char) for char in name[:SHAPED].strip())
    return "".join(kind for kind, _run in groupby(kinds))


def _kind(char: str) -> str:
    if char.isalpha():
        return "A" if char.isupper() else "a"
    if char.isdecimal():
        return "9"
    return " " if char.isspace() else char


def _outside_quotations(body_html: str) -> str:
    text = unescape(_QUOTED_LINE.sub("", "".join(_pieces(body_html))))
    return _QUOTED_SENTENCE.sub(" ", text)


def _pieces(body_html: str) -> Iterator[str]:
    """Yield the text, still escaped, that stands in no quotation; tags as the ends of lines."""
    depth = 0
    for piece in _TAG.split(body_html):
        if not piece.startswith("<"):
            if not depth:
                yield piece
            continue
        if quotation := _QUOTATION.match(piece):
            depth = max(0, depth - 1) if quotation[1] else depth + 1
        # An emphasis ends no line, but a break and a paragraph do.
        yield "\n" if re.match(r"</?(?:p|br|li|ul|ol|pre|blockquote)\b", piece) else " "
