"""What editors ordered: the blocklist. An order is not evidence, and nothing outvotes it."""

import unicodedata
from functools import cached_property, lru_cache
from ipaddress import ip_address, ip_network
from typing import Protocol

from ..addresses import host
from ..text import fold, is_unspaced
from ..types import BlocklistEntry, Finding, Outcome, Submission
from ..weights import Weights
from .phrases import number, quote


def blocklist(submission: Submission, weights: Weights) -> Finding:
    """Carry out what the editors ordered for words, domains and addresses."""
    if submission.blocklist is None:
        return Finding.not_evaluated("blocklist", "the blocklist could not be read")
    hits = _hits(submission, submission.blocklist)
    if not hits:
        return weights.finding("blocklist", "none", "no entry of the blocklist was found")
    # The hardest order first; within it, the editors' sequence.
    entry, where = min(hits, key=lambda hit: hit[0].effect != "spam")
    detail = f"the {entry.kind} {quote(entry.text)} in the {where}"
    if len(hits) > 1:
        detail += f", and {number(len(hits) - 1, 'more entry', 'more entries')}"
    if entry.effect == "spam":
        return weights.finding("blocklist", "spam", f"always spam: {detail}", at_least=Outcome.SPAM)
    return weights.finding("blocklist", "hold", f"always held: {detail}", at_least=Outcome.HOLD)


class Fields(Protocol):
    """What entries are compared with: a submission has it, and whatever else is to be looked through."""

    @property
    def author_name(self) -> str: ...
    @property
    def author_email(self) -> str: ...
    @property
    def author_url(self) -> str: ...
    @property
    def address(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def links(self) -> tuple[str, ...]: ...


class Places:
    """The places where entries are looked for, each prepared once, however many entries there are.

    What no entry asks for is not read.
    """

    def __init__(self, fields: Fields) -> None:
        self.address = fields.address
        self._fields = fields

    @cached_property
    def texts(self) -> dict[str, str]:
        return {"name": fold(self._fields.author_name), "text": fold(self._fields.text)}

    @cached_property
    def email(self) -> str:
        return self._fields.author_email.strip().casefold()

    @cached_property
    def hosts(self) -> dict[str, set[str]]:
        return {
            "links": {host(link) for link in self._fields.links},
            "website": {host(self._fields.author_url)},
            "email address": {host(self.email)},
        }


def find(entry: BlocklistEntry, places: Places) -> str | None:
    """Name the place where an entry is found first; None where it is not found.

    Raises ``ValueError`` for an entry of a kind that does not exist.
    """
    match entry.kind:
        case "word":
            wanted = fold(entry.text)
            return next((place for place, text in places.texts.items() if _has_word(text, wanted)), None)
        case "domain":
            wanted = host(entry.text).removeprefix("www.")
            return next((place for place, found in places.hosts.items() if _has_domain(found, wanted)), None)
        case "address":
            email = places.email
            return "email address" if email and email == entry.text.strip().casefold() else None
        case "network":
            return "network address" if _is_within(places.address, entry.text) else None
        case _:
            raise ValueError(f"Unknown kind of blocklist entry: {entry.kind}.")


def _hits(submission: Submission, entries: tuple[BlocklistEntry, ...]) -> list[tuple[BlocklistEntry, str]]:
    """Find the entries that occur, each once, with the place where it was found first."""
    places = Places(submission)
    found = ((entry, find(entry, places)) for entry in entries)
    return [(entry, where) for entry, where in found if where is not None]


def _is_within(address: str | None, network: str) -> bool:
    """Find an address in a network; what is no network, or no address, matches nothing."""
    try:
        return ip_address(address or "") in ip_network(network.strip(), strict=False)
    except ValueError:
        return False


def _has_word(text: str, word: str) -> bool:
    """Find a folded word or phrase in a folded text, but not inside a longer word.

    Not with ``\\b``, which sees a word's end before the vowel signs of Hindi and none between Chinese words.
    """
    if not word:
        return False
    start = text.find(word)
    while start != -1:
        end = start + len(word)
        joined_before = start > 0 and _is_joined(text[start - 1], text[start])
        joined_after = end < len(text) and _is_joined(text[end - 1], text[end])
        if not joined_before and not joined_after:
            return True
        start = text.find(word, start + 1)
    return False


def _is_joined(left: str, right: str) -> bool:
    """Say whether two neighbours belong to one word: both of them letters, marks or digits.

    In scripts without spaces every place may be the end of a word, so nothing there is joined.
    """
    return _joins(left) and _joins(right)


# A word that stands in a text thousands of times asks so often for the same few letters.
@lru_cache(maxsize=1000)
def _joins(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" and not is_unspaced(char)


def _has_domain(hosts: set[str], domain: str) -> bool:
    """Find a domain among hosts, as itself or as the end of a longer one, at a dot."""
    return bool(domain) and any(host == domain or host.endswith(f".{domain}") for host in hosts)
