import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from comments.archive import MAX_LINE, BrokenRow, Row, read_row_at, read_rows

BODY = "Sleeping on the side helped me more than any pillow."


def line(**fields):
    return json.dumps({"id": "a-1", "label": "ham", "body": BODY} | fields).encode()


def read(*lines, labelled=True):
    return list(read_rows(BytesIO(b"\n".join(lines)), labelled=labelled))


def reason(text, **options):
    (broken,) = read(text, **options)
    assert isinstance(broken, BrokenRow), broken
    return broken.reason


def test_row_has_every_field_as_given():
    fields = {
        "author": "Ana",
        "author_url": "https://ana.example/",
        "email_domain": "example.org",
        "article_title": "The Pillow Question",
        "article_text": "Soft or hard?",
        "lang": "en",
        "source": "our/blog",
        "kind": "comment",
    }
    assert read(line(created="2017-03-20T07:31:05", **fields)) == [
        Row(
            line=1,
            offset=0,
            id="a-1",
            label="ham",
            body=BODY,
            created=datetime(2017, 3, 20, 7, 31, 5, tzinfo=UTC),
            **fields,
        )
    ]


def test_only_the_body_is_needed_where_no_label_is():
    (row,) = read(json.dumps({"body": BODY, "author": None, "article_text": None}).encode(), labelled=False)
    assert (row.id, row.label, row.author, row.article_text, row.created) == ("", "", "", "", None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2017-03-20T07:31:05Z", datetime(2017, 3, 20, 7, 31, 5, tzinfo=UTC)),
        ("2017-03-20T07:31:05+02:00", datetime(2017, 3, 20, 5, 31, 5, tzinfo=UTC)),
        ("2017-03-20", datetime(2017, 3, 20, tzinfo=UTC)),
        ("", None),
        (" ", None),
    ],
)
def test_time_is_read_with_its_zone_or_as_utc(written, expected):
    assert read(line(created=written))[0].created == expected


def test_number_is_an_id_too():
    assert read(line(id=4711))[0].id == 4711


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"body": "caf\xe9"}', "not UTF-8, from byte 14 on"),
        (b'{"body": "\xed\xa0\x80"}', "not UTF-8, from byte 11 on"),
        (b'{"body": "cut sho', "not JSON: Unterminated string starting at at character 10"),
        (b'{"body": "a\x00b"}', "not JSON: Invalid control character at at character 12"),
        (b"[" * 100_000, "not JSON that can be read: nested too deeply, or a number too long"),
        (
            b'{"id": ' + b"9" * 10_000 + b"}",
            "not JSON that can be read: nested too deeply, or a number too long",
        ),
        (b'["a comment"]', "a list, not an object"),
        (b'"a comment"', "a text, not an object"),
        (b"17", "a number, not an object"),
        (b"null", "null, not an object"),
        (line(body=None), "no body, or nothing in it that a reader would see"),
        (line(body=" \n"), "no body, or nothing in it that a reader would see"),
        (line(body="\x00\u200b\ud800"), "no body, or nothing in it that a reader would see"),
        (line(body=["a", "b"]), "body is a list, not a text"),
        (line(author=7), "author is a number, not a text"),
        (line(author=float("nan")), "author is a number, not a text"),
        (line(article_text={}), "article_text is an object, not a text"),
        (line(source=1.5), "source is a number, not a text"),
        (line(id=True), "id is true or false, not a text"),
        (line(created=1489995065), "created is a number, not a text"),
        (line(created="yesterday"), "created is no possible date: 'yesterday'"),
        (line(created="2017-02-30T10:00:00"), "created is no possible date: '2017-02-30T10:00:00'"),
        (line(created="0001-01-01T00:00:00+14:00"), "created is not between the years 1900 and 2999: "),
        (line(label=None), "no label"),
        (line(label=""), "no label"),
        (line(label="Spam\x1b[31m"), r"unknown label 'Spam\x1b[31m'; known are ham and spam"),
        (line(label=1), "label is a number, not a text"),
        (line(body="x" * MAX_LINE), "longer than 1,000,000 bytes"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_row_says_what_is_wrong(text, expected):
    assert reason(text).startswith(expected)


def test_label_is_not_looked_at_where_none_is_asked_for():
    (row,) = read(line(label=["?"]), labelled=False)
    assert row.label == ""


def test_rest_goes_on_behind_broken_rows_and_lines_are_counted_as_in_an_editor():
    rows = read(
        b"{", b"", line(id="good"), b"  \r", b'{"body": "' + b"x" * 3 * MAX_LINE + b'"}', line(id="last")
    )
    assert [(type(row), row.line) for row in rows] == [(BrokenRow, 1), (Row, 3), (BrokenRow, 5), (Row, 6)]


def test_line_of_the_greatest_length_is_read():
    text = line(body="x")
    longest = line(body="x" * (MAX_LINE - len(text) + 1))
    assert len(longest) == MAX_LINE
    assert [type(row) for row in read(longest, line())] == [Row, Row]
    assert [type(row) for row in read(line(body="x" * (MAX_LINE - len(text) + 2)), line())] == [
        BrokenRow,
        Row,
    ]


def test_no_more_than_one_line_is_read_ahead():
    """A pipe on the other side waits for the answer before it writes the next line."""
    asked = []

    class Pipe(BytesIO):
        def readline(self, *size):
            asked.append(size)
            return super().readline(*size)

    rows = read_rows(Pipe(line() + b"\n" + line()), labelled=True)
    next(rows)
    assert asked == [(MAX_LINE + 1,)]


def test_byte_order_mark_is_passed_over():
    bom = "\ufeff".encode()
    assert [row.id for row in read(bom + line(id="1"), line(id="2"), bom + line(id="3"))] == ["1", "2", "3"]
    assert read(bom) == []


def test_halves_of_characters_and_controls_do_not_reach_what_is_printed():
    (row,) = read(line(source="our\ud800\x1b[2J blog", lang="e\nn", body="half \ud800 of one"))
    assert (row.source, row.lang) == ("our[2J blog", "e n")


def test_each_row_is_found_again_where_it_begins():
    lines = [
        "\ufeff".encode() + line(id="first", author="Zoë"),
        b"{",
        line(id="second", body="é" * 10) + b"\r",
        b'{"body": "' + b"x" * 2 * MAX_LINE,
        b"",
        line(id="third", label="spam"),
    ]
    stream = BytesIO(b"\n".join(lines))
    rows = [row for row in read_rows(stream, labelled=True) if isinstance(row, Row)]
    assert [row.id for row in rows] == ["first", "second", "third"]
    for row in reversed(rows):
        again = read_row_at(stream, row.offset)
        assert (again.id, again.body, again.label) == (row.id, row.body, row.label)


def test_broken_row_reads_as_a_sentence():
    assert str(BrokenRow(1_234, "no label")) == "line 1,234: no label"


def test_time_zone_beyond_the_calendar_is_no_error():
    (row,) = read(line(created="2999-12-31T23:00:00-12:00"))
    assert row.created - datetime(2999, 12, 31, tzinfo=UTC) == timedelta(hours=35)
