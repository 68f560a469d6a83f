import pytest

from comments.moderation.background import SITE_TEXTS_AT_LEAST, UNKNOWN, Background, number_of

from .facts import background

WORDS = {"heat": (20, True), "ada": (25, False), "the": (0, True)}


@pytest.mark.parametrize(
    ("word", "rarity", "common"),
    [
        ("heat", 20.0, True),
        ("ada", 25.0, False),
        ("the", 0.0, True),
        ("zebra", UNKNOWN, False),
        ("", UNKNOWN, False),
    ],
)
def test_word_is_found_in_the_table(word, rarity, common):
    table = background(WORDS)
    assert (table.rarity(word), table.is_common(word)) == (rarity, common)


def test_empty_table_knows_no_word():
    assert (Background().rarity("heat"), Background().is_common("heat")) == (UNKNOWN, False)


@pytest.mark.parametrize(
    ("texts", "count", "rarity"),
    [
        # Too few articles say nothing.
        (SITE_TEXTS_AT_LEAST - 1, SITE_TEXTS_AT_LEAST - 1, 20.0),
        # 9.5 of 10 + 1, and never more than all.
        (10, 9, pytest.approx(0.6367, abs=1e-4)),
        (10, 50, 0.0),
        # 0.5 of 11 is more than the table's one of a hundred, but the table knows better.
        (1000, 0, 20.0),
    ],
)
def test_site_makes_its_own_words_common(texts, count, rarity):
    table = background(WORDS, site_counts={"heat": count}, site_texts=texts)
    assert table.rarity("heat") == rarity


@pytest.mark.parametrize(
    # In the files, words are known by these numbers alone.
    ("word", "number"),
    [("", 0), ("heat", 3125077752), ("été", 1154575572), ("\ud800", 1684325040)],
)
def test_number_of_a_word_stays_what_it_is(word, number):
    assert number_of(word) == number


def test_lone_surrogate_is_a_word_like_another():
    assert background(WORDS).rarity("\ud800") == UNKNOWN
