import pytest

from comments.moderation.rules.style import (
    asides,
    capitals,
    conversation,
    digits,
    disguise,
    ending,
    exclamations,
    language,
    length,
    lines,
    pictures,
    punctuation,
    random_words,
    technical,
    variety,
    voice,
)
from comments.moderation.types import Finding

from ..facts import numbered, submission

A = "https://a.example/"
ENGLISH = (
    "Some treat a sore back with heat, others with cold. We asked ten doctors what helps, and how they would "
    "tell the difference between a strained muscle and something that needs their attention."
)


def typed(text, **facts):
    return {"typed": text} | facts


def under(article, text):
    return {"article_text": article, "typed": text}


def spread(sign, letters):
    """Put one sign of a kind at the end of so many letters."""
    return f"{'ab ' * (letters // 2)}{sign}"


ROWS = [
    (lines, typed(""), "one", "no lines"),
    (lines, typed("one\n \n"), "one", "1 line"),
    (lines, typed("one\n\ntwo"), "two", "2 lines"),
    (lines, typed("a\nb\nc"), "few", "3 lines"),
    (lines, typed("a\nb\nc\nd\ne"), "few", "5 lines"),
    (lines, typed("a\nb\nc\nd\ne\nf"), "many", "6 lines"),
    (lines, typed("word " * 60), "one", "1 line"),
    (lines, typed("word " * 61), "one_long", "1 line"),
    (lines, typed("word " * 61 + "\nword"), "two_long", "2 lines"),
    (lines, typed("word " * 61 + "\na\nb"), "few_long", "3 lines"),
    (lines, typed("word " * 61 + "\na" * 5), "many_long", "6 lines"),
    (length, typed(""), "none", "no words"),
    (length, typed(f"{A} <b> [url]"), "none", "no words"),
    (length, typed("word"), "to_3", "1 word"),
    (length, typed("word " * 3), "to_3", "3 words"),
    (length, typed("word " * 4), "to_8", "4 words"),
    (length, typed("word " * 8), "to_8", "8 words"),
    (length, typed("word " * 9), "to_16", "9 words"),
    (length, typed("word " * 17), "to_30", "17 words"),
    (length, typed("word " * 31), "to_60", "31 words"),
    (length, typed("word " * 61), "to_120", "61 words"),
    (length, typed("word " * 121), "to_250", "121 words"),
    (length, typed("word " * 250), "to_250", "250 words"),
    (length, typed("word " * 251), "more", "251 words"),
    (length, typed("赌场很好"), "to_3", "3 words"),
    (variety, typed("one two " * 5), "short", "too few words to say"),
    (variety, typed("a bc def " * 4), "repeating_short", "25% of the words differ; they have 2.0 letters"),
    (variety, typed("some more " * 6), "repeating_middle", "17% of the words differ; they have 4.0 letters"),
    (variety, typed("writing " * 12), "repeating_long", "8% of the words differ; they have 7.0 letters"),
    (
        variety,
        typed("a b c d e f g h i i i i"),
        "usual_short",
        "75% of the words differ; they have 1.0 letters",
    ),
    (
        variety,
        typed(" ".join(f"abc{sign}" for sign in "abcdefghiiii")),
        "usual_middle",
        "75% of the words differ; they have 4.0 letters",
    ),
    (
        variety,
        typed(" ".join(f"abcd{sign}" for sign in "abcdefghiiii")),
        "usual_long",
        "75% of the words differ; they have 5.0 letters",
    ),
    (
        variety,
        typed("a b c d e f g h i j k l"),
        "varied_short",
        "100% of the words differ; they have 1.0 letters",
    ),
    (
        variety,
        typed(" ".join(f"abc{sign}" for sign in "abcdefghijkl")),
        "varied_middle",
        "100% of the words differ; they have 4.0 letters",
    ),
    (
        variety,
        typed(" ".join(f"abcd{sign}" for sign in "abcdefghijkl")),
        "varied_long",
        "100% of the words differ; they have 5.0 letters",
    ),
    (capitals, typed("Abcdefg 12345678"), "short", "too few letters to say"),
    (capitals, typed("no capitals here"), "none", "0% of the letters are capitals"),
    (capitals, typed("赌场很好玩赌场很好玩"), "none", "0% of the letters are capitals"),
    (capitals, typed(f"small, then One{'e' * 17}"), "usual_lower_start", "3% of the letters are capitals"),
    (capitals, typed(f"A{'b' * 49}"), "few", "2% of the letters are capitals"),
    (capitals, typed(f"A{'b' * 19}"), "usual", "5% of the letters are capitals"),
    (capitals, typed("Every Word Begins"), "many", "20% of the letters are capitals"),
    (capitals, typed("SHOUTED aloud"), "shouting", "58% of the letters are capitals"),
    (punctuation, typed("Signs, as usual. Yes!"), "usual", "signs as usual"),
    (punctuation, typed("Nice post | \n"), "torn", "the text ends in a bar, as torn out of a template"),
    (punctuation, typed("either | or"), "usual", "signs as usual"),
    (punctuation, typed("one line,\nthen another\ngoes on"), "wrapped", "2 lines broken within a sentence"),
    (punctuation, typed("A list.\nof lines"), "usual", "signs as usual"),
    (punctuation, typed("Hello , you"), "spaced", "1 space before a sign"),
    (punctuation, typed("Hello , you !"), "spaced_often", "2 spaces before a sign"),
    (punctuation, typed("Hello,you"), "unspaced", "no space after a sign"),
    (punctuation, typed("It ended.Then"), "unspaced", "no space after a sign"),
    (punctuation, typed("file.txt and 1,000"), "usual", "signs as usual"),
    (ending, typed(""), "other", "no text"),
    (ending, typed(" \n"), "other", "no text"),
    (ending, typed(f"see {A}"), "address", "the text ends in an address"),
    (ending, typed(f"see {A} there"), "letter", "the text ends in “e”"),
    (ending, typed("Yes.\n"), "dot", "the text ends in “.”"),
    (ending, typed("Yes…"), "dot", "the text ends in “…”"),
    (ending, typed("Well.."), "dots", "the text ends in “.”"),
    (ending, typed("Yes!"), "exclamation", "the text ends in “!”"),
    (ending, typed("Yes?"), "question", "the text ends in “?”"),
    (ending, typed("(yes)"), "bracket", "the text ends in “)”"),
    (ending, typed("Yes,"), "comma", "the text ends in “,”"),
    (ending, typed("Yes:"), "other", "the text ends in “:”"),
    (ending, typed("Yes 👍"), "other", "the text ends in “👍”"),
    (ending, typed("in 2019"), "letter", "the text ends in “9”"),
    (exclamations, typed("Quiet."), "none", "no exclamation marks"),
    (exclamations, typed("Oh!"), "one", "1 exclamation mark"),
    (exclamations, typed("Oh!! Oh!"), "few", "3 exclamation marks"),
    (exclamations, typed("Oh!!!!"), "many", "4 exclamation marks"),
    (conversation, typed("Just so."), "none", "no question, no quotation"),
    (conversation, typed("Well, @ada is right"), "addressed", "speaks to somebody by name"),
    (conversation, typed("me@example.org"), "none", "no question, no quotation"),
    (conversation, typed("He said:\n\n \t> heat helps\nNo."), "quoting", "quotes a line"),
    (conversation, typed("a -> b > c"), "none", "no question, no quotation"),
    (conversation, typed("Does it?"), "question", "asks a question"),
    (conversation, typed(f"{A}?p=1"), "none", "no question, no quotation"),
    (conversation, typed("Is “heat” right?"), "question_quote", "asks a question"),
    (conversation, typed('The "heat" cure'), "quote", "a quotation"),
    (technical, typed("No signs."), "none", "no signs of code or asides"),
    (technical, typed(f"Yes (he {'x' * 200}"), "few", "1 sign of code or asides"),
    (technical, typed(f"Yes (he) {'x' * 60}"), "some", "2 signs of code or asides"),
    (technical, typed("Yes (he)"), "many", "2 signs of code or asides"),
    (technical, typed("call print() here"), "hint", "2 signs of code or asides"),
    (technical, typed("std::sort"), "hint", "no signs of code or asides"),
    (technical, typed("if (a) { b(); }"), "code", "7 signs of code or asides"),
    (voice, typed("Nothing of note."), "none", "no mark of a particular hand"),
    (voice, typed("So i think"), "small_i", "“i” in small letters"),
    (voice, typed("well, i’m sure"), "small_i", "“i” in small letters"),
    (voice, typed("e.g. i.e. this"), "none", "no mark of a particular hand"),
    (voice, typed("Right ;-)"), "smiley", "a smiley"),
    (voice, typed("It doesn't"), "short_forms", "short forms with an apostrophe"),
    (voice, typed("Well..."), "dots", "trailing dots"),
    (voice, typed("Well…"), "dots", "trailing dots"),
    (asides, typed("Well-known."), "none", "no aside"),
    (asides, typed("Yes (no)."), "bracket", "an aside"),
    (asides, typed("Yes -- no."), "dash", "an aside"),
    (asides, typed("Yes—no."), "dash", "an aside"),
    (asides, typed("Yes (no) – well."), "both", "an aside"),
    (digits, typed("None."), "none", "0% of the signs are digits"),
    (digits, typed(""), "none", "0% of the signs are digits"),
    (digits, typed(spread("1", 100)), "few", "1% of the signs are digits"),
    (digits, typed(spread("7", 18)), "some", "4% of the signs are digits"),
    (digits, typed("In 2019"), "many", "57% of the signs are digits"),
    (digits, typed("Call +1 (555) 010-9999 now"), "telephone", "a telephone number"),
    (digits, typed("Call 0049 30 1234567."), "telephone", "a telephone number"),
    (digits, typed("x0049301234567"), "telephone", "a telephone number"),
    (digits, typed("1234567890"), "telephone", "a telephone number"),
    (digits, typed("123456789"), "many", "100% of the signs are digits"),
    (digits, typed("1234567890a"), "many", "91% of the signs are digits"),
    (digits, typed("0012345678a but call 030 1234567"), "telephone", "a telephone number"),
    (digits, typed("It cost $ 5"), "money", "a sum of money"),
    (digits, typed("It cost 5€"), "money", "a sum of money"),
    (pictures, typed("None."), "none", "no emoji"),
    (pictures, typed("Nö."), "none", "no emoji"),
    (pictures, typed("👍👍👍"), "few", "3 emoji"),
    (pictures, typed("👍👍👍👍"), "many", "4 emoji"),
    (random_words, typed("Heat helped."), "none", "no word of random letters"),
    (random_words, typed("xKqZrt"), "one", "“xKqZrt” looks like random letters"),
    (random_words, typed("a bcdfghj, xKqZrt"), "few", "“bcdfghj” looks like random letters"),
    (random_words, typed("bcdfghj " * 4), "many", "“bcdfghj” looks like random letters"),
    (random_words, typed("https://a.example/xKqZrt"), "none", "no word of random letters"),
    (random_words, typed("Thanks, Schmidt; months of strength"), "none", "no word of random letters"),
    (language, under(ENGLISH, "123"), "none", "no letters to compare"),
    (language, {"article_title": "", **under("123", "Yes.")}, "none", "no letters to compare"),
    # An article may have a title alone.
    (language, {"article_title": "123", **under("", "Yes.")}, "none", "no letters to compare"),
    (language, under("", "True, and doctors differ"), "short", "too short to tell the language"),
    (
        language,
        {"article_title": "Kylmä vai lämpö?", **under(None, "Это верно.")},
        "script",
        "written in Cyrillic letters under an article in Latin",
    ),
    (
        language,
        {"article_title": ENGLISH, **under(None, ENGLISH)},
        "same_long",
        "spelled 100% like the article",
    ),
    (
        language,
        under(ENGLISH, "Это верно."),
        "script",
        "written in Cyrillic letters under an article in Latin",
    ),
    (language, under(ENGLISH, "True, doctors differ"), "short", "too short to tell the language"),
    (
        language,
        under(ENGLISH, "Kiitos hyvästä kirjoituksesta"),
        "foreign_brief",
        "spelled 0% like the article",
    ),
    (
        language,
        under(
            ENGLISH,
            "Kiitos hyvästä kirjoituksesta. Lämpö auttoi minuakin paljon paremmin kuin kylmä, mutta "
            "lepo auttoi vielä enemmän.",
        ),
        "foreign_long",
        "spelled 1% like the article",
    ),
    (
        language,
        under(ENGLISH, "My mother swore by heat, always"),
        "unlike_brief",
        "spelled 20% like the article",
    ),
    (
        language,
        under(
            ENGLISH,
            "My mother swore by hot water bottles, and I never knew why until my own spine began "
            "to ache after gardening.",
        ),
        "unlike_long",
        "spelled 16% like the article",
    ),
    (
        language,
        under(ENGLISH, "It is a strained muscle and I need rest"),
        "like_brief",
        "spelled 32% like the article",
    ),
    (
        language,
        under(
            ENGLISH,
            "I strained a muscle in the garden last summer, and nothing but hot water bottles "
            "helped me get through the night.",
        ),
        "like_long",
        "spelled 34% like the article",
    ),
    (
        language,
        under(ENGLISH, "I asked two doctors what helps the back"),
        "same_brief",
        "spelled 46% like the article",
    ),
    (language, under(ENGLISH, ENGLISH), "same_long", "spelled 100% like the article"),
    (disguise, typed("Plain."), "none", "no disguised letters"),
    (disguise, typed("Zwölf Übungen, Ελληνικά και русский"), "none", "no disguised letters"),
    (disguise, typed("very \u202egood"), "turning", "signs that turn the direction of the text"),
    (
        disguise,
        {"author_name": "A\u2067da"},
        "turning",
        "signs that turn the direction of the text",
    ),
    (disguise, typed("best c\u0430sino"), "mixed", "letters of several scripts in “cаsino”"),
    (disguise, typed("カジノcasino"), "none", "no disguised letters"),
    (disguise, typed("𝐂𝐀𝐒 now"), "fancy", "letters in fancy shapes"),
    (disguise, typed("𝐂𝐀 now"), "none", "no disguised letters"),
    (disguise, typed("ｃａｓｉｎｏ"), "fancy", "letters in fancy shapes"),
    # Korean laughter and Japanese names are written so without any trick.
    (disguise, typed("ㅋㅋㅋㅋ ㅠㅠ"), "none", "no disguised letters"),
    (disguise, typed("ca\u00adsi\u200bno"), "invisible", "invisible signs among the letters"),
    (disguise, typed("ca\u00adsino"), "none", "no disguised letters"),
    (disguise, typed("می\u200cخواهم نمی\u200cدانم 👨\u200d👩\u200d👧"), "none", "no disguised letters"),
]
WEIGHTS = numbered(ROWS)


@pytest.mark.parametrize(("rule", "facts", "case", "detail"), ROWS)
def test_rule_answers(rule, facts, case, detail):
    points = WEIGHTS.points(rule.__name__, case)
    assert rule(submission(**facts), WEIGHTS) == Finding(rule.__name__, points, detail, case=case)
