"""A visitor's text as HTML that may stand in a page.

``sanitize`` runs once, when a comment is written; source and result are stored, the result with
``SANITIZER_VERSION``. The result is never cut and never sanitised again: a change of policy renders from the
source.

The limits bound the time: the parser behind ``articles.sanitizer`` takes time with the square of the number
of tags. benchmarks/sanitizer_speed.py measures the worst shapes.
"""

from articles.links import safe_url
from articles.sanitizer import Policy, line_value, links_in, plain_text, render, render_plain
from articles.text import clean_line, clean_text, is_blank

__all__ = (
    "MAX_LENGTH",
    "SANITIZER_VERSION",
    "clean_line",
    "clean_text",
    "is_blank",
    "links_in",
    "plain_text",
    "safe_url",
    "sanitize",
)

SANITIZER_VERSION: int = 1
"""Raise it with every change after which the same source gives other HTML."""

MAX_LENGTH = 10_000
"""Characters of source, after cleaning."""

MAX_MARKUP = 400
"""``<`` and ``&`` in one comment; with more it is shown as typed, as text."""

MAX_RENDERED_LENGTH = 70_000
"""Characters of HTML. Honest comments stay below twice their source, a full one of nothing but links reaches
60,000; markup that multiplies beyond is shown as text."""

_INLINES = frozenset(("a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "q", "s", "strong"))
_BLOCKS = frozenset(("blockquote", "li", "ol", "p", "pre", "ul"))

POLICY = Policy(
    tags=_INLINES | _BLOCKS,
    attributes={"a": {"href": safe_url, "title": line_value}, "abbr": {"title": line_value}},
    needed={"a": "href"},
    rel="nofollow ugc noopener",
)


def sanitize(source: str) -> str:
    """Return ``source`` as the HTML of a comment.

    Raises ``ValueError`` if the cleaned source is longer than ``MAX_LENGTH``; any other text gives a result.
    """
    text = clean_text(source)
    if len(text) > MAX_LENGTH:
        raise ValueError(f"A comment has at most {MAX_LENGTH:,} characters; this one has {len(text):,}.")
    if text.count("<") + text.count("&") > MAX_MARKUP:
        return render_plain(text)
    rendered = render(text, POLICY)
    return rendered if len(rendered) <= MAX_RENDERED_LENGTH else render_plain(text)
