import pytest

from comments.moderation.rules.phrases import QUOTE_LENGTH, number, quote


@pytest.mark.parametrize(
    ("count", "words", "expected"),
    [
        (0, ("link",), "no links"),
        (1, ("link",), "1 link"),
        (2, ("link",), "2 links"),
        (1, ("more entry", "more entries"), "1 more entry"),
        (2, ("more entry", "more entries"), "2 more entries"),
    ],
)
def test_number_agrees(count, words, expected):
    assert number(count, *words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "“”"),
        ("Ada", "“Ada”"),
        (" a \n\t b ", "“a b”"),
        ("a\u202eb\u200bc\x00d\ud800e", "“a b c d e”"),
        ("x" * QUOTE_LENGTH, f"“{'x' * QUOTE_LENGTH}”"),
        ("x" * (QUOTE_LENGTH + 1), f"“{'x' * (QUOTE_LENGTH - 1)}…”"),
        (" " * 10_000 + "x", "“”"),
    ],
)
def test_quote_is_one_short_line(text, expected):
    assert quote(text) == expected
