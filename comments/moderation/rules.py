"""The rules: each looks at one thing and always answers, "no links" included.

A rule is a pure function of the facts and the weights. The name of its finding is the name of the function.
What each sees, with examples and the sources of the weights: docs/moderation.md.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from .types import BlocklistEntry, Finding, Outcome, Submission
from .weights import Weights

Rule = Callable[[Submission, Weights], Finding]

# Shorter texts, in characters, are repeated by people who never met: "Thanks!", "Great post".
SHORT_TEXT = 20

# Characters of a visitor's text shown in a detail.
QUOTE_LENGTH = 40


def honeypot(submission: Submission, weights: Weights) -> Finding:
    """Look into the field that only a program fills in."""
    content = submission.honeypot.strip()
    if content:
        return Finding("honeypot", weights.honeypot, f"the hidden field was filled in with {_quote(content)}")
    return Finding("honeypot", 0.0, "the hidden field is empty")


def sender(submission: Submission, weights: Weights) -> Finding:
    """Ask that the form came from this site.

    Foreign forms are refused before anything is judged, so the answer "yes" is no evidence; and where the
    browser says nothing, a person looks.
    """
    if submission.sender_verified:
        return Finding("sender", 0.0, "sent from this site’s own form")
    return Finding.not_evaluated("sender", "the browser did not say where the form was sent from")


def link_count(submission: Submission, weights: Weights) -> Finding:
    """Weigh the number of links in the text."""
    found = len(submission.links)
    return Finding("link_count", _step(weights.link_count, found), _number(found, "link"))


def website(submission: Submission, weights: Weights) -> Finding:
    """Weigh whether the writer gave a website, which the page would link from the name."""
    if submission.author_url.strip():
        return Finding("website", weights.website, "a website is given")
    return Finding("website", weights.no_website, "no website")


def repeated_text(submission: Submission, weights: Weights) -> Finding:
    """Weigh how many other recent comments say the same, word for word."""
    if submission.repeats is None:
        return Finding.not_evaluated("repeated_text", "equal comments could not be looked up")
    if not submission.repeats:
        return Finding("repeated_text", _step(weights.repeated_text, 0), "no other comment has this text")
    others = _number(submission.repeats, "other comment")
    if len(submission.text.strip()) < SHORT_TEXT:
        points = _step(weights.repeated_short_text, submission.repeats)
        return Finding("repeated_text", points, f"same text in {others}, but it is short")
    return Finding(
        "repeated_text", _step(weights.repeated_text, submission.repeats), f"same text in {others}"
    )


def known_commenter(submission: Submission, weights: Weights) -> Finding:
    """Weigh what the writer has behind them, where they have proved who they are."""
    if submission.is_staff:
        return Finding("known_commenter", weights.staff, "a member of the staff")
    record = submission.record
    if record is None:
        return Finding("known_commenter", 0.0, "the writer has proved nothing")
    detail = f"earlier comments: {record.approved} approved, {record.declined} declined"
    if record.is_good:
        return Finding("known_commenter", weights.known_good, detail)
    if record.is_bad:
        return Finding("known_commenter", weights.known_bad, detail)
    return Finding("known_commenter", 0.0, detail)


def blocklist(submission: Submission, weights: Weights) -> Finding:
    """Carry out what the editors ordered for words, domains and addresses."""
    if submission.blocklist is None:
        return Finding.not_evaluated("blocklist", "the blocklist could not be read")
    hits = _blocklist_hits(submission, submission.blocklist)
    if not hits:
        return Finding("blocklist", 0.0, "no entry of the blocklist was found")
    # The hardest order first; within it, the editors' sequence.
    entry, where = min(hits, key=lambda hit: hit[0].effect != "spam")
    detail = f"the {entry.kind} {_quote(entry.text)} in the {where}"
    if len(hits) > 1:
        detail += f", and {_number(len(hits) - 1, 'more entry', 'more entries')}"
    if entry.effect == "spam":
        return Finding("blocklist", weights.blocklist_spam, f"always spam: {detail}", at_least=Outcome.SPAM)
    return Finding("blocklist", weights.blocklist_hold, f"always held: {detail}", at_least=Outcome.HOLD)


# The reading order of an editor: orders first, then who wrote, then what.
RULES: tuple[Rule, ...] = (
    blocklist,
    known_commenter,
    sender,
    honeypot,
    link_count,
    website,
    repeated_text,
)


# Words for editors


def _number(count: int, singular: str, plural: str = "") -> str:
    """Count in words that agree: "no links", "1 link", "2 links"."""
    word = singular if count == 1 else plural or f"{singular}s"
    return f"{count or 'no'} {word}"


def _quote(text: str) -> str:
    """Quote a text in one short line, without characters that hide or turn what follows."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 10 * QUOTE_LENGTH])
    line = " ".join(printable.split())
    if len(line) > QUOTE_LENGTH:
        line = f"{line[: QUOTE_LENGTH - 1]}…"
    return f"“{line}”"


def _step(steps: tuple[float, ...], count: int) -> float:
    """Look up the points for a count; the last step serves all greater counts."""
    return steps[min(count, len(steps) - 1)]


# Matching the blocklist

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

# Marks upon one letter that are looked at: the limit of Unicode's "stream-safe" text (UAX #15).
MARKS = 30


def _blocklist_hits(
    submission: Submission, entries: tuple[BlocklistEntry, ...]
) -> list[tuple[BlocklistEntry, str]]:
    """Find the entries that occur, each once, with the place where it was found first."""
    # Each place is prepared once, however many entries there are.
    texts = {"name": _fold(submission.author_name), "text": _fold(submission.text)}
    email = submission.author_email.strip().casefold()
    hosts = {
        "links": {_host(link) for link in submission.links},
        "website": {_host(submission.author_url)},
        "email address": {_host(email)},
    }
    hits = []
    for entry in entries:
        where: str | None = None
        match entry.kind:
            case "word":
                wanted = _fold(entry.text)
                where = next((place for place, text in texts.items() if _has_word(text, wanted)), None)
            case "domain":
                wanted = _host(entry.text).removeprefix("www.")
                where = next((place for place, found in hosts.items() if _has_domain(found, wanted)), None)
            case "address":
                where = "email address" if email and email == entry.text.strip().casefold() else None
            case _:
                raise ValueError(f"Unknown kind of blocklist entry: {entry.kind}.")
        if where is not None:
            hits.append((entry, where))
    return hits


def _fold(text: str) -> str:
    """Make texts equal that read the same: case, width, fancy letters, invisible characters, spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", "".join(_composable(text)))
    return " ".join(text.casefold().split())


def _composable(text: str) -> Iterator[str]:
    """Leave out what keeps letters from composing: format characters, and marks piled upon marks.

    Normalising takes time with the square of a pile's height; no language needs more than MARKS.
    """
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if category == "Cf":
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= MARKS:
            yield char


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
    return all(unicodedata.category(char)[0] in "LMN" and not _is_unspaced(char) for char in (left, right))


def _is_unspaced(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in UNSPACED)


def _has_domain(hosts: set[str], domain: str) -> bool:
    """Find a domain among hosts, as itself or as the end of a longer one, at a dot."""
    return bool(domain) and any(host == domain or host.endswith(f".{domain}") for host in hosts)


def _host(address: str) -> str:
    """Take the host from an address, in one spelling; an email address and a bare domain have one too.

    Unlike ``urlsplit`` it raises nothing: what a browser would not open is still compared as far as it goes.
    """
    rest = re.sub(r"^\s*(?:(?:https?|mailto):)?[/\\]*", "", address, flags=re.IGNORECASE)
    host = re.split(r"[/\\?#\s]", rest, maxsplit=1)[0].rpartition("@")[2]
    host = _fold(unquote(re.sub(r":\d*$", "", host))).replace("。", ".").strip(".").removeprefix("*.")
    return ".".join(_readable_label(label) for label in host.split("."))


def _readable_label(label: str) -> str:
    """Undo Punycode in one part of a host name, so that both spellings of a domain are equal."""
    # Longer labels do not exist, and decoding takes time with the square of the length.
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return _fold(label.removeprefix("xn--").encode("ascii").decode("punycode"))
    except UnicodeError:
        return label
