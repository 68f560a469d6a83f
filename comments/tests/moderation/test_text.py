import re
import sys
import time
import unicodedata
from collections import Counter

import pytest

from comments.moderation.text import (
    _FORMAT,
    _PILE,
    MARKS,
    UNSPACED,
    fold,
    is_unspaced,
    script,
    scripts,
    words,
)

# The whole of Unicode by category; "".join makes a text in which each character stands once.
ALL = [chr(point) for point in range(sys.maxunicode + 1)]


def in_category(*names):
    return "".join(char for char in ALL if unicodedata.category(char).startswith(names))


def highest_pile(text):
    """Count the marks that follow one another."""
    height = highest = 0
    for char in text:
        height = height + 1 if unicodedata.category(char).startswith("M") else 0
        highest = max(highest, height)
    return highest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  Two \n\t words ", "two words"),
        ("STRASSE Straße", "strasse strasse"),
        ("ｃａｓｉｎｏ 𝐂𝐀𝐒𝐈𝐍𝐎", "casino casino"),
        ("ca\u200bsi\u00adno\u2060", "casino"),
        ("e\u0301", "é"),
        ("ΟΔΟΣ", "οδοσ"),
        ("ｶｼﾞﾉ", "カジノ"),
        ("\ud800\x00", "\ud800\x00"),
        (f"a{chr(0x323) * (MARKS + 1)}", f"ạ{chr(0x323) * (MARKS - 1)}"),
    ],
)
def test_fold_makes_equal_what_reads_the_same(text, expected):
    assert fold(text) == expected


def test_every_format_character_is_removed():
    assert _FORMAT.sub("", in_category("Cf")) == ""


def test_nothing_but_format_characters_is_removed():
    """Of what this Python's Unicode knows: a later one may have given a number to a new format character."""
    removed = "".join(_FORMAT.findall("".join(ALL)))
    assert {unicodedata.category(char) for char in removed} <= {"Cf", "Cn"}
    assert set(removed) >= set(in_category("Cf"))


def test_no_mark_escapes_the_search_for_piles():
    """The search looks for what is neither letter nor space, since there is no class of marks."""
    marks = in_category("M")
    assert re.fullmatch(r"[^\w\s]+", marks)
    for mark in marks:
        assert _PILE.search(mark * (MARKS + 1))


@pytest.mark.parametrize(
    "marks",
    [
        "\u0301",
        "\u0301\u0323",
        # Invisible characters between them do not hide a pile.
        "\u0301\u200b",
        "\u0323\u034f\u0301\u00ad",
        "\ufe0f",
        "\u20dd\u0323",
        "\U0001d165\u0301",
        "\u05b0\u0591\u064b",
    ],
)
@pytest.mark.parametrize("before", ["a", "", "é", "赌", "!" * 40, "👍", f"a{chr(0x301) * MARKS} b"])
def test_no_pile_of_marks_survives(before, marks):
    folded = fold(f"{before}{marks * 100} end")
    assert highest_pile(folded) <= MARKS
    # The pile is cut, and neither what is before it nor behind it.
    seen = (_FORMAT.sub("", marks) * MARKS)[:MARKS]
    assert folded == fold(f"{before}{seen} end")


def test_letters_between_marks_are_no_pile():
    assert fold("a\u0323" * 1000) == "ạ" * 1000
    assert fold("!" * 1000 + "e\u0301") == "!" * 1000 + "é"


@pytest.mark.parametrize("count", [10_000, 65_000])
@pytest.mark.parametrize("marks", ["\u0301", "\u0323\u0301", "\u0301\u200b\u0323"])
def test_pile_of_marks_takes_little_time(marks, count):
    """Normalising one of 65,000 takes six seconds."""
    text = ("a" + marks * count)[:count]
    started = time.thread_time()
    folded = fold(text)
    assert time.thread_time() - started < 0.1
    assert highest_pile(folded) <= MARKS
    assert len(folded) <= MARKS + 1


def test_text_is_folded_once():
    text = "Heat HELPED\u200b my back"
    assert fold(text) is fold(text) == "heat helped my back"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("!?.", []),
        ("Two words", ["two", "words"]),
        ("don't don’t 'quoted'", ["don't", "don’t", "quoted"]),
        ("snake_case x2", ["snake", "case", "x2"]),
        ("été", ["été"]),
        ("赌", ["赌"]),
        ("赌场很", ["赌场", "场很"]),
        ("オンラインcasino紹介", ["オン", "ンラ", "ライ", "イン", "casino", "紹介"]),
        ("카지노 2", ["카지", "지노", "2"]),
        ("a赌场2", ["a", "赌场", "2"]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("a", "Latin"),
        ("ß", "Latin"),
        ("ế", "Latin"),
        ("ω", "Greek"),
        ("ἀ", "Greek"),
        ("ж", "Cyrillic"),
        ("א", "Hebrew"),
        ("ع", "Arabic"),
        ("ह", "Indic"),
        ("ก", "Thai"),
        ("ქ", "Georgian"),
        ("한", "Hangul"),
        ("の", "Kana"),
        ("赌", "Han"),
        ("\U00020000", "Han"),
        ("ա", "other"),
        ("𝐂", "other"),
    ],
)
def test_script_of_a_letter(char, name):
    assert script(char) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("12 !", []),
        ("ab 12", [("Latin", 2)]),
        ("жж a!", [("Cyrillic", 2), ("Latin", 1)]),
        ("a жж", [("Cyrillic", 2), ("Latin", 1)]),
    ],
)
def test_scripts_are_counted_the_most_frequent_first(text, expected):
    assert list(scripts(Counter(text)).items()) == expected


@pytest.mark.parametrize(
    ("char", "expected"), [("赌", True), ("の", True), ("ก", True), ("한", True), ("a", False)]
)
def test_scripts_without_spaces(char, expected):
    assert is_unspaced(char) is expected


def test_script_without_spaces_is_found_by_its_ranges_alone():
    edges = {point + step for span in UNSPACED for point in span for step in (-1, 0, 1)}
    asked = edges | set(range(0x3000)) | {sys.maxunicode}
    unspaced = {point for first, last in UNSPACED for point in range(first, last + 1)}
    assert {point for point in asked if is_unspaced(chr(point))} == asked & unspaced
