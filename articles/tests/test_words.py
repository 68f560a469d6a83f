import pytest

from articles.words import distance, fold, language_key, slips, spelling, stem, tokens


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en-us", "en"),
        ("de", "de"),
        ("pt_BR", "pt"),
        ("DE-AT", "de"),
        ("ja", ""),
        ("", ""),
        ("x-klingon", ""),
    ],
)
def test_language_is_the_part_of_its_code_that_has_stems(code, language):
    assert language_key(code) == language


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Back  spasms, 2 of_them!", ["back", "spasms", "2", "of", "them"]),
        ("the doctor’s l'eau don't", ["the", "doctor", "eau", "don"]),
        ("vitamin C", ["vitamin", "c"]),
        ("Straße ＡＢＣ ﬁne", ["strasse", "abc", "fine"]),
        ("co\u00adop\u00aderate", ["cooperate"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        # Where words touch, each two neighbouring signs.
        ("歩幅で測る", ["歩幅", "幅で", "で測", "測る"]),
        ("猫", ["猫"]),
        ("Tシャツ2", ["t", "シャ", "ャツ", "2"]),
        ("a\x00b \ud800 '' ’’", ["a", "b"]),
        ("w" * 100, ["w" * 40]),
    ],
)
def test_text_is_taken_apart_into_words(text, words):
    assert [word for _start, _end, word, _is_pair in tokens(text)] == words


def test_words_know_their_places():
    text = "Der Rücken, 歩幅"
    assert [text[start:end] for start, end, *_rest in tokens(text)] == ["Der", "Rücken", "歩幅"]


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["spasm", "spasms", "Spasmed"]),
        ("de", ["Rücken", "rücken"]),
        ("de", ["Haus", "Hauses"]),
        ("fr", ["continu", "continue", "continues"]),
        ("es", ["gato", "gatos"]),
        ("ru", ["спина", "спины", "спиной"]),
        ("ar", ["كتاب", "الكتاب"]),
        ("en", ["café", "cafe", "cafe\u0301"]),
        ("", ["Café", "cafe"]),
    ],
)
def test_forms_of_a_word_have_one_stem(language, forms):
    assert len({stem(fold(form), language) for form in forms}) == 1


def test_languages_without_stems_keep_their_forms_apart():
    assert stem("spasms", "") != stem("spasm", "")


@pytest.mark.parametrize(
    ("word", "listed"),
    [("spasm", "spasm"), ("café", "cafe"), ("the", None), ("b2b4", None), ("a" * 25, None), ("हिन्दी", None)],
)
def test_words_of_letters_are_listed_for_mistyped_ones(word, listed):
    assert spelling(word) == listed


@pytest.mark.parametrize(
    ("typed", "meant", "measure"),
    [
        ("back", "back", 0),
        ("bakc", "back", 0.8),
        ("bac", "back", 1),
        ("bback", "back", 0.8),
        ("beck", "back", 1),
        ("back", "bark", 1),
        ("acomodation", "accommodation", 1.6),
    ],
)
def test_distance_counts_slips(typed, meant, measure):
    assert distance(typed, meant) == pytest.approx(measure)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bakc", "back"),
        ("bac", "back"),
        ("backk", "back"),
        ("beck", "back"),
        ("acomodation", "accommodation"),
        ("tretment", "treatment"),
    ],
)
def test_words_one_slip_apart_have_something_left_in_common(typed, meant):
    assert slips(typed) & slips(meant)


def test_longest_word_has_few_slips():
    assert len(slips("abcdefghijklmnopqrstuvwx", depth=2)) < 320
