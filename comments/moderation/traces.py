"""The marks by which a comment is found again: near texts, hosts, names, each as one number.

They are the same in every process and on every machine. They change when the folding, the words or
``registrable`` change; then old marks are met no longer, new ones gather anew, and nothing else happens:
equal texts are found by their own digest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Literal

from .addresses import host, registrable
from .reading import read_text
from .text import is_unspaced, words

Kind = Literal["near", "host", "name"]

# What is looked at of one comment, a bound on the time it can take: characters of its text, of its name and
# of an address (a host ends before), different addresses, hosts.
TEXT_LENGTH = 10_000
NAME_LENGTH = 100
ADDRESS_LENGTH = 300
ADDRESSES = 50
HOSTS = 10

# Texts with fewer different words are alike by chance.
FEWEST_WORDS = 8

# Of the words of two texts, the share in both from which they are near. Counted: 87 % of the pairs spun
# from one template reach it, and two of 1,500,000 pairs of good comments.
NEAR = 0.45

# Letters from which a word tells one text from another. "a", "is" and "to" are in all of them, and marks
# made from them are those of many strangers.
WORD_LENGTH = 3

# A min-hash has BANDS marks, each made from the least of the words under ROWS different orders. Texts with
# a share J of words in common meet in at least one with 1 − (1 − J**ROWS)**BANDS: 82 % at 0.45, 90 % at
# 0.5, 98 % at 0.62, the middle of spun texts, but 8 % at 0.1, the middle of strangers, whom the comparison
# of the words then sorts out. Counted: nine in ten of the spun pairs that are near meet (87 to 99 %,
# by the draw of the orders). Three rows need twice the bands for the same.
BANDS = 8
ROWS = 2


@dataclass(frozen=True, slots=True)
class Trace:
    """``digest``: a signed number of 64 bits, as databases keep them."""

    kind: Kind
    digest: int


# Asked for when a comment is judged, and again when it is stored.
@lru_cache(maxsize=4)
def traces(*, author_name: str, author_url: str, text: str, links: tuple[str, ...]) -> tuple[Trace, ...]:
    """Return the marks of a comment, each once. A text of few words has no "near" ones."""
    found = [Trace("near", digest) for digest in _bands(word_set(text))]
    found += [Trace("host", _digest(name)) for name in hosts(author_url, links)]
    name = " ".join(words(author_name[:NAME_LENGTH]))
    if sum(char.isalpha() for char in name) >= 3:
        found.append(Trace("name", _digest(name)))
    return tuple(found)


def hosts(author_url: str, links: tuple[str, ...]) -> tuple[str, ...]:
    """Return the hosts that a comment leads to, the website's first, each once."""
    found: dict[str, None] = {}
    addresses = dict.fromkeys(address[:ADDRESS_LENGTH] for address in (author_url, *links))
    for address in islice(addresses, ADDRESSES):
        name = registrable(host(address))
        # Without a dot it is nobody's: a path, a local name, a slip.
        if "." in name:
            found[name] = None
        if len(found) == HOSTS:
            break
    return tuple(found)


@lru_cache(maxsize=4)
def word_set(text: str) -> frozenset[str]:
    """Return the telling words of a text, each once: what texts are compared by."""
    return telling(read_text(text[:TEXT_LENGTH]).distinct)


def telling(distinct: frozenset[str]) -> frozenset[str]:
    """Leave out words that are in all texts; where nothing else is left, leave out nothing."""
    # Two characters are a word in Chinese, and next to nothing in Latin script.
    found = {word for word in distinct if len(word) >= WORD_LENGTH or is_unspaced(word[0])}
    return frozenset(found) or distinct


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the words of two texts that are in both, from 0 to 1."""
    return len(one & other) / (len(one | other) or 1)


def _number(word: str) -> int:
    # Not crc32, though quicker: its numbers hang together, and a fifth of the spun pairs were missed.
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


# Each mask sorts the words in an order of its own: by their distance from it, bit by bit. No secret: to
# meet strangers in a mark is no gain, since the words themselves are compared then.
_MASKS = tuple(_number(f"order {number}") for number in range(BANDS * ROWS))


# The same words come in comment after comment: 8,000 take about 6 MB.
@lru_cache(maxsize=8_000)
def _places(word: str) -> tuple[int, ...]:
    """Return where a word stands in each of the orders."""
    return tuple(map(_number(word).__xor__, _MASKS))


def _bands(found: frozenset[str]) -> Iterator[int]:
    if len(found) < FEWEST_WORDS:
        return
    least = list(map(min, zip(*map(_places, found), strict=True)))
    for start in range(0, len(least), ROWS):
        yield _digest(" ".join(map(str, (start, *least[start : start + ROWS]))))


def _digest(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
