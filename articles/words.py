"""How a text is found again: its words, cut down to what their forms have in common.

Plain Python over plain text: no Django, no database. A change of what comes out here needs
``manage.py index_articles``, which makes the index anew.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

LONGEST_WORD = 40
"""Characters of a word that are looked at."""

SPELLED = range(4, 25)
"""Lengths of words that are offered for a mistyped one: in shorter ones every slip makes another word."""

# By the first part of a language's code; other languages are found by their words as they stand.
_STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}

# Scripts whose words touch without a space, or take endings without one (Korean).
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Vowel signs and accents belong to their word, though ``\w`` leaves them out; so do hints where to part it.
_SIGNS = "".join(
    char
    for char in map(chr, (*range(0x0300, 0x3100), *range(0xA660, 0xAC00)))
    if unicodedata.category(char)[0] == "M"
)
_HINTS = "\u00ad\u200c\u200d\u2060"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_SIGNS}{_HINTS}])*")
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_APOSTROPHES = frozenset("'’")
_WITHOUT_HINTS = str.maketrans("", "", _HINTS)
_ACCENTS = re.compile("[\u0300-\u036f]+")

_local = threading.local()


def language_key(code: str) -> str:
    """Return the language of a code such as ``pt-br`` as far as stems depend on it; empty: there are none."""
    first = re.split("[-_]", code.lower(), maxsplit=1)[0]
    return first if first in _STEMMERS else ""


def tokens(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield where each word of a text begins and ends, the word folded, and whether it is a pair of signs.

    Where words touch without a space, every two neighbouring signs are a word: the usual way for want of a
    dictionary. A letter split off by an apostrophe (``l’eau``, ``doctor’s``) is none.
    """
    for match in _WORD.finditer(text):
        start, end = match.span()
        if not text[start:end].isascii() and _UNSPACED_RUN.search(text, start, end):
            yield from _divide(text, start, end)
            continue
        if end - start == 1 and (
            text[start - 1 : start] in _APOSTROPHES or text[end : end + 1] in _APOSTROPHES
        ):
            continue
        yield start, end, fold(text[start:end]), False


def fold(word: str) -> str:
    """Make spellings equal that read the same: capitals, width, ligatures, invisible hints."""
    if word.isascii():
        return word.lower()[:LONGEST_WORD]
    word = word[: 4 * LONGEST_WORD].translate(_WITHOUT_HINTS)
    return unicodedata.normalize("NFKC", word).casefold()[:LONGEST_WORD]


@lru_cache(maxsize=30_000)
def stem(word: str, language: str) -> str:
    """Return what the forms of a folded word have in common, without accents, which many leave out.

    ``language``: as ``language_key`` returns it.
    """
    if language:
        # A stemmer holds the word it works on, so each thread has its own.
        stemmers = _local.__dict__
        if language not in stemmers:
            stemmers[language] = snowballstemmer.stemmer(_STEMMERS[language])
        word = stemmers[language].stemWord(word) or word
    return without_accents(word)


def without_accents(word: str) -> str:
    """Return the word without the accents of Latin, Greek and Cyrillic; signs of other scripts stay."""
    if word.isascii():
        return word
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", bare)[:LONGEST_WORD]


def spelling(word: str) -> str | None:
    """Return how a folded word stands in the list that slips are compared with; None: it stands in none."""
    bare = without_accents(word)
    return bare if len(bare) in SPELLED and bare.isalpha() else None


def slips(word: str, depth: int = 1) -> set[str]:
    """Return what is left of a word with up to ``depth`` letters left out, doubled letters taken for one.

    Two words that differ by one letter too many, too few, another one, or two that changed places, have one
    of these in common; and so have words that differ in what is doubled.
    """
    found = {re.sub(r"(.)\1+", r"\1", word)}
    for _time in range(depth):
        found |= {each[:at] + each[at + 1 :] for each in found for at in range(len(each))}
    return found


def distance(first: str, second: str) -> float:
    """Count the slips between two words: letters too many, too few or wrong.

    Two neighbours that changed places, and a letter doubled or not, are the likeliest slips, and count a
    little less.
    """
    rows = [[float(at) for at in range(len(second) + 1)]]
    for i, char in enumerate(first, 1):
        row = [float(i)]
        for j, other in enumerate(second, 1):
            too_many = 0.8 if i > 1 and first[i - 2] == char else 1
            too_few = 0.8 if j > 1 and second[j - 2] == other else 1
            best = min(rows[-1][j] + too_many, row[-1] + too_few, rows[-1][j - 1] + (char != other))
            if i > 1 and j > 1 and char == second[j - 2] and first[i - 2] == other:
                best = min(best, rows[-2][j - 2] + 0.8)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _divide(text: str, start: int, end: int) -> Iterator[tuple[int, int, str, bool]]:
    at = start
    for run in _UNSPACED_RUN.finditer(text, start, end):
        if run.start() > at:
            yield at, run.start(), fold(text[at : run.start()]), False
        last = run.end() - 1
        for first in range(run.start(), max(last, run.start() + 1)):
            pair_end = min(first + 2, run.end())
            yield first, pair_end, fold(text[first:pair_end]), True
        at = run.end()
    if at < end:
        yield at, end, fold(text[at:end]), False
