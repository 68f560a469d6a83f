"""Finds comments by the words of their text, name, email address and website, however many there are.

``search_index`` makes the index that is asked here, by the database's own means.
"""

import json
import re
import unicodedata
from dataclasses import dataclass

from django.db import connection, models

from .search_index import BLOCK_BITS, FIELDS, INDEX, SIGNS

# Comments that one search finds at most: the newest that have its words.
MOST = 10_000
# Characters of a query that are looked at; a pasted paragraph is found by them.
LONGEST = 1_000
# Letters from which on the beginning of a word stands for the whole: fewer begin too many words.
PREFIX_LENGTH = 3
# So many of the newest comments tell PostgreSQL whether a query's words are common: more than half have them.
SAMPLE = 1_000
# Common words are looked for in so many of the newest comments first.
LOOKED_THROUGH = 4 * MOST

__all__ = ("FIELDS", "LONGEST", "MOST", "among", "find", "parse")

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»‹›「」『』＂", '"'))
_TERM = re.compile(r'"([^"]*)"|(\S+)')

_SIGN = re.compile(SIGNS)
_RUN = re.compile(f"{SIGNS}+")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand in a row. ``is_open``: the last one may be the beginning of a longer word."""

    words: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found: the newest MOST comments.

    ``is_cut``: there are more. ``is_shortened``: the query was longer than LONGEST, and its end was not
    looked at. ``has_words``: False where there was nothing to look for, only signs.
    """

    ids: tuple[int, ...]
    is_cut: bool = False
    is_shortened: bool = False
    has_words: bool = True


def find(query):
    """Return the comments that have all words of a query, in one look-up; any text is a query."""
    terms = parse(query)
    if not terms:
        return Found((), has_words=False)
    look_up = _find_in_postgresql if connection.vendor == "postgresql" else _find_in_sqlite
    ids, is_cut = look_up(terms)
    return Found(tuple(ids), is_cut=is_cut, is_shortened=len(query.strip()) > LONGEST)


def parse(query):
    """Return the terms of a query: each word, and what stands in quotes as a phrase.

    What is written together is looked for together: an address, a host, a word with a hyphen. A star after a
    word, or its being the last one, lets it be the beginning of a longer word.
    """
    found = _TERM.findall(unicodedata.normalize("NFC", query.strip()[:LONGEST]).translate(_QUOTES))
    terms = []
    for number, (phrase, word) in enumerate(found, 1):
        words = as_words(phrase or word)
        if not words:
            continue
        last = words.rpartition(" ")[2]
        if _SIGN.match(last):
            # One sign is no word of the index, but the beginning of several.
            is_open = len(last) == 1
        else:
            is_open = (
                bool(word)
                and len(last) >= PREFIX_LENGTH
                and (word[-1] == "*" or (number == len(found) and last == words))
            )
        terms.append(Term(words, is_open))
    return terms


def as_words(text):
    """Return the words of a text with spaces between, as the index has them; empty where there are none.

    Where words touch, every two neighbouring signs are a word, and so are the first and the last sign alone.
    At the ends of the text, which may be the middle of a run, those two are left out.
    """
    text = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in text)
    words = _SIGN.sub(r"\g<0> \g<0>", _RUN.sub(r" \g<0> ", text)).split()
    if len(words) > 1 and _is_sign(words[0]):
        del words[0]
    if len(words) > 1 and _is_sign(words[-1]):
        del words[-1]
    return " ".join(words)


def among(ids):
    """Return the condition that a comment is one of these.

    Databases take it for a few comments, whatever their number, and so look each of them up rather than go
    through a whole order in search of them.
    """
    return _Among(models.F("pk"), ids=json.dumps(ids))


def _find_in_postgresql(terms):
    """Return the ids of comments, and whether there are more that have these words.

    Common words are soon found among the newest comments, which are simply looked through. Others are found
    by the index: block by block from the newest on, since it knows no order. It knows no phrases either:
    those are looked for in the newest comments that have the words.
    """
    phrases = " && ".join([f"{INDEX}_phrase(%s, %s)"] * len(terms))
    parameters = [value for term in terms for value in (term.words, term.is_open)]
    newest_have = f"""
        FROM (SELECT comment_id, words FROM {INDEX} ORDER BY comment_id DESC LIMIT %s) AS newest
        WHERE words @@ ({phrases})"""  # noqa: S608
    # Single words are in no order that would have to be looked at.
    is_found = "true"
    if any(" " in term.words for term in terms):
        is_found = f"(SELECT words @@ asked.phrases FROM {INDEX} WHERE comment_id = found.comment_id)"  # noqa: S608
    # The beginning of a word is made out anew for each look-up, so these are fewer, over more blocks each.
    step = 4 if any(term.is_open for term in terms) else 1
    with connection.cursor() as cursor:
        # Many short look-ups are over before they would be compiled; and so is all else that a page asks.
        cursor.execute(
            f"""
            SELECT set_config('jit', 'off', false), max(comment_id) >> {BLOCK_BITS},
                (SELECT count(*) {newest_have})
            FROM {INDEX}""",  # noqa: S608
            [SAMPLE, *parameters],
        )
        _off, newest, hits = cursor.fetchone()
        if newest is None:
            return [], False
        if 2 * hits > SAMPLE:
            cursor.execute(
                f"SELECT comment_id {newest_have} LIMIT %s", [LOOKED_THROUGH, *parameters, MOST + 1]
            )
            ids = [pk for (pk,) in cursor.fetchall()]
            if len(ids) > MOST:
                return ids[:MOST], True
        # As values, so that the planner sees how few they are.
        steps = [
            " | ".join(f"'#{block}'" for block in range(max(last - step + 1, 0), last + 1))
            for last in range(newest, -1, -step)
        ]
        cursor.execute(
            f"""
            WITH asked AS MATERIALIZED (
                SELECT phrases, replace(phrases::text, '<->', '&')::tsquery AS words
                FROM (SELECT {phrases} AS phrases) AS query
            )
            SELECT found.comment_id, {is_found}
            FROM asked, unnest(%s::tsquery[]) AS blocks, LATERAL (
                SELECT comment_id FROM {INDEX} AS of_block
                WHERE of_block.words @@ (asked.words && blocks) ORDER BY comment_id DESC
            ) AS found
            LIMIT %s""",  # noqa: S608
            [*parameters, steps, MOST + 1],
        )
        rows = cursor.fetchall()
    return [pk for pk, is_found in rows[:MOST] if is_found], len(rows) > MOST


def _find_in_sqlite(terms):
    """Return the ids of comments, and whether there are more that have these words."""
    # What stands in quotes is split into words by the index itself.
    query = " AND ".join(f'"{term.words}"{" *" if term.is_open else ""}' for term in terms)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s ORDER BY rowid DESC LIMIT %s",  # noqa: S608
            [query, MOST + 1],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    return ids[:MOST], len(ids) > MOST


class _Among(models.Func):
    output_field = models.BooleanField()
    arity = 1

    def __init__(self, *expressions, ids, **extra):
        super().__init__(*expressions, ids=ids, **extra)

    def as_sqlite(self, compiler, connection, **extra):
        column, parameters = compiler.compile(self.source_expressions[0])
        ids = "SELECT value FROM json_each(%s)"
        return f"{column} IN ({ids})", [*parameters, self.extra["ids"]]

    def as_postgresql(self, compiler, connection, **extra):
        column, parameters = compiler.compile(self.source_expressions[0])
        ids = "SELECT value::bigint FROM jsonb_array_elements_text(%s::jsonb)"
        return f"{column} = ANY (ARRAY({ids}))", [*parameters, self.extra["ids"]]


def _is_sign(word):
    return len(word) == 1 and bool(_SIGN.match(word))
