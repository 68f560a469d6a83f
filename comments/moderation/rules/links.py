"""Where a comment leads: how many links, how much of the text they are, how they are written."""

import re

from ..addresses import BARE_HOST, SHORTENERS, addresses_in, host, registrable, without_addresses
from ..types import Finding, Submission
from ..weights import Weights
from .phrases import number, quote

_HTML_LINK = re.compile(r"<\s*(?:/\s*)?a\b", re.IGNORECASE)
_WORDED_LINK = re.compile(
    r"<a\b[^>]{0,300}>(.{0,200}?)</a>|\[url=[^\]]{0,300}\](.{0,200}?)\[/url\]", re.IGNORECASE | re.DOTALL
)
_BBCODE = re.compile(r"\[\s*(?:/\s*)?(?:url|link|img|b|i|size|color)\b[^\]]{0,300}\]?", re.IGNORECASE)
# They begin with the one sign that few texts have, so that the search skips all between.
_ODD_SCHEME = re.compile(
    r":(?:{})\S".format(
        "|".join(
            rf"(?<=\b{name}:)"
            for name in ("javascript", "data", "vbscript", "file", "tel", "sms", "skype", "magnet", "tg")
        )
    ),
    re.IGNORECASE,
)
_INNER_DOT = re.compile(r"\.[A-Za-z]{2}")
_NUMERIC_HOST = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$|^\[|^0x[0-9a-f]+$|^\d{8,}$")


def link_count(submission: Submission, weights: Weights) -> Finding:
    """Weigh the number of links in the text."""
    found = len(submission.links)
    steps = ((0, "none"), (1, "one"), (2, "two"), (3, "three"), (9, "several"))
    case = next((case for most, case in steps if found <= most), "many")
    return weights.finding("link_count", case, number(found, "link"))


def link_share(submission: Submission, weights: Weights) -> Finding:
    """Weigh how much of what was typed is addresses and their markup."""
    typed = submission.body.strip()
    addresses = sum(map(len, addresses_in(typed)))
    if not addresses:
        return weights.finding("link_share", "none", "no address in the text")
    share = addresses / len(typed)
    case = "little" if share < 0.15 else "part" if share < 0.4 else "half" if share < 0.75 else "all"
    return weights.finding("link_share", case, f"{share:.0%} of the text is addresses")


def link_target(submission: Submission, weights: Weights) -> Finding:
    """Weigh where the links lead: to the writer's own site, through a shortener, to a bare number."""
    hosts = [host(link) for link in submission.links]
    own = registrable(host(submission.author_url))
    detail = "no link"
    if _ODD_SCHEME.search(submission.body):
        case, detail = "odd_scheme", "an address that is not of the web"
    elif any(_NUMERIC_HOST.match(where) for where in hosts):
        case, detail = "number", "a link to a bare number"
    elif any(registrable(where) in SHORTENERS for where in (*hosts, host(submission.author_url))):
        case, detail = "shortener", "a shortened link that hides where it leads"
    elif own and any(registrable(where) == own for where in hosts):
        case, detail = "own", f"a link to the writer’s own site {quote(own)}"
    elif any(registrable(where).count("-") >= 2 for where in hosts):
        case, detail = "hyphens", "a link to a site named in keywords"
    elif hosts:
        case = "one_site" if len(set(map(registrable, hosts))) == 1 else "sites"
        detail = f"links to {number(len(set(map(registrable, hosts))), 'site')}"
    elif bare := _bare_host(submission.body):
        case, detail = "bare", f"the address {quote(bare)} without a link"
    else:
        case = "none"
    return weights.finding("link_target", case, detail)


def link_text(submission: Submission, weights: Weights) -> Finding:
    """Weigh the words that a link is written under: people name a thing, advertisements their keywords."""
    found = _WORDED_LINK.search(submission.body)
    if not found:
        return weights.finding("link_text", "none", "no link written under words")
    typed = found[1] or found[2] or ""
    count = len(typed.split())
    if not count:
        case = "empty"
    elif typed != typed.strip():
        # A program fills in what it was given, the space at its end too.
        case = "padded"
    elif addresses_in(typed):
        case = "address"
    else:
        case = "word" if count == 1 else "words" if count <= 4 else "long"
    return weights.finding("link_text", case, f"a link under {quote(typed.strip())}")


def markup(submission: Submission, weights: Weights) -> Finding:
    """Weigh code typed into the text: links in HTML, BBCode that no WordPress page ever showed."""
    html, bbcode = bool(_HTML_LINK.search(submission.body)), bool(_BBCODE.search(submission.body))
    if html and bbcode:
        return weights.finding("markup", "both", "links written in HTML and in BBCode")
    if bbcode:
        return weights.finding("markup", "bbcode", "BBCode in the text")
    if html:
        return weights.finding("markup", "html", "a link written in HTML")
    return weights.finding("markup", "none", "no link written in code")


def _bare_host(typed: str) -> str:
    """Return the first host that stands alone in a text, if there is one."""
    # Most texts have no dot within a word, and to see that costs little.
    if not _INNER_DOT.search(typed):
        return ""
    found = BARE_HOST.search(without_addresses(typed))
    return found.group() if found else ""
