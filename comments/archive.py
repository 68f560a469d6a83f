"""Reads an archive of comments, one JSON object a line: the format is in docs/moderation.md."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from articles.models import FIRST_YEAR, LAST_YEAR
from articles.text import clean_line, clean_text, is_blank

LABELS = ("ham", "spam")
# Bytes of one line: ten times the longest comment with the longest article beside it that a site would show.
MAX_LINE = 1_000_000
TEXTS = ("author", "author_url", "email_domain", "body", "article_title", "article_text", "kind")
# What is printed again, and so must not bring control characters to anybody's terminal.
LINES = ("lang", "source")
KIND_OF = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One comment of an archive, as it was given.

    ``created``: None where the archive doesn't say. ``label``: empty where there is none or none is asked
    for. ``line``: its number, from 1. ``offset``: where its line begins, in bytes.
    """

    line: int
    offset: int
    id: str | int
    label: str
    created: datetime | None
    author: str
    author_url: str
    email_domain: str
    body: str
    article_title: str
    article_text: str
    lang: str
    source: str
    kind: str


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line that holds no comment. ``reason``: half a sentence for whoever made the file."""

    line: int
    reason: str

    def __str__(self):
        return f"line {self.line:,}: {self.reason}"


class _Broken(Exception):
    """Carries the reason from where it is seen to the line's number."""


def read_rows(stream, *, labelled):
    """Yield a Row or a BrokenRow for each line that isn't empty, holding one line in memory at a time.

    ``stream``: bytes. ``labelled``: whether a row must have a label; otherwise labels are not looked at.
    """
    offset = line = 0
    # The one more is for the line's end.
    while text := stream.readline(MAX_LINE + 1):
        start, line = offset, line + 1
        offset += len(text)
        if len(text) > MAX_LINE and not text.endswith(b"\n"):
            offset += _skip_line(stream)
            yield BrokenRow(line, f"longer than {MAX_LINE:,} bytes")
            continue
        try:
            values = _parse(text)
            if values is not None:
                yield _row(values, line=line, offset=start, labelled=labelled)
        except _Broken as broken:
            yield BrokenRow(line, str(broken))


def read_row_at(stream, offset):
    """Return the row whose line begins there, as ``read_rows`` said; its line number is not known again."""
    stream.seek(offset)
    return next(read_rows(stream, labelled=True))


def _skip_line(stream):
    """Read what is left of a line, in pieces; return how much that was."""
    skipped = 0
    while piece := stream.readline(MAX_LINE):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _parse(line):
    """Return the JSON object on a line, or None for an empty one."""
    try:
        # Files that were joined have such marks in the middle too.
        text = line.decode("utf-8").lstrip("\ufeff").strip()
    except UnicodeDecodeError as error:
        raise _Broken(f"not UTF-8, from byte {error.start + 1} on") from None
    if not text:
        return None
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise _Broken(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except (ValueError, RecursionError):
        raise _Broken("not JSON that can be read: nested too deeply, or a number too long") from None
    if not isinstance(values, dict):
        raise _Broken(f"{KIND_OF.get(type(values), 'null')}, not an object")
    return values


def _row(values, *, line, offset, labelled):
    texts = {name: _text(values, name) for name in TEXTS}
    if is_blank(clean_text(texts["body"])):
        raise _Broken("no body, or nothing in it that a reader would see")
    return Row(
        line=line,
        offset=offset,
        id=_id(values),
        label=_label(values) if labelled else "",
        created=_created(values),
        **{name: clean_line(_text(values, name)) for name in LINES},
        **texts,
    )


def _text(values, name):
    """Return a field that is a text; left out, null and empty are the same."""
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Broken(f"{name} is {KIND_OF[type(value)]}, not a text")
    return value


def _id(values):
    value = values.get("id")
    # Many exports number their comments.
    return value if type(value) is int else _text(values, "id")


def _label(values):
    label = _text(values, "label")
    if not label:
        raise _Broken("no label")
    if label not in LABELS:
        raise _Broken(f"unknown label {label[:40]!r}; known are ham and spam")
    return label


def _created(values):
    """Return the time as an aware datetime; one without a zone is read as UTC."""
    text = _text(values, "created").strip()
    if not text:
        return None
    try:
        created = datetime.fromisoformat(text)
    except ValueError:
        raise _Broken(f"created is no possible date: {text[:40]!r}") from None
    if not FIRST_YEAR <= created.year <= LAST_YEAR:
        raise _Broken(f"created is not between the years {FIRST_YEAR} and {LAST_YEAR}: {text[:40]!r}")
    return created.astimezone(UTC) if created.tzinfo else created.replace(tzinfo=UTC)
