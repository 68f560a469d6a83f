"""What a page of results shows of an article: the passage with the words looked for, and these marked."""

import re
from itertools import groupby

from django.utils.html import format_html, format_html_join

from .search_index import language_of, text_of
from .words import stem, tokens

# Characters of a passage; of one in a script whose words touch, where each stands for a syllable or a word.
LENGTH, LENGTH_OF_SIGNS = 240, 120
# The part of a passage before the first word that is looked for.
BEFORE = 1 / 4
# Characters of a text in which passages are looked for, and words found that they are compared by.
LONGEST = 60_000
MOST_HITS = 200


def marked(text, article, stems):
    """Return ``text``, a title for instance, as safe HTML with the words looked for marked."""
    return _mark(text, _hits(text, language_of(article), stems))


def passage(article, stems):
    """Return the passage of an article's text that has the most of the words, as safe HTML.

    Where the text has none of them it is the standfirst, or the text's beginning.
    """
    language = language_of(article)
    # A heading ends without a sign that would part it from the text.
    body_html = re.sub("(?=</h[2-6]>)", " –", article.body_html)
    text = " ".join(text_of(body_html)[:LONGEST].split())
    hits = _hits(text, language, stems)
    if not hits and article.standfirst:
        text = " ".join(article.standfirst.split())
        hits = _hits(text, language, stems)
    length = LENGTH_OF_SIGNS if any(is_pair for *_place, is_pair in hits) else LENGTH
    start, end = _whole_words(text, *_best_place(hits, length))
    inside = [
        (first - start, last - start, found, is_pair)
        for first, last, found, is_pair in hits
        if start <= first and last <= end
    ]
    before, after = ("… " if start else ""), (" …" if end < len(text) else "")
    return format_html("{}{}{}", before, _mark(text[start:end], inside), after)


def _hits(text, language, stems):
    """Return begin, end and stem of each word that is looked for, and whether it is a pair of signs."""
    hits = []
    for start, end, word, is_pair in tokens(text):
        found = word if is_pair else stem(word, language)
        if found in stems:
            hits.append((start, end, found, is_pair))
            if len(hits) == MOST_HITS:
                break
    return hits


def _best_place(hits, length):
    """Return begin and end of the first passage that has most of the words, each counted once."""
    best, most = 0, 0
    before = int(length * BEFORE)
    for number, (start, *_rest) in enumerate(hits):
        last = start + length - before
        inside = {found for _start, end, found, _is_pair in hits[number : number + 40] if end <= last}
        if len(inside) > most:
            best, most = start, len(inside)
    start = max(0, best - before)
    return start, start + length


def _whole_words(text, start, end):
    """Move the ends of a passage to spaces, where there are any nearby."""
    if start:
        space = text.find(" ", start, start + 20)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", end - 20, end)
        return start, space if space >= 0 else end
    return start, len(text)


def _mark(text, hits):
    """Put ``<mark>`` around the hits; those that overlap, as pairs of signs do, get one."""
    is_marked = bytearray(len(text))
    for start, end, *_rest in hits:
        is_marked[start:end] = b"\1" * (end - start)
    parts, at = [], 0
    for mark, run in groupby(is_marked):
        end = at + sum(1 for _each in run)
        parts.append(format_html("<mark>{}</mark>" if mark else "{}", text[at:end]))
        at = end
    return format_html_join("", "{}", ((part,) for part in parts))
