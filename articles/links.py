"""Which addresses may stand in a page: one rule for typed links, detected links and a writer's website.

What is not allowed here is not a link; its text stays text. Addresses are judged, never fetched.
"""

import html
import re
import unicodedata

MAX_URL_LENGTH = 2_000
"""Characters. Longer addresses are refused: no browser or search engine promises more."""

_MAX_UNESCAPES = 5

_WEB = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^/?#@:\[\]%]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?#].*)?", re.I | re.A
)
_MAIL = re.compile(r"mailto:[a-z0-9._+'=~-]{1,64}@(?P<host>[^/?#@:\[\]%,;&]+)", re.I | re.A)

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.A)
_TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}", re.A)

# Names that lead to the reader's own machine or network (RFC 6761, RFC 6762, ICANN's .internal).
_PRIVATE_TOP_LABELS = frozenset(("localhost", "local", "internal"))

# Characters that end an attribute or open a tag wherever an address is pasted without care.
_QUOTED = str.maketrans({character: f"%{ord(character):02X}" for character in "\"<>`'"})


def safe_url(value: str) -> str | None:
    """Return ``value`` as it may stand in a link, or ``None``.

    Allowed is an absolute http or https address of a public domain name, with a port from 1 to 65535 or none
    and without user name or password; or ``mailto:`` with one plain address. Quotes, angle brackets and
    backticks come back percent-encoded.

    The rule is asked of the value as typed and as it reads once its character references are resolved,
    however often: what a careless reader of the page might make of it must be harmless too.
    """
    for reading in _readings(value):
        if not _is_allowed(reading):
            return None
    return value.translate(_QUOTED)


def safe_path(value: str) -> str | None:
    """Return ``value``, fit for a link, if it is a path on this site (``/media/cat.jpg``), or ``None``."""
    for reading in _readings(value):
        if not reading.startswith("/") or reading.startswith("//") or not _is_plain(reading):
            return None
    return value.translate(_QUOTED)


def safe_fragment(value: str) -> str | None:
    """Return ``value``, fit for a link, if it names a place on the same page (``#sources``), or ``None``."""
    for reading in _readings(value):
        if not reading.startswith("#") or not _is_plain(reading):
            return None
    return value.translate(_QUOTED)


def _readings(value: str) -> list[str]:
    """Return ``value`` and what it becomes when character references are resolved until none is left.

    An address that is too long, or wrapped so often that nobody honest wrote it, reads as the empty string,
    which no rule allows.
    """
    if len(value) > MAX_URL_LENGTH:
        return [""]
    readings = [value]
    for _ in range(_MAX_UNESCAPES):
        unescaped = html.unescape(readings[-1])
        if unescaped == readings[-1]:
            return readings
        readings.append(unescaped)
    return [""]


def _is_plain(value: str) -> bool:
    """Tell whether ``value`` is free of spaces, controls, invisible characters and backslashes.

    Browsers drop some of these and read others as a slash, so that an address would not lead where it says.
    """
    return value.isprintable() and not any(character.isspace() or character == "\\" for character in value)


def _is_allowed(value: str) -> bool:
    if not _is_plain(value):
        return False
    mail = _MAIL.fullmatch(value)
    if mail:
        return _is_public_host(mail["host"])
    web = _WEB.fullmatch(value)
    if web is None or not _is_public_host(web["host"]):
        return False
    return web["port"] is None or 1 <= int(web["port"]) <= 65_535


def _is_public_host(host: str) -> bool:
    """Tell whether ``host`` encodes as a domain name that can be public.

    Browsers fold compatibility characters (full-width digits, ideographic full stops) before they look a name
    up, so the folded name is judged. A top label begins with a letter: no spelling of an IP address passes.
    """
    if len(host) > 253:
        return False
    folded = unicodedata.normalize("NFKC", host).lower()
    try:
        ascii_host = folded.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return False
    labels = ascii_host.removesuffix(".").split(".")
    return (
        len(labels) > 1
        and all(map(_is_label, labels))
        and _TOP_LABEL.fullmatch(labels[-1]) is not None
        and labels[-1] not in _PRIVATE_TOP_LABELS
    )


def _is_label(label: str) -> bool:
    if not _LABEL.fullmatch(label):
        return False
    if not label.startswith("xn--"):
        return True
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    return decoded.isprintable() and not decoded.isascii()
