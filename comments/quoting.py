"""What a reply quotes of the comment it answers, as a writer would type it."""

import re
from html import escape

from .markup import plain_text

MAX_QUOTED = 500
"""Characters. Whoever wants to quote more selects it, or copies it."""

_QUOTES = re.compile(r"(</?blockquote>)")


def quotation(body_html):
    """Return the text of a comment as a quotation in the markup that comments may have, with room below.

    What the comment quotes itself is left out, unless there is nothing else.
    """
    text = plain_text(_without_quotations(body_html)) or plain_text(body_html)
    return f"<blockquote>{escape(_shortened(text), quote=False)}</blockquote>\n\n"


def _without_quotations(body_html):
    depth, kept = 0, []
    for part in _QUOTES.split(body_html):
        if part == "<blockquote>":
            depth += 1
        elif part == "</blockquote>":
            depth -= 1
        elif not depth:
            kept.append(part)
    return "".join(kept)


def _shortened(text):
    """Return so much of a text as may be quoted, in whole words where it has any."""
    if len(text) <= MAX_QUOTED:
        return text
    start = text[:MAX_QUOTED]
    words = re.match(r".*(?=\s)", start, re.DOTALL)
    # One that fills more than half of it is no word to be lost.
    return (words[0].rstrip() if words and len(words[0]) > MAX_QUOTED / 2 else start) + "…"
