"""Finds articles by their words, best first, in the same order on every database.

``words.py`` says what a word is, ``search_index.py`` keeps them.
"""

import math
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Sum, Value, When

from .models import Article
from .search_rows import SearchEntry, SearchSpelling, SearchTerm
from .text import clean_line
from .words import distance, slips, spelling, stem, tokens

# Characters of a query that are looked at, and words that are looked for.
LONGEST = 200
MOST_WORDS = 12
# Articles that one search finds at most: the best.
MOST = 500
# Words that a mistyped one is compared with, and of those the nearest that articles are asked about.
MOST_COMPARED = 300
MOST_NEAREST = 6
# Letters from which on a word may hold two slips, and the distance up to which one is taken for another.
LONG_WORD = 7
NEAR, NEAR_FOR_LONG = 1, 2


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: as typed, and the stems it may have in the languages of the articles."""

    text: str
    stems: frozenset[str]
    is_pair: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found.

    ``ids``: of articles, best first. ``words``: what was looked for. ``replaced``: pairs of a word that no
    article has, and the one that was looked for in its stead. ``unknown``: words that no article has, nor
    anything near. ``is_partial``: no article has all words; these have some. ``is_cut``: there are more.
    ``is_shortened``: the end of the query was not looked at.
    ``stems``: those of all words together, to mark them by.
    """

    ids: tuple[int, ...] = ()
    words: tuple[Word, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    is_partial: bool = False
    is_cut: bool = False
    is_shortened: bool = False
    stems: frozenset[str] = frozenset()


def find(query, articles=None, *, any_word=False, limit=MOST):
    """Return the articles that have all words of a query, or some where none has all.

    ``articles``: among which to look, all that are published by default. ``any_word``: some words suffice.
    Any text is a query.
    """
    published = Article.objects.published()
    languages = list(SearchEntry.objects.order_by().values_list("language", flat=True).distinct())
    words, is_shortened = _read(clean_line(query), languages)
    if not words:
        return Found(is_shortened=is_shortened)
    counts = _count(words, published)
    replaced, unknown = [], []
    missing = [word for word in words if not _has(word, counts)]
    if missing:
        nearest, more_counts = _nearest(missing, languages, published)
        counts |= more_counts
        for word in missing:
            if word.text in nearest:
                replaced.append((word.text, nearest[word.text].text))
            elif not word.is_pair:
                unknown.append(word.text)
        words = _merge([nearest.get(word.text, word) for word in words])
    present = [word for word in words if _has(word, counts)]
    if not present:
        return Found(words=tuple(words), unknown=tuple(unknown), is_shortened=is_shortened)
    articles = published if articles is None else articles
    ids, is_partial = _rank(present, counts, articles, limit, any_word)
    return Found(
        ids=tuple(ids[:limit]),
        words=tuple(present),
        replaced=tuple(replaced),
        unknown=tuple(unknown),
        is_partial=is_partial,
        is_cut=len(ids) > limit,
        is_shortened=is_shortened,
        stems=frozenset().union(*(word.stems for word in present)),
    )


def _read(query, languages):
    """Return the words of a query, each once, and whether something of it was left out."""
    words = []
    for start, end, folded, is_pair in tokens(query[:LONGEST]):
        if len(words) > MOST_WORDS:
            break
        words.append(_word(query[start:end], folded, languages, is_pair))
    return _merge(words[:MOST_WORDS]), len(query) > LONGEST or len(words) > MOST_WORDS


def _word(text, folded, languages, is_pair=False):
    stems = {folded} if is_pair else {stem(folded, language) for language in languages}
    return Word(text, frozenset(stems), is_pair)


def _merge(words):
    """Return the words, those that share a stem as one: an article that has one of them has both."""
    merged = []
    for word in words:
        for at, other in enumerate(merged):
            if word.stems & other.stems:
                merged[at] = Word(other.text, other.stems | word.stems, other.is_pair)
                break
        else:
            merged.append(word)
    return merged


def _count(words, published):
    """Return how many published articles have each stem of these words."""
    stems = set().union(*(word.stems for word in words))
    return dict(
        SearchTerm.objects.filter(stem__in=stems, article__in=published)
        .values("stem")
        .annotate(count=Count("article_id"))
        .values_list("stem", "count")
    )


def _has(word, counts):
    return any(each in counts for each in word.stems)


def _rank(words, counts, articles, limit, any_word):
    """Return the ids of articles, best first, up to one more than ``limit``; and whether they have but some.

    A word says the more the fewer articles have it. All numbers are whole, so that every database comes to
    the same order.
    """
    # The most frequent word of the query stands for the number of articles, which would be one more look-up.
    most = max(counts.values())
    rarity = {
        word: round(100 * math.log(1 + most / sum(counts.get(each, 0) for each in word.stems)))
        for word in words
    }
    worth = Case(
        *(When(stem__in=word.stems, then=F("weight") * rarity[word]) for word in words),
        output_field=IntegerField(),
    )
    which = Case(
        *(When(stem__in=word.stems, then=Value(number)) for number, word in enumerate(words)),
        output_field=IntegerField(),
    )
    stems = set().union(*(word.stems for word in words))
    ranked = (
        SearchTerm.objects.filter(stem__in=stems, article__in=articles)
        .values("article_id")
        .annotate(has=Count(which, distinct=True), score=Sum(worth))
    )
    # What has more of the words comes first, so one look-up finds what has all, or else what has some.
    rows = list(
        ranked.order_by("-has", "-score", "-article__published_at", "-article_id").values_list(
            "article_id", "has"
        )[: limit + 1]
    )
    is_partial = bool(rows) and rows[0][1] < len(words)
    if any_word:
        # Less than half of what the best one has is no likeness.
        return [pk for pk, has in rows if 2 * has > rows[0][1]], is_partial
    if is_partial:
        return [pk for pk, _has in rows], True
    return [pk for pk, has in rows if has == len(words)], False


def _nearest(missing, languages, published):
    """Return for each mistyped word the nearest that articles have, and how many have its stems.

    Two look-ups by key, whatever the number of words: one among the slips, one whether published articles
    have what was found. What only a draft has is told to nobody.
    """
    typed = {}
    for word in missing:
        bare = None if word.is_pair else spelling(_folded(word))
        if bare:
            typed[word.text] = bare, slips(bare, depth=2 if len(bare) >= LONG_WORD else 1)
    if not typed:
        return {}, {}
    keys = set().union(*(keys for _bare, keys in typed.values()))
    rows = SearchSpelling.objects.filter(slip__in=keys).order_by("slip", "word").values_list("slip", "word")
    by_slip = {}
    for slip, word in rows[: MOST_COMPARED * len(typed)]:
        by_slip.setdefault(slip, set()).add(word)
    near = {}
    for text, (bare, keys) in typed.items():
        limit = NEAR_FOR_LONG if len(bare) >= LONG_WORD else NEAR
        measured = sorted(
            (measure, word[0] != bare[0], word)
            for word in set().union(*(by_slip.get(key, ()) for key in keys))
            if (measure := distance(bare, word)) <= limit
        )
        near[text] = [
            (measure, is_other, _word(word, word, languages))
            for measure, is_other, word in measured[:MOST_NEAREST]
        ]
    candidates = [word for each in near.values() for _measure, _is_other, word in each]
    counts = _count(candidates, published) if candidates else {}
    nearest = {}
    for text, each in near.items():
        there = [
            (measure, is_other, -max(counts.get(one, 0) for one in word.stems), word.text, word)
            for measure, is_other, word in each
            if _has(word, counts)
        ]
        if there:
            nearest[text] = min(there)[-1]
    return nearest, counts


def _folded(word):
    return next((folded for _start, _end, folded, _is_pair in tokens(word.text)), "")
