"""Texts of strangers in a table that a spreadsheet opens: they are shown, and never calculated.

A spreadsheet takes a cell for a formula by its first sign, whatever quotes stand around it in the file. An
apostrophe before it makes a text of it. Some programs look past spaces and quotes, fold wide signs, or part
cells at semicolons too, so what follows those is looked at as a first sign is.
"""

import csv
import re
import unicodedata

from django.utils import timezone

# So that Excel reads UTF-8 as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
# With what formulas, commands and their old shapes begin; plus and minus too, since "-1+cmd" is one. Wide and
# small shapes are folded to these.
FORMULA_SIGNS = frozenset("=+-@|%−")
# "cmd|' /C calc'!A1": what asks another program for data, in any cell that is taken for a formula.
ASKS_A_PROGRAM = re.compile(r"\w+\s*\|.*!", re.DOTALL)
# What no spreadsheet shows, and halves of signs.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
LINES = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029\t]+")


def cell(value):
    """Return what to write into a cell: numbers as they are, times as ISO 8601, texts made harmless."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    if hasattr(value, "isoformat"):
        return timezone.localtime(value).isoformat(timespec="seconds")
    text = str(value)
    begins_with_control = text[:1] in ("\t", "\r", "\n")
    text = CONTROLS.sub("", LINES.sub(" ", text))
    parts = text.split(";")
    guarded = [_guarded(part) for part in parts]
    if begins_with_control and not guarded[0].startswith("'"):
        guarded[0] = f"'{guarded[0]}"
    return ";".join(guarded)


def rows_as_text(head, rows):
    """Yield a table as the text of a CSV file, line by line; ``rows`` are lists of values."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield BYTE_ORDER_MARK + writer.writerow([cell(value) for value in head])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text):
        return text


def _guarded(text):
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text):
    """Say whether what stands behind spaces, quotes and invisible signs may be taken for a formula."""
    begin = next((at for at, sign in enumerate(text) if not _is_passed_over(sign)), len(text))
    first = unicodedata.normalize("NFKC", text[begin : begin + 1])[:1]
    return first in FORMULA_SIGNS or ASKS_A_PROGRAM.match(text, begin) is not None


def _is_passed_over(sign):
    return sign.isspace() or unicodedata.category(sign) in ("Cf", "Pi", "Pf") or sign in "\"'`´"
