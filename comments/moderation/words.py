"""The learner's view of a comment, its words, and the words it knows from the start.

A comment becomes tokens: words, neighbouring words and pieces of words of the text; words and pieces of the
name, the website and the links. Each has a value, so that a long comment says no more than a short one: all
tokens of one kind together have the length 1.

The base model gives many tokens a weight. It ships with the project as one file of numbers.
"""

import hashlib
import json
import math
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest
from itertools import pairwise
from pathlib import Path

from .addresses import host, registrable
from .background import Background, numbers_of
from .reading import read_text
from .text import fold, words

# Raise it whenever the same comment gives other tokens: what was learned under another number is not used.
TOKENS_VERSION = 1

MODEL_PATH = Path(__file__).with_name("words.model")
MAGIC = b"afterword words 1\n"

# What is read of one comment. Longer ones repeat themselves, and time has a limit.
WORDS_AT_MOST = 500
LINKS_AT_MOST = 20

# Words whose pieces a process keeps added up: about 6 MB.
KNOWN_AT_MOST = 30_000

# Bytes of a file that are read, and of numbers that it may unfold to; ours has less than a third of that.
FILE_SIZE = 6_000_000
NUMBERS_SIZE = 12_000_000

# Parts of addresses that say nothing.
_DULL = frozenset(("http", "https", "www", "com", "html", "htm", "php", "index"))


class ModelError(Exception):
    """The file of the base model can't be used. The message says why."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the learner thinks, in decibans, before any cap, and the words that weigh most, heaviest first."""

    points: float
    words: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """What the learner reads of a comment."""

    author_name: str
    author_url: str
    text: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordModel:
    """Weights of tokens by the token's number, and how common words are.

    ``steps``: the weights in units of ``unit`` decibans, from −127 to 127.
    """

    steps: Mapping[int, int]
    unit: float
    background: Background
    about: Mapping[str, object] = field(default_factory=dict)
    known: dict[str, tuple[int, int, int]] = field(default_factory=dict, compare=False, repr=False)

    def opinion(self, writing: Writing) -> Opinion:
        """Add up the weights of all tokens; a word's pieces are credited to the word."""
        words_kind, *others = kinds(writing)
        known = [self.known.get(word) or self._look_up(word) for word in words_kind.names]
        share = self.unit / math.sqrt(words_kind.size or 1)
        pieces_share = self.unit / math.sqrt(sum(count for _step, count, _pieces in known) or 1)
        credits = {
            word: step * share + pieces * pieces_share
            for word, (step, _count, pieces) in zip(words_kind.names, known, strict=True)
            if step or pieces
        }
        for kind in others:
            share = self.unit / math.sqrt(kind.size or 1)
            steps = map(self.steps.get, numbers_of(kind.names))
            for credit, step in zip(kind.names.values(), steps, strict=True):
                if step:
                    credits[credit] = credits.get(credit, 0.0) + step * share
        return Opinion(math.fsum(credits.values()), heaviest(credits))

    def _look_up(self, word: str) -> tuple[int, int, int]:
        """Return a word's weight, how many pieces it has, and the sum of their weights; and keep them."""
        # People have a few thousand words between them; whoever brings others must not fill the memory.
        if len(self.known) >= KNOWN_AT_MOST:
            self.known.clear()
        step, *pieces = (self.steps.get(number, 0) for number in numbers_of([word, *_pieces_of(word)]))
        found = self.known[word] = step, len(pieces), sum(pieces)
        return found


def heaviest(credits: Mapping[str, float], count: int = 6) -> tuple[tuple[str, float], ...]:
    """Return the words that weigh most either way, heaviest first."""
    # Few of hundreds: what weighs less than the last of them is not sorted.
    least = min(nlargest(count, map(abs, credits.values())), default=0.0)
    telling = [item for item in credits.items() if abs(item[1]) >= least]
    return tuple(sorted(telling, key=lambda item: (-abs(item[1]), item[0]))[:count])


# Tokens


@dataclass(frozen=True, slots=True)
class Kind:
    """Tokens of one kind: each name, with the word an editor is shown for it."""

    names: Mapping[str, str]

    @property
    def size(self) -> int:
        return len(self.names)


def tokens(writing: Writing) -> dict[str, float]:
    """Return all tokens of a comment with their values, for fitting the base model."""
    found = {name: 1 / math.sqrt(kind.size) for kind in kinds(writing) for name in kind.names}
    known = read_text(writing.text).words[:WORDS_AT_MOST]
    pieces = Counter(piece for word in dict.fromkeys(known) for piece in _pieces_of(word))
    share = 1 / math.sqrt(pieces.total() or 1)
    return found | {piece: count * share for piece, count in pieces.items()}


def site_features(writing: Writing) -> dict[str, float]:
    """Return the tokens that a site learns, with their values: whole words and pieces of names and hosts."""
    words_kind, _pairs, *identity = kinds(writing)
    found: dict[str, float] = {}
    for kind in (words_kind, *identity):
        found |= dict.fromkeys(kind.names, 1 / math.sqrt(kind.size or 1))
    return found


# The base model and the site's own layer ask one after the other.
@lru_cache(maxsize=4)
def kinds(writing: Writing) -> tuple[Kind, ...]:
    """Return words, pairs of words, and words and pieces of names and addresses."""
    found = read_text(writing.text).words[:WORDS_AT_MOST]
    pairs = list(map(" ".join, pairwise(found)))
    return (
        Kind(dict(zip(found, found, strict=True))),
        Kind(dict(zip(pairs, pairs, strict=True))),
        Kind(_identity_words(writing)),
        Kind(_identity_pieces(writing)),
    )


def readable(name: str) -> str:
    """Return a token as an editor may read it: "name:ada" as "ada (name)", a piece as "…dal…"."""
    if name.startswith(("~", "@")):
        return f"…{name[1:].strip()}…"
    where, mark, word = name.partition(":") if ":" in name else name.partition("/")
    if not mark:
        return name
    where = where.rstrip(".")
    return f"{word} ({_WHERE.get(where, where)})"


_WHERE = {"any": "name or address", "site": "website"}


def _pieces_of(word: str) -> Iterator[str]:
    """Cut a word, with its borders, into pieces of three and four signs."""
    padded = f" {word[:40]} "
    for length in (3, 4):
        for at in range(len(padded) - length + 1):
            yield "~" + padded[at : at + length]


def _identity_words(writing: Writing) -> dict[str, str]:
    """The words by which a writer presents a name, a site and links, each as such and as any of them."""
    found: dict[str, str] = {}
    for word in words(writing.author_name)[:20]:
        found[f"name:{word}"] = found[f"any:{word}"] = f"{word} (name)"
    addresses = (("site", writing.author_url), *(("link", link) for link in writing.links[:LINKS_AT_MOST]))
    for kind, address in addresses:
        where = host(address)
        if not where:
            continue
        credit = f"{registrable(where)} ({'website' if kind == 'site' else 'link'})"
        found[f"{kind}:{registrable(where)}"] = credit
        found[f"{kind}.:{where.rpartition('.')[2]}"] = credit
        for word in re.findall(r"[^\W\d_]{3,}", fold(address[:300])):
            if word not in _DULL:
                found[f"{kind}/{word}"] = found[f"any:{word}"] = credit
    return found


def _identity_pieces(writing: Writing) -> dict[str, str]:
    found: dict[str, str] = {}
    name = fold(writing.author_name)[:60]
    hosts = dict.fromkeys(
        host(address)[:60] for address in (writing.author_url, *writing.links[:LINKS_AT_MOST])
    )
    for spelled, credit in (
        (name, f"{name[:30]} (name)"),
        *((where, f"{where[:30]} (address)") for where in hosts),
    ):
        for at in range(len(spelled) - 3):
            found.setdefault("@" + spelled[at : at + 4], credit)
    return found


# The file


@lru_cache(maxsize=1)
def base_model() -> WordModel:
    """Return the shipped model, read once a process. Raises ModelError if the file is of no use."""
    return load(MODEL_PATH)


def save(model: WordModel, path: Path) -> None:
    """Write a model: a line that names the format, a line of JSON that describes it, then the numbers."""
    tokens_known, words_known = sorted(model.steps), sorted(model.background.shares)
    parts = (
        _bytes_of(array("I", tokens_known)),
        array("b", (model.steps[number] for number in tokens_known)).tobytes(),
        _bytes_of(array("I", words_known)),
        bytes(model.background.shares[number] for number in words_known),
        bytes(number in model.background.common for number in words_known),
    )
    payload = zlib.compress(b"".join(parts), 9)
    header = {
        "tokens_version": TOKENS_VERSION,
        "unit": model.unit,
        "tokens": len(tokens_known),
        "words": len(words_known),
        "sha256": hashlib.sha256(payload).hexdigest(),
        "about": dict(model.about),
    }
    path.write_bytes(MAGIC + json.dumps(header).encode() + b"\n" + payload)


def load(path: Path) -> WordModel:
    """Read a model. Raises ModelError for a file that is missing, cut short, changed or of other tokens."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_SIZE + 1)
    except OSError as error:
        raise ModelError(f"The file {path.name} can't be read ({type(error).__name__}).") from error
    if len(content) > FILE_SIZE:
        raise ModelError(f"The file {path.name} is larger than {FILE_SIZE} bytes, so it is no word model.")
    if not content.startswith(MAGIC):
        raise ModelError(f"The file {path.name} is not a word model that this version can read.")
    line, _, payload = content[len(MAGIC) :].partition(b"\n")
    try:
        header = json.loads(line)
        version, unit, digest = header["tokens_version"], float(header["unit"]), header["sha256"]
        token_count, word_count, about = int(header["tokens"]), int(header["words"]), dict(header["about"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(f"The description at the top of {path.name} is damaged.") from error
    if version != TOKENS_VERSION:
        raise ModelError(f"{path.name} was made for tokens {version}, not for {TOKENS_VERSION}.")
    if hashlib.sha256(payload).hexdigest() != digest:
        raise ModelError(f"The file {path.name} is cut short or was changed.")
    sizes = (4 * token_count, token_count, 4 * word_count, word_count, word_count)
    misfit = ModelError(f"The description at the top of {path.name} does not fit its numbers.")
    if min(sizes) < 0 or sum(sizes) > NUMBERS_SIZE or not math.isfinite(unit):
        raise misfit
    try:
        # No more than one byte too many: a small file can unfold to gigabytes.
        numbers = zlib.decompressobj().decompress(payload, sum(sizes) + 1)
    except zlib.error as error:
        raise misfit from error
    if len(numbers) != sum(sizes):
        raise misfit
    parts = []
    for size in sizes:
        parts.append(numbers[:size])
        numbers = numbers[size:]
    steps = dict(zip(_array_of("I", parts[0]), _array_of("b", parts[1]), strict=True))
    words_known = _array_of("I", parts[2])
    return WordModel(
        steps=steps,
        unit=unit,
        background=Background(
            shares=dict(zip(words_known, parts[3], strict=True)),
            common=frozenset(
                number for number, is_common in zip(words_known, parts[4], strict=True) if is_common
            ),
        ),
        about=about,
    )


def _bytes_of(numbers: "array[int]") -> bytes:
    """Numbers as they stand in the file: the lowest byte first, on every machine."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()


def _array_of(typecode: str, content: bytes) -> "array[int]":
    numbers = array(typecode)
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
