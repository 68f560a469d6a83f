import pytest

from comments.markup import sanitize
from comments.quoting import MAX_QUOTED, quotation


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("Lie flat.", "Lie flat."),
        ("Lie <b>flat</b>.\n\nThen walk.", "Lie flat.\nThen walk."),
        ("1 &lt; 2 &amp; <a href='https://example.org/'>3</a>", "1 &lt; 2 &amp; 3"),
        ("<blockquote>Why?</blockquote>\n\nBecause.", "Because."),
        ("<blockquote>A <blockquote>B</blockquote> C</blockquote>D", "D"),
        ("<blockquote>Why?</blockquote>", "Why?"),
        ("word " * 200, "word " * 99 + "word…"),
        ("x" * 700, "x" * MAX_QUOTED + "…"),
        ("\U0001f600" * 700, "\U0001f600" * MAX_QUOTED + "…"),
    ],
)
def test_quotation_is_text_in_allowed_markup_of_bounded_length(typed, quoted):
    assert quotation(sanitize(typed)) == f"<blockquote>{quoted}</blockquote>\n\n"


def test_quotation_is_shown_as_the_words_that_were_quoted():
    source = sanitize('I < you & "<b>nobody</b>" &lt;script>')
    shown = sanitize(quotation(source) + "Indeed.")
    assert "<blockquote>" in shown
    assert 'I &lt; you &amp; "nobody" &lt;script&gt;' in shown.replace("&quot;", '"')


def test_quotation_of_the_most_nested_comment_takes_little_time():
    nested = "<blockquote>" * 50_000 + "x" + "</blockquote>" * 50_000
    assert quotation(nested) == "<blockquote>x</blockquote>\n\n"
