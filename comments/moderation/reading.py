"""A comment and an article, read once for all the rules that look at their words."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .addresses import without_addresses
from .text import fold, scripts, words

# Characters of an article that are read: what follows adds little to what it is about.
ARTICLE_LENGTH = 20_000
# Characters from which an article's language shows in its spelling.
PROFILE_LENGTH = 1_200
# Characters of a comment in which its language shows.
COMPARED_LENGTH = 400

_TAG = re.compile(r"<[^<>]{0,300}>|\[/?[A-Za-z]{1,6}(?:=[^\]]{0,300})?\]")


@dataclass(frozen=True, slots=True)
class Reading:
    """``plain``: the text without addresses and tags, ``signs``: how often it has each sign.

    ``words``: in their order, ``distinct`` each once.
    """

    plain: str
    signs: Counter[str]
    words: tuple[str, ...]
    distinct: frozenset[str]


@dataclass(frozen=True, slots=True)
class ArticleReading:
    """``spelling``: how often each three signs in a row occur, with the length of that vector."""

    title_words: frozenset[str]
    words: Counter[str]
    spelling: Counter[str]
    spelling_length: float
    script: str


def plain_of(text: str) -> str:
    """Return a text without addresses and tags."""
    return _TAG.sub(" ", without_addresses(text))


@lru_cache(maxsize=8)
def read_text(text: str) -> Reading:
    plain = plain_of(text)
    found = tuple(words(plain))
    return Reading(plain, Counter(plain), found, frozenset(found))


# A busy article's comments come in a row. 32 articles take about 4 MB.
@lru_cache(maxsize=32)
def read_article(title: str, text: str) -> ArticleReading:
    text = text[:ARTICLE_LENGTH]
    title_words = words(title)
    profile = spelling(text[:PROFILE_LENGTH] or title)
    return ArticleReading(
        title_words=frozenset(title_words),
        words=Counter(title_words + words(text)),
        spelling=profile,
        spelling_length=_length(profile),
        script=next(iter(scripts(Counter(f"{title} {text[:PROFILE_LENGTH]}"))), ""),
    )


def spelling(text: str) -> Counter[str]:
    """Count every three signs in a row; languages differ in them as much as in their words."""
    folded = fold(text)
    return Counter(map("".join, zip(folded, folded[1:], folded[2:], strict=False)))


def likeness(text: str, article: ArticleReading) -> float:
    """Return how alike two texts are spelled, from 0 to 1 (the cosine of their vectors)."""
    mine = spelling(text[:COMPARED_LENGTH])
    shared = sum(count * article.spelling.get(signs, 0) for signs, count in mine.items())
    return shared / ((_length(mine) * article.spelling_length) or 1.0)


def _length(counts: Mapping[str, int]) -> float:
    return math.sqrt(sum(count * count for count in counts.values()))
