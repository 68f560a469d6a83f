"""Web addresses, as far as a judge reads them: whose they are and what they look like."""

import re
from functools import lru_cache
from urllib.parse import unquote

from .text import fold

# Addresses in a text as typed, whether or not they become links on the page: "http(s)://", "ftp://", "www.",
# in small letters or large. Written so that the search skips all that begins with none of their letters.
ADDRESS = re.compile(
    r"[hHfFwW](?:(?<=[hH])[tT][tT][pP][sSſ]?://|(?<=[fF])[tT][pP]://|(?<=\b[wW])[wW][wW]\.)[^\s\"'<>\])]+"
)

# A host name standing alone in a text, "example.com", with the endings that people and spammers write so.
BARE_HOST = re.compile(
    r"\b[a-z0-9][a-z0-9-]{1,62}(?:\.[a-z0-9-]{1,63}){0,3}\.(?:com|net|org|info|biz|ru|co|in|io|us|uk|de|fr|es|it"
    r"|pl|nl|br|cn|id|eu|xyz|top|online|site|shop|store|club|live|me|tk|ml|ga|cf|vip|win|bet|ly)\b",
    re.IGNORECASE,
)

# Second-level parts below which a country's names are given out: "example.co.uk".
_SHARED_SECOND = frozenset(("ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"))

# Services that hide where a link leads. Guess: the best known ones.
SHORTENERS = frozenset(
    (
        "adf.ly", "bit.ly", "bl.ink", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnk.to", "ow.ly", "qr.ae",
        "rb.gy", "rebrand.ly", "s.id", "shorturl.at", "soo.gd", "su.pr", "t.co", "t.ly", "tiny.cc",
        "tinyurl.com", "tr.im", "v.gd", "x.co",
    )
)  # fmt: skip


def addresses_in(text: str) -> list[str]:
    """Return the addresses in a text as typed."""
    return ADDRESS.findall(text) if _may_have_addresses(text) else []


def without_addresses(text: str) -> str:
    return ADDRESS.sub(" ", text) if _may_have_addresses(text) else text


def _may_have_addresses(text: str) -> bool:
    # To look for these few signs takes a tenth of the time, and most texts have none.
    return "://" in text or "www." in text.lower()


# Several rules ask for the host of the same few addresses.
@lru_cache(maxsize=64)
def host(address: str) -> str:
    """Take the host from an address, in one spelling; an email address and a bare domain have one too.

    Unlike ``urlsplit`` it raises nothing: what a browser would not open is still compared as far as it goes.
    """
    rest = re.sub(r"^\s*(?:(?:https?|ftp|mailto):)?[/\\]*", "", address, flags=re.IGNORECASE)
    name = re.split(r"[/\\?#\s]", rest, maxsplit=1)[0].rpartition("@")[2]
    name = fold(unquote(re.sub(r":\d*$", "", name))).replace("。", ".").strip(".").removeprefix("*.")
    return ".".join(_readable_label(label) for label in name.split("."))


def registrable(name: str) -> str:
    """Return the part of a host that somebody registered: "example.co.uk" of "www.shop.example.co.uk".

    By rule of thumb, without the public suffix list: what shares a blog host is told apart by no rule here.
    """
    labels = name.split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND
    return ".".join(labels[-3:] if shared else labels[-2:])


def path_depth(address: str) -> int:
    """Count the parts of an address's path."""
    rest = re.sub(r"^\s*[a-z]+:/*[^/?#]*|^[^/?#]*", "", address, flags=re.IGNORECASE)
    return sum(bool(part) for part in re.split(r"[?#]", rest, maxsplit=1)[0].split("/"))


def _readable_label(label: str) -> str:
    """Undo Punycode in one part of a host name, so that both spellings of a domain are equal."""
    # Longer labels do not exist, and decoding takes time with the square of the length.
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return fold(label.removeprefix("xn--").encode("ascii").decode("punycode"))
    except UnicodeError:
        return label
