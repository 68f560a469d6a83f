"""How a text reads, whatever it was written with: folded, in words, by script."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

# Scripts whose words touch without a space (Thai to Lao, Burmese, Khmer, Chinese, Japanese) or take endings
# without one (Korean). First and last code point of each range.
UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17FF),
    (0x2E80, 0x9FFF),
    (0xA960, 0xA97F),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)

FIRST_UNSPACED = chr(UNSPACED[0][0])

# Marks upon one letter that are looked at: the limit of Unicode's "stream-safe" text (UAX #15).
MARKS = 30

# The scripts that are told apart, by the first and last code point of their letters. What is none of them
# is "other"; Latin comes first, since most texts are.
SCRIPTS = (
    ("Latin", 0x0041, 0x024F),
    ("Greek", 0x0370, 0x03FF),
    ("Cyrillic", 0x0400, 0x052F),
    ("Hebrew", 0x0590, 0x05FF),
    ("Arabic", 0x0600, 0x077F),
    ("Indic", 0x0900, 0x0DFF),
    ("Thai", 0x0E00, 0x0EFF),
    ("Georgian", 0x10A0, 0x10FF),
    ("Hangul", 0x1100, 0x11FF),
    ("Latin", 0x1E00, 0x1EFF),
    ("Greek", 0x1F00, 0x1FFF),
    ("Kana", 0x3040, 0x30FF),
    ("Han", 0x3400, 0x9FFF),
    ("Hangul", 0xAC00, 0xD7FF),
    ("Han", 0x20000, 0x3FFFF),
)

# Vowel signs and the like belong to their word, though ``\w`` leaves them out. They live in these two blocks.
_SIGNS = "".join(
    char
    for char in map(chr, (*range(0x0300, 0x3100), *range(0xA660, 0xAC00)))
    if unicodedata.category(char)[0] == "M"
)
# An underscore is a letter to ``\w`` and none to a reader: it is taken out before.
_WORD = re.compile(rf"[\w{_SIGNS}]+(?:['’][\w{_SIGNS}]+)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_UNSPACED_RUN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED) + "]+")


# Format characters, which nobody sees: those of Unicode's category Cf.
_FORMAT = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
# Marks are no letters; so where no row of such signs is as long as a pile may be, there is none to look for.
_PILE = re.compile(rf"[^\w\s]{{{MARKS + 1}}}")


# A text is folded by several rules that look at one comment.
@lru_cache(maxsize=32)
def fold(text: str) -> str:
    """Make texts equal that read the same: case, width, fancy letters, invisible characters, spaces."""
    if not text.isascii():
        text = _FORMAT.sub("", text)
        if _PILE.search(text):
            text = "".join(_without_piles(text))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def words(text: str) -> list[str]:
    """Return the folded words in their order.

    Where words touch without a space, every two neighbouring signs count as a word, which is what search
    engines do for want of a dictionary.
    """
    folded = fold(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    found = _WORD.findall(folded.replace("_", " "))
    if not _UNSPACED_RUN.search(folded):
        return found
    return [part for word in found for part in _divide(word)]


def script(char: str) -> str:
    """Name the script of a letter."""
    point = ord(char)
    for name, first, last in SCRIPTS:
        if first <= point <= last:
            return name
    return "other"


def scripts(signs: Mapping[str, int]) -> dict[str, int]:
    """Count the letters of a text by script, the most frequent script first.

    ``signs``: how often the text has each sign.
    """
    counts: dict[str, int] = {}
    for char, count in signs.items():
        if char.isalpha():
            name = script(char)
            counts[name] = counts.get(name, 0) + count
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def is_unspaced(char: str) -> bool:
    # Most letters come before them all.
    return char >= FIRST_UNSPACED and any(first <= ord(char) <= last for first, last in UNSPACED)


def _divide(word: str) -> Iterator[str]:
    """Divide a run of signs without spaces into overlapping pairs; other letters stay together."""
    start = 0
    for run in _UNSPACED_RUN.finditer(word):
        if run.start() > start:
            yield word[start : run.start()]
        signs = run.group()
        yield from (signs[at : at + 2] for at in range(max(1, len(signs) - 1)))
        start = run.end()
    if start < len(word):
        yield word[start:]


def _without_piles(text: str) -> Iterator[str]:
    """Leave out marks piled upon marks, which keep letters from composing.

    Normalising takes time with the square of a pile's height; no language needs more than MARKS.
    """
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char).startswith("M") else 0
        if marks <= MARKS:
            yield char
