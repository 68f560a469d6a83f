import itertools

import pytest

from comments.moderation.rules.relevance import (
    TELLING,
    TEXT_WORDS,
    _gain,
    praise,
    relevance,
    reply,
    substance,
    title_words,
)
from comments.moderation.types import Finding

from ..facts import background, numbered, submission

TABLE = background(
    {"back": (14, True), "heat": (20, True), "cold": (18, True), "some": (3, True), "or": (4, True)}
)
# What nobody has in a table weighs most: "zebra" and "quokka" 28 decibans each, "heat" 12, "back" 7.
ARTICLE = "Some say heat is good for the back, and the zebra and the quokka say so too."
SIZES = {"short": 9, "middle": 34, "long": 35}


def filled(words, count):
    """Bring a text to so many words with some that are nowhere else."""
    words = words.split()
    return " ".join([*words, *(f"filler{number}" for number in range(count - len(words)))])


def of_size(text, size):
    return filled(text, SIZES[size])


def about(text, **facts):
    return {"typed": text, "article_title": "", "article_text": ARTICLE, "background": TABLE} | facts


def meaning(rarity, size):
    """One word as often as the size asks for."""
    return {"typed": "word " * SIZES[size], "background": background({"word": (rarity, True)})}


ALONE = "no telling word in common with the article"
SHARED = "in common with the article: "
FITS = "words that fit any article: "
ANSWERS, BESIDE = "takes up {} from the comment it answers", "takes up nothing of the comment it answers"

ROWS = [
    *(
        (relevance, about(of_size(text, size)), f"{level}_{size}", detail)
        for (level, text, detail), size in itertools.product(
            [
                ("nothing", "giraffe", ALONE),
                ("little", "Back!", f"{SHARED}“back”"),
                ("something", "HEAT", f"{SHARED}“heat”"),
                ("much", "zebra back", f"{SHARED}“zebra”, “back”"),
                ("very_much", "back zebra heat quokka", f"{SHARED}“quokka”, “zebra”, “heat”"),
            ],
            SIZES,
        )
    ),
    (relevance, about(""), "nothing_short", ALONE),
    # What every text has is nothing in common.
    (relevance, about("some", article_text="some " * 9), "nothing_short", ALONE),
    (
        relevance,
        about("heat", article_title="Heat", article_text="Nothing."),
        "something_short",
        f"{SHARED}“heat”",
    ),
    # An article may have a title alone.
    *(
        (
            relevance,
            about("heat", article_title="Heat", article_text=text),
            "something_short",
            f"{SHARED}“heat”",
        )
        for text in ("", None)
    ),
    # What the article repeats is likelier under it.
    (relevance, about("back", article_text="back " * 3), "something_short", f"{SHARED}“back”"),
    (title_words, about("No.", article_title="Heat or cold?"), "none", "no telling words of the title"),
    (title_words, about("heat!", article_title="Heat or cold?"), "one", "1 telling word of the title"),
    (
        title_words,
        about("cold heat", article_title="Heat or cold?"),
        "several",
        "2 telling words of the title",
    ),
    (title_words, about("some", article_title="Some heat"), "none", "no telling words of the title"),
    (
        title_words,
        about("I read HEAT OR COLD? today", article_title=" Heat or cold? "),
        "pasted",
        "the article’s whole title is in the text",
    ),
    # A short title is easily said by chance.
    (
        title_words,
        about("heat or cold", article_title="Heat or cold"),
        "several",
        "2 telling words of the title",
    ),
    (
        title_words,
        about("heat", article_title="Heat", article_text=None),
        "one",
        "1 telling word of the title",
    ),
    (title_words, about("", article_title=""), "none", "no telling words of the title"),
    (substance, {"typed": "!"}, "no_words", "no word"),
    *(
        (
            substance,
            meaning(rarity, size),
            f"{level}_{size}",
            f"its words are in one of {texts} texts, in the mean",
        )
        for (level, rarity, texts), size in itertools.product(
            [("none", 7, 5), ("little", 8, 6), ("some", 11, 13), ("much", 14, 25), ("all", 18, 63)], SIZES
        )
    ),
    (praise, {"typed": "Heat helped my back"}, "none", "no praise"),
    (praise, {"typed": ""}, "none", "no praise"),
    *(
        (praise, {"typed": filled(text, count)}, case, f"{FITS}{detail}")
        for text, detail, counts in [
            (
                "great",
                "“great”",
                {
                    "kind_mostly_short": 5,
                    "kind_part_short": 9,
                    "kind_part_middle": 12,
                    "kind_touch_middle": 13,
                    "kind_touch_long": 35,
                },
            ),
            (
                "nice good great best fine cool",
                "“best”, “cool”, “fine”",
                {"kind_mostly_middle": 30, "kind_part_long": 35},
            ),
            (
                "nice good great best fine cool like keep",
                "“best”, “cool”, “fine”",
                {"kind_mostly_long": 35},
            ),
            (
                "post",
                "“post”",
                {
                    "about_mostly_short": 5,
                    "about_part_short": 9,
                    "about_part_middle": 12,
                    "about_touch_middle": 13,
                    "about_touch_long": 35,
                },
            ),
            (
                "post site page web blog work",
                "“blog”, “page”, “post”",
                {"about_mostly_middle": 30, "about_part_long": 35},
            ),
            (
                "post site page web blog work job tips",
                "“blog”, “job”, “page”",
                {"about_mostly_long": 35},
            ),
            (
                "great post",
                "“great”, “post”",
                {
                    "both_mostly_short": 9,
                    "both_mostly_middle": 10,
                    "both_part_middle": 11,
                    "both_touch_middle": 26,
                    "both_touch_long": 35,
                },
            ),
            ("great nice post", "“great”, “nice”, “post”", {"both_part_long": 35}),
            (
                "great nice good fine post site blog web",
                "“blog”, “fine”, “good”",
                {"both_mostly_long": 35},
            ),
        ]
        for case, count in counts.items()
    ),
    (praise, {"typed": "Muchas gracias!"}, "kind_mostly_short", f"{FITS}“gracias”, “muchas”"),
    (praise, {"typed": "отличная СТАТЬЯ"}, "about_mostly_short", f"{FITS}“статья”"),
    # The link's own words are not the writer's.
    (praise, {"typed": "https://great.example/nice/post"}, "none", "no praise"),
    (reply, {"parent_text": None}, "none", "answers the article"),
    (reply, {"parent_text": None, "background": None}, "none", "answers the article"),
    (reply, about("Cold is worse", parent_text="Cold or heat?"), "answers", ANSWERS.format("“cold”")),
    (reply, about("heat, then cold", parent_text="Cold or heat?"), "answers", ANSWERS.format("“cold”")),
    (reply, about("Some do", parent_text="Some heat"), "beside", BESIDE),
    (reply, about("Nice", parent_text=""), "beside", BESIDE),
]
WEIGHTS = numbered(ROWS)


@pytest.mark.parametrize(("rule", "facts", "case", "detail"), ROWS)
def test_rule_answers(rule, facts, case, detail):
    points = WEIGHTS.points(rule.__name__, case)
    assert rule(submission(**facts), WEIGHTS) == Finding(rule.__name__, points, detail, case=case)


@pytest.mark.parametrize(
    ("rarity", "times", "length", "gain"),
    [
        # Half the article's third against half the background: 0.5 · (1 / 3) / 0.01 + 0.5.
        (20, 1, TEXT_WORDS, 12.35),
        # (1 + ln 3) / 3 = 0.7: 0.5 · 0.7 / 0.01 + 0.5.
        (20, 3, TEXT_WORDS, 15.5),
        # More often is no likelier than certain.
        (20, 8, TEXT_WORDS, 17.03),
        (20, 100, TEXT_WORDS, 17.03),
        # What nearly every text has speaks against the article, if at all.
        (1, 1, TEXT_WORDS, -1.49),
        # A short article is as good as a usual one; one ten times as long has ten times as much by chance.
        (20, 1, 1, 12.35),
        (20, 1, 10 * TEXT_WORDS, 3.36),
        # What a very long one has by chance for certain says nothing in it.
        (20, 8, 100 * TEXT_WORDS, 0.0),
        (20, 8, 10_000 * TEXT_WORDS, 0.0),
    ],
)
def test_word_of_the_article_is_likelier_under_it(rarity, times, length, gain):
    assert _gain(times, rarity, length) == pytest.approx(gain, abs=0.01)


@pytest.mark.parametrize(
    ("length", "expected"),
    [(100, ("little_short", f"{SHARED}“back”")), (10 * TEXT_WORDS, ("nothing_short", ALONE))],
)
def test_what_a_long_article_has_by_chance_is_nothing_in_common(length, expected):
    facts = about("back", article_text=filled("back", length))
    finding = relevance(submission(**facts), WEIGHTS)
    assert (finding.case, finding.detail) == expected


@pytest.mark.parametrize(
    ("rarity", "expected"),
    [
        (TELLING - 1, ("nothing_short", ALONE)),
        (TELLING, ("nothing_short", ALONE)),
        (TELLING + 1, ("little_short", f"{SHARED}“back”")),
    ],
)
def test_word_that_every_fourth_text_has_is_nothing_in_common(rarity, expected):
    facts = about("back", background=background({"back": (rarity, True)}))
    finding = relevance(submission(**facts), WEIGHTS)
    assert (finding.case, finding.detail) == expected


def test_what_the_site_often_writes_of_is_nothing_in_common():
    site = background({"heat": (20, True)}, site_counts={"heat": 10}, site_texts=10)
    assert relevance(submission(**about("heat", background=site)), WEIGHTS).case == "nothing_short"
