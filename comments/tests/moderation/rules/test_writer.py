import dataclasses

import pytest

from comments.moderation.rules.writer import (
    email,
    honeypot,
    known_commenter,
    looks_random,
    name,
    name_and_website,
    sender,
    signature,
    website,
    website_host,
)
from comments.moderation.types import CommenterRecord, Finding

from ..facts import background, numbered, submission

# "Ada", "Lovelace" and the like stand in no table, or in one of names.
KNOWN = background(
    {
        "cheap": (20, True),
        "car": (15, True),
        "insurance": (22, True),
        "online": (13, True),
        "quotes": (18, True),
        "ada": (25, False),
    }
)


def named(author_name, url=""):
    return {"author_name": author_name, "author_url": url, "background": KNOWN}


def at(url):
    return {"author_url": url}


NO_LINE = "no line of a few words below the text"

ROWS = [
    (known_commenter, {}, "unknown", "the writer has proved nothing"),
    (known_commenter, {"is_staff": True}, "staff", "a member of the staff"),
    (
        known_commenter,
        {"is_staff": True, "record": CommenterRecord(0, 5)},
        "staff",
        "a member of the staff",
    ),
    (
        known_commenter,
        {"record": CommenterRecord(0, 0)},
        "mixed",
        "earlier comments: 0 approved, 0 declined",
    ),
    (known_commenter, {"record": CommenterRecord(1, 0)}, "good", "earlier comments: 1 approved, 0 declined"),
    (known_commenter, {"record": CommenterRecord(9, 1)}, "mixed", "earlier comments: 9 approved, 1 declined"),
    (known_commenter, {"record": CommenterRecord(1, 1)}, "mixed", "earlier comments: 1 approved, 1 declined"),
    (known_commenter, {"record": CommenterRecord(1, 2)}, "bad", "earlier comments: 1 approved, 2 declined"),
    (sender, {"sender_verified": True}, "here", "sent from this site’s own form"),
    (honeypot, {"honeypot": ""}, "empty", "the hidden field is empty"),
    (honeypot, {"honeypot": " \n"}, "empty", "the hidden field is empty"),
    (
        honeypot,
        {"honeypot": "https://example.com/"},
        "filled",
        "the hidden field was filled in with “https://example.com/”",
    ),
    (
        honeypot,
        {"honeypot": f"<b>\n\u202eevil\x00 {'x' * 5000}"},
        "filled",
        "the hidden field was filled in with “<b> evil xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…”",
    ),
    (name, named(" \t"), "none", "no name"),
    (name, named("https://x"), "address", "the name “https://x” is an address"),
    (name, named("me@work"), "address", "the name “me@work” is an address"),
    (name, named("Best Pills.com"), "address", "the name “Best Pills.com” is an address"),
    (name, named("★ _ ★"), "signs", "the name “★ _ ★” has no letter"),
    (name, named("Ada xQzTrrk"), "random", "the name “Ada xQzTrrk” looks like random letters"),
    (
        name,
        named("Ada Car Insurance"),
        "words_2",
        "the name “Ada Car Insurance” is made of common words",
    ),
    (
        name,
        named("cheap car insurance"),
        "words_3",
        "the name “cheap car insurance” is made of common words",
    ),
    (
        name,
        named("cheap car insurance quotes"),
        "words_4",
        "the name “cheap car insurance quotes” is made of common words",
    ),
    (
        name,
        named("Cheap Car Insurance Quotes Online"),
        "words_4",
        "the name “Cheap Car Insurance Quotes Online” is made of common words",
    ),
    (name, named("insurance"), "word_lower_1", "the name “insurance” holds a common word"),
    (name, named("ada insurance"), "word_lower_2", "the name “ada insurance” holds a common word"),
    (name, named("ada of insurance"), "word_lower_3", "the name “ada of insurance” holds a common word"),
    (name, named("INSURANCE"), "word_upper_1", "the name “INSURANCE” holds a common word"),
    (name, named("ADA INSURANCE"), "word_upper_2", "the name “ADA INSURANCE” holds a common word"),
    (name, named("ADA K CHEAP"), "word_upper_3", "the name “ADA K CHEAP” holds a common word"),
    (name, named("Insurance"), "word_title_1", "the name “Insurance” holds a common word"),
    (name, named("Ada Insurance"), "word_title_2", "the name “Ada Insurance” holds a common word"),
    (name, named("Ada K. Insurance"), "word_title_3", "the name “Ada K. Insurance” holds a common word"),
    (name, named("ada1815"), "digits_lower", "the name “ada1815” holds digits"),
    (name, named("ADA 1815"), "digits_upper", "the name “ADA 1815” holds digits"),
    (name, named("Ada 1815"), "digits_title", "the name “Ada 1815” holds digits"),
    (name, named("ada"), "lower_1", "the name “ada”"),
    (name, named("ada lovelace"), "lower_2", "the name “ada lovelace”"),
    (name, named("ada king of lovelace"), "lower_3", "the name “ada king of lovelace”"),
    (name, named("婉如"), "lower_1", "the name “婉如”"),
    (name, named("JANE"), "upper_1", "the name “JANE”"),
    (name, named("ADA LOVELACE"), "upper_2", "the name “ADA LOVELACE”"),
    (name, named("ADA KING LOVELACE"), "upper_3", "the name “ADA KING LOVELACE”"),
    (name, named("ADA"), "title_1", "the name “ADA”"),
    (name, named("Ada Lovelace"), "title_2", "the name “Ada Lovelace”"),
    (name, named("Ada King Lovelace"), "title_3", "the name “Ada King Lovelace”"),
    (website, at(" "), "none", "no website"),
    (website, at("https://a.example"), "root", "the website is a site’s front page"),
    (website, at("https://a.example:8080/#top"), "root", "the website is a site’s front page"),
    (website, at("https://a.example/about/"), "page", "the website is a page 1 level deep"),
    (website, at("https://a.example/b/c/d.html"), "deep", "the website is a page 3 levels deep"),
    (website, at("https://a.example/?p=7"), "query", "the website is a page with a query"),
    (website_host, at(""), "none", "no website"),
    (website_host, at("https://www.ada.example/"), "short", "the website is at “www.ada.example”"),
    (
        website_host,
        at("https://shop.lovelacely.example"),
        "middle",
        "the website is at “shop.lovelacely.example”",
    ),
    (
        website_host,
        at("https://seventeenletters1"[:-1] + "s.co.uk/"),
        "long",
        "the website is at “seventeenletterss.co.uk”",
    ),
    (website_host, at("https://ada1815.example/"), "digits", "the website is at “ada1815.example”"),
    (website_host, at("https://ada-1815.example/"), "hyphen", "the website is at “ada-1815.example”"),
    (website_host, at("https://buy-it-now.example/"), "hyphens", "the website is at “buy-it-now.example”"),
    (name_and_website, named("Ada"), "none", "no name or no website to compare"),
    (name_and_website, named("Al", "https://al.example/"), "none", "no name or no website to compare"),
    (
        name_and_website,
        named("Ada", "https://babbage.example/ada"),
        "apart",
        "the website is not named like the writer",
    ),
    (
        name_and_website,
        named("Ada Insurance", "https://best-insurance.example/"),
        "keyword",
        "“insurance” is in the name and in the website",
    ),
    (
        name_and_website,
        named("Cheap Insurance", "https://cheapinsurance.example/"),
        "keywords",
        "“cheap” is in the name and in the website",
    ),
    (
        name_and_website,
        named("Ada Lovelace", "https://ADAlovelace.example/"),
        "same",
        "the website is named like the writer",
    ),
    (
        name_and_website,
        named("Ada Lovelace", "https://lovelace.example/"),
        "part",
        "the website is named like the writer",
    ),
    (email, {"author_email": " "}, "none", "no email address"),
    (email, {"author_email": "", "email_is_disposable": None}, "none", "no email address"),
    (email, {"email_is_disposable": True}, "disposable", "a disposable email address"),
    (email, {}, "usual", "an email address"),
    (email, at("https://other.example.com/"), "usual", "an email address"),
    (
        email,
        at("https://www.example.org/"),
        "own_domain",
        "an email address at the website’s domain",
    ),
    (signature, {"typed": "Heat helped."}, "none", NO_LINE),
    (signature, {"typed": "\n\nHeat helped.\n \n"}, "none", NO_LINE),
    (signature, {"typed": "Heat helped.\nIt really did."}, "none", NO_LINE),
    (signature, {"typed": "Heat helped.\n\nAda"}, "none", NO_LINE),
    (
        signature,
        {"typed": "Heat helped\na b c d e f g h"},
        "none",
        NO_LINE,
    ),
    (
        signature,
        {"typed": "Heat helped.\n\nBest online casino"},
        "foreign",
        "the last line is “Best online casino”",
    ),
    (
        signature,
        {"typed": "It helped.\nsore doctors casino"},
        "familiar",
        "the last line is “sore doctors casino”",
    ),
    (
        signature,
        {"typed": "Heat helped\nbest casino a b c d e"},
        "foreign",
        "the last line is “best casino a b c d e”",
    ),
    # An article without text has nothing to be familiar with; its title still counts.
    (
        signature,
        {"typed": "It helped.\ncold casino", "article_text": None},
        "familiar",
        "the last line is “cold casino”",
    ),
]
WEIGHTS = numbered(ROWS)


@pytest.mark.parametrize(("rule", "facts", "case", "detail"), ROWS)
def test_rule_answers(rule, facts, case, detail):
    points = WEIGHTS.points(rule.__name__, case)
    assert rule(submission(**facts), WEIGHTS) == Finding(rule.__name__, points, detail, case=case)


def test_signature_needs_no_table_of_words():
    facts = submission(typed="It helped.\n\nBest online casino", background=None)
    assert signature(facts, WEIGHTS) == signature(dataclasses.replace(facts, background=KNOWN), WEIGHTS)
    assert signature(facts, WEIGHTS).case == "foreign"


@pytest.mark.parametrize(
    "word",
    [
        *("xKqZrt", "bcdfghj", "QwErTy", "aXbYcc"),
        # Six consonants in a row, wherever they stand; five where they are the whole word.
        *("bcdfgh", "abcdfgha", "BCDfgh", "qwrtp", "Bcdfg"),
    ],
)
def test_letters_look_random(word):
    assert looks_random(word)


@pytest.mark.parametrize(
    "word",
    [
        *("", "Ada", "xkcd", "HTMLX", "GitHub", "McDonald", "Zwölfte", "казино", "abc123", "Szymański"),
        *("thanks", "months", "strength", "strengths", "Schmidt", "lengths", "Angstschweiß", "rhythm"),
        # Five consonants in a row within a word, and "y" is a vowel.
        *("abcdfg", "bcdfga", "bcdyfgh", "BCDFGH"),
    ],
)
def test_letters_do_not_look_random(word):
    assert not looks_random(word)
