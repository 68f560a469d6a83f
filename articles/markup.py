"""An author's text as HTML that may stand in a page: a wider policy than visitors have.

Authors are trusted to write, not to be careful: what they paste passes the same sanitiser as comments do.
Images come from this site only, as the pages' content security policy wants it.
"""

import re

from .links import safe_fragment, safe_path, safe_url
from .sanitizer import Check, Policy, line_value, render
from .text import clean_text

__all__ = (
    "MAX_LENGTH",
    "MAX_MARKUP",
    "RESERVED_IDS",
    "TooLong",
    "TooMuchMarkup",
    "check_limits",
    "sanitize_article",
)

MAX_LENGTH = 200_000
"""Characters of source: a short novel, some 35,000 words."""

MAX_MARKUP = 4_000
"""``<`` and ``&`` in one article. A long article has some hundreds; honest text at this limit takes a tenth
of a second, the worst shape that was found six seconds."""

_FORM_IDS = frozenset(
    ("author", "comment", "comment_parent", "commentform", "email", "revision", "subject", "submit", "url")
)
RESERVED_IDS = _FORM_IDS | {
    "author-note",
    "article-contents",
    "article-related",
    "cancel-comment-reply-link",
    "comment-preview-title",
    "comments",
    "content",
    "email-notes",
    "main",
    "reply-title",
    "respond",
    "top",
    "wp-comment-cookies-consent",
}
"""Ids that belong to the page around the article; ``comment-`` and a number is a comment's."""


def _matching(pattern: str) -> Check:
    """Return a check that lets a value pass, trimmed, if all of it matches ``pattern``."""
    compiled = re.compile(pattern, re.A)

    def check(value: str) -> str | None:
        value = value.strip()
        return value if compiled.fullmatch(value) else None

    return check


def _link(value: str) -> str | None:
    return safe_url(value) or safe_path(value) or safe_fragment(value)


def _heading_id(value: str) -> str | None:
    is_slug = re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", value, re.A) and len(value) <= 100
    if not is_slug or value in RESERVED_IDS or re.fullmatch(r"comment-\d+", value):
        return None
    return value


# Footnotes, as editors and converters write them: a mark in the text, a note at its end, links both ways.
_note_id = _matching(r"fn(ref)?-?[a-z0-9]{1,20}")
_language = _matching(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_pixels = _matching(r"[1-9][0-9]{0,3}")
_cells = _matching(r"[1-9][0-9]?")

_TEXT_BLOCKS = frozenset(("blockquote", "figcaption", "figure", "h2", "h3", "h4", "hr", "p", "pre"))
_LISTS = frozenset(("dd", "dl", "dt", "li", "ol", "ul"))
_TABLES = frozenset(("caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"))
_PHRASES = frozenset(("a", "abbr", "cite", "code", "em", "kbd", "mark", "q", "span", "strong", "time"))
_STYLES = frozenset(("b", "br", "del", "i", "img", "ins", "s", "sub", "sup"))
_TAGS = _TEXT_BLOCKS | _LISTS | _TABLES | _PHRASES | _STYLES
_WITHOUT_TEXT = frozenset(("br", "col", "hr", "img"))
_TEXT: dict[str, Check] = {"lang": _language, "dir": _matching("ltr|rtl|auto")}
_HEADING: dict[str, Check] = {"id": _heading_id}
_CELL: dict[str, Check] = {"colspan": _cells, "rowspan": _cells}

_OWN: dict[str, dict[str, Check]] = {
    "a": {"href": _link, "title": line_value, "hreflang": _language, "id": _note_id},
    "abbr": {"title": line_value},
    "h2": _HEADING,
    "h3": _HEADING,
    "h4": _HEADING,
    "img": {
        "src": safe_path,
        "alt": line_value,
        "width": _pixels,
        "height": _pixels,
        "loading": _matching("lazy|eager"),
    },
    "li": {"id": _note_id},
    "p": {"id": _note_id},
    "sup": {"id": _note_id},
    "td": _CELL,
    "th": _CELL | {"scope": _matching("row|col|rowgroup|colgroup")},
    "time": {"datetime": _matching(r"[0-9PTWZYMDHS:+. -]{4,40}")},
}

POLICY = Policy(
    tags=_TAGS,
    attributes={tag: ({} if tag in _WITHOUT_TEXT else _TEXT) | _OWN.get(tag, {}) for tag in _TAGS},
    needed={"a": "href", "img": "src"},
    breaks_everywhere=False,
)


class BeyondLimit(ValueError):
    """A text is more than can be sanitised in bearable time; says how much it is, and how much it may be."""

    what = ""

    def __init__(self, found: int, limit: int) -> None:
        super().__init__(f"An article has at most {limit:,} {self.what}; this one has {found:,}.")
        self.numbers = {"found": found, "limit": limit}


class TooLong(BeyondLimit):
    what = "characters"


class TooMuchMarkup(BeyondLimit):
    what = "tags and entities"


def check_limits(source: str) -> None:
    """Raise ``TooLong`` or ``TooMuchMarkup`` for a text beyond ``MAX_LENGTH`` or ``MAX_MARKUP``."""
    text = clean_text(source)
    if len(text) > MAX_LENGTH:
        raise TooLong(len(text), MAX_LENGTH)
    markup = text.count("<") + text.count("&")
    if markup > MAX_MARKUP:
        raise TooMuchMarkup(markup, MAX_MARKUP)


def sanitize_article(source: str) -> str:
    """Return ``source``, HTML or plain text or both, as the HTML of an article.

    Raises what ``check_limits`` raises.
    """
    check_limits(source)
    return render(clean_text(source), POLICY)
