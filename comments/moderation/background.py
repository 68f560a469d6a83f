"""How common words are in general: what makes a word that comment and article share mean something."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zlib import crc32

# Below so many articles a site's own words say little about what is common on it.
SITE_TEXTS_AT_LEAST = 10

# Words whose rarity a process keeps: about 3 MB.
KNOWN_AT_MOST = 30_000


@dataclass(frozen=True, slots=True)
class Background:
    """In how many texts words occur, in the shipped table and on this site.

    ``shares``: by the word's hash, −10·log10 of the share of texts it is in, a whole number; ``common``: the
    hashes of common words, which are no names.
    ``site_counts``: in how many of ``site_texts`` articles of this site a word occurs.
    """

    shares: Mapping[int, int] = field(default_factory=dict)
    common: frozenset[int] = frozenset()
    site_counts: Mapping[str, int] = field(default_factory=dict)
    site_texts: int = 0
    known: dict[str, float] = field(init=False, default_factory=dict, compare=False, repr=False)

    def rarity(self, word: str) -> float:
        """Return −10·log10 of the share of texts with this word: 0 everywhere, 20 in one of a hundred."""
        found = self.known.get(word)
        if found is None:
            # People have a few thousand words between them; whoever brings others must not fill the memory.
            if len(self.known) >= KNOWN_AT_MOST:
                self.known.clear()
            found = self.known[word] = self._rarity(word)
        return found

    def rarities(self, words: Iterable[str]) -> list[float]:
        """Return the rarities of many words."""
        known = self.known
        # A word that is everywhere has the rarity 0, and is asked for again.
        return [known.get(word) or self.rarity(word) for word in words]

    def _rarity(self, word: str) -> float:
        shipped = float(self.shares.get(number_of(word), UNKNOWN))
        if self.site_texts < SITE_TEXTS_AT_LEAST:
            return shipped
        share = (self.site_counts.get(word, 0) + 0.5) / (self.site_texts + 1)
        return min(shipped, -10 * math.log10(min(share, 1.0)))

    def is_common(self, word: str) -> bool:
        """Say whether a word is written in lower case as a rule: "insurance", and not "Miriam"."""
        return number_of(word) in self.common


def numbers_of(words: Iterable[str]) -> Iterator[int]:
    """Return the numbers of many words, as ``number_of`` gives them, in half the time."""
    return map(crc32, [word.encode("utf-8", "replace") for word in words])


def number_of(word: str) -> int:
    """Return the number that stands for a word or another token in the files: no text is kept there."""
    return crc32(word.encode("utf-8", "replace"))


# The rarity of a word that is in no table: rarer than one text in 3,000.
UNKNOWN = 36
