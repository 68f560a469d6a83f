import pytest

from comments.moderation.reading import ARTICLE_LENGTH, likeness, read_article, read_text, spelling


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("Heat, heat!", ("heat", "heat")),
        ("see https://a.example/casino or www.b.example now", ("see", "or", "now")),
        ("<b>very</b> [url=x]good[/url]", ("very", "good")),
        ("2 < 3 > 1 [sic] [a footnote]", ("2", "1", "a", "footnote")),
        (f"<{'x' * 301}>", ("x" * 301,)),
    ],
)
def test_words_are_read_without_addresses_and_tags(text, words):
    reading = read_text(text)
    assert reading.words == words
    assert reading.distinct == set(words)


def test_article_is_read_with_its_title_up_to_a_length():
    article = read_article("Heat or cold", "heat " * (ARTICLE_LENGTH // 5) + "zebra")
    assert article.title_words == {"heat", "or", "cold"}
    assert article.words == {"heat": 1 + ARTICLE_LENGTH // 5, "or": 1, "cold": 1}
    assert article.script == "Latin"


def test_spelling_counts_every_three_signs():
    assert spelling("Abab a") == {"aba": 1, "bab": 1, "ab ": 1, "b a": 1}
    assert spelling("ab") == {}


@pytest.mark.parametrize(
    ("text", "article", "expected"),
    [
        ("heat", "HEAT", 1.0),
        ("heat", "cold", 0.0),
        ("abcx", "abcy", 0.5),
        ("", "heat", 0.0),
        ("heat", "", 0.0),
    ],
)
def test_likeness(text, article, expected):
    assert likeness(text, read_article("", article)) == pytest.approx(expected)
