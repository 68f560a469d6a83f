import pytest

from articles.models import Article
from articles.snippets import LENGTH, marked, passage


def article(body_html="", **fields):
    return Article(body_html=body_html, **fields)


@pytest.mark.parametrize(
    ("text", "stems", "shown"),
    [
        ("Back spasms", {"spasm"}, "Back <mark>spasms</mark>"),
        ("<b> & back", {"b"}, "&lt;<mark>b</mark>&gt; &amp; back"),
        ("歩幅で測る", {"歩幅", "幅で"}, "<mark>歩幅で</mark>測る"),
        ("nothing", {"spasm"}, "nothing"),
        ("", {"spasm"}, ""),
    ],
)
def test_words_looked_for_are_marked_and_all_else_is_escaped(text, stems, shown):
    assert marked(text, article(), stems) == shown


def test_words_are_marked_by_the_language_of_the_article():
    assert marked("Häuser", article(language="de"), {"haus"}) == "<mark>Häuser</mark>"
    assert marked("Häuser", article(), {"haus"}) == "Häuser"


def test_passage_is_the_one_with_most_of_the_words():
    more = "And so it goes on. " * 60
    body = f"<p>Heat first. {more}</p><p>Here is <em>back</em> and heat together. {more}</p>"
    shown = passage(article(body), {"back", "heat"})
    assert "Here is <mark>back</mark> and <mark>heat</mark> together." in shown
    assert shown.startswith("… ") and shown.endswith(" …")
    assert len(shown) < LENGTH + 60


def test_passage_is_whole_where_the_text_is_short():
    assert passage(article("<p>Some <strong>tea</strong>.</p><p>And &amp; more.</p>"), {"tea"}) == (
        "Some <mark>tea</mark>. And &amp; more."
    )


def test_headings_are_parted_from_the_text():
    assert passage(article("<h2>Causes</h2><p>Cold tea.</p>"), {"tea"}) == "Causes – Cold <mark>tea</mark>."


def test_passage_is_the_standfirst_where_the_text_has_none_of_the_words():
    shown = passage(article("<p>Text.</p>", standfirst="Of <tea>."), {"tea"})
    assert shown == "Of &lt;<mark>tea</mark>&gt;."


def test_passage_is_the_beginning_where_only_the_title_has_the_words():
    assert passage(article("<p>Text.</p>", title="Tea"), {"tea"}) == "Text."


def test_text_without_spaces_is_cut_anywhere():
    shown = passage(article(f"<p>{'山' * 300}川水{'山' * 300}</p>"), {"川水"})
    assert "<mark>川水</mark>" in shown
    assert len(shown) < 150
