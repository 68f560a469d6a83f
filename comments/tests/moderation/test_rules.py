import dataclasses
import math
from pathlib import Path

import pytest

from comments.moderation.rules import (
    RULES,
    blocklist,
    honeypot,
    known_commenter,
    link_count,
    repeated_text,
    sender,
    website,
)
from comments.moderation.types import BlocklistEntry, CommenterRecord, Finding, Outcome, Submission
from comments.moderation.weights import DEFAULT, Weights

# Round numbers of the tests' own, so that a better measurement changes no test.
WEIGHTS = Weights(
    honeypot=30.0,
    link_count=(-1.0, 1.0, 2.0, 3.0, 4.0),
    website=5.0,
    no_website=-5.0,
    repeated_text=(0.0, 6.0, 7.0, 8.0),
    repeated_short_text=(0.0, 0.1, 0.2, 0.3),
    staff=-50.0,
    known_good=-20.0,
    known_bad=20.0,
    blocklist_hold=9.0,
    blocklist_spam=90.0,
)

HARMLESS = Submission(
    author_name="Ada",
    author_email="ada@example.org",
    author_url="",
    text="Heat helped my back more than the cold packs did.",
    links=(),
    honeypot="",
    is_staff=False,
    sender_verified=True,
    record=None,
    repeats=0,
    blocklist=(),
)


def submission(**facts):
    return dataclasses.replace(HARMLESS, **facts)


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        (honeypot, {"honeypot": ""}, Finding("honeypot", 0.0, "the hidden field is empty")),
        (honeypot, {"honeypot": " \n"}, Finding("honeypot", 0.0, "the hidden field is empty")),
        (
            honeypot,
            {"honeypot": "https://example.com/"},
            Finding("honeypot", 30.0, "the hidden field was filled in with “https://example.com/”"),
        ),
        (
            honeypot,
            {"honeypot": f"<b>\n\u202eevil\x00 {'x' * 5000}"},
            Finding(
                "honeypot",
                30.0,
                "the hidden field was filled in with “<b> evil xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…”",
            ),
        ),
        (sender, {"sender_verified": True}, Finding("sender", 0.0, "sent from this site’s own form")),
        (
            sender,
            {"sender_verified": None},
            Finding("sender", 0.0, "the browser did not say where the form was sent from", evaluated=False),
        ),
        (
            sender,
            {"sender_verified": False},
            Finding("sender", 0.0, "the browser did not say where the form was sent from", evaluated=False),
        ),
        (link_count, {"links": ()}, Finding("link_count", -1.0, "no links")),
        (link_count, {"links": ("https://a.example/",)}, Finding("link_count", 1.0, "1 link")),
        (link_count, {"links": ("https://a.example/",) * 3}, Finding("link_count", 3.0, "3 links")),
        (link_count, {"links": ("https://a.example/",) * 4}, Finding("link_count", 4.0, "4 links")),
        (link_count, {"links": ("https://a.example/",) * 50}, Finding("link_count", 4.0, "50 links")),
        (website, {"author_url": " "}, Finding("website", -5.0, "no website")),
        (website, {"author_url": "https://a.example/"}, Finding("website", 5.0, "a website is given")),
        (
            repeated_text,
            {"repeats": None},
            Finding("repeated_text", 0.0, "equal comments could not be looked up", evaluated=False),
        ),
        (repeated_text, {"repeats": 0}, Finding("repeated_text", 0.0, "no other comment has this text")),
        (repeated_text, {"repeats": 1}, Finding("repeated_text", 6.0, "same text in 1 other comment")),
        (repeated_text, {"repeats": 3}, Finding("repeated_text", 8.0, "same text in 3 other comments")),
        (repeated_text, {"repeats": 90}, Finding("repeated_text", 8.0, "same text in 90 other comments")),
        (
            repeated_text,
            {"repeats": 0, "text": "Thanks!"},
            Finding("repeated_text", 0.0, "no other comment has this text"),
        ),
        (
            repeated_text,
            {"repeats": 90, "text": f"Thanks!{' ' * 20}"},
            Finding("repeated_text", 0.3, "same text in 90 other comments, but it is short"),
        ),
        (
            repeated_text,
            {"repeats": 1, "text": "x" * 19},
            Finding("repeated_text", 0.1, "same text in 1 other comment, but it is short"),
        ),
        (
            repeated_text,
            {"repeats": 1, "text": "x" * 20},
            Finding("repeated_text", 6.0, "same text in 1 other comment"),
        ),
        (known_commenter, {}, Finding("known_commenter", 0.0, "the writer has proved nothing")),
        (known_commenter, {"is_staff": True}, Finding("known_commenter", -50.0, "a member of the staff")),
        (
            known_commenter,
            {"record": CommenterRecord(approved=0, declined=0)},
            Finding("known_commenter", 0.0, "earlier comments: 0 approved, 0 declined"),
        ),
        (
            known_commenter,
            {"record": CommenterRecord(approved=1, declined=0)},
            Finding("known_commenter", -20.0, "earlier comments: 1 approved, 0 declined"),
        ),
        (
            known_commenter,
            {"record": CommenterRecord(approved=9, declined=1)},
            Finding("known_commenter", 0.0, "earlier comments: 9 approved, 1 declined"),
        ),
        (
            known_commenter,
            {"record": CommenterRecord(approved=1, declined=1)},
            Finding("known_commenter", 0.0, "earlier comments: 1 approved, 1 declined"),
        ),
        (
            known_commenter,
            {"record": CommenterRecord(approved=1, declined=2)},
            Finding("known_commenter", 20.0, "earlier comments: 1 approved, 2 declined"),
        ),
    ],
)
def test_rule_answers(rule, facts, expected):
    assert rule(submission(**facts), WEIGHTS) == expected


NOTHING_FOUND = Finding("blocklist", 0.0, "no entry of the blocklist was found")
CASINO = BlocklistEntry("word", "casino", "hold")
PILLS = BlocklistEntry("domain", "pills.example", "spam")
MALLORY = BlocklistEntry("address", "mallory@example.net", "spam")


@pytest.mark.parametrize(
    ("entries", "facts", "expected"),
    [
        (
            None,
            {},
            Finding("blocklist", 0.0, "the blocklist could not be read", evaluated=False),
        ),
        ((), {}, NOTHING_FOUND),
        ((CASINO, PILLS, MALLORY), {}, NOTHING_FOUND),
        (
            (CASINO,),
            {"text": "My Casino."},
            Finding("blocklist", 9.0, "always held: the word “casino” in the text", at_least=Outcome.HOLD),
        ),
        (
            (CASINO,),
            {"author_name": "Best Casino"},
            Finding("blocklist", 9.0, "always held: the word “casino” in the name", at_least=Outcome.HOLD),
        ),
        (
            (PILLS,),
            {"links": ("https://fine.example/", "https://pills.example/buy")},
            Finding(
                "blocklist",
                90.0,
                "always spam: the domain “pills.example” in the links",
                at_least=Outcome.SPAM,
            ),
        ),
        (
            (PILLS,),
            {"author_url": "http://www.pills.example"},
            Finding(
                "blocklist",
                90.0,
                "always spam: the domain “pills.example” in the website",
                at_least=Outcome.SPAM,
            ),
        ),
        (
            (PILLS,),
            {"author_email": "joe@mail.pills.example"},
            Finding(
                "blocklist",
                90.0,
                "always spam: the domain “pills.example” in the email address",
                at_least=Outcome.SPAM,
            ),
        ),
        (
            (MALLORY,),
            {"author_email": " Mallory@EXAMPLE.net"},
            Finding(
                "blocklist",
                90.0,
                "always spam: the address “mallory@example.net” in the email address",
                at_least=Outcome.SPAM,
            ),
        ),
        # Of several the hardest order decides, wherever it stands.
        (
            (CASINO, PILLS),
            {"text": "Casino", "author_url": "http://pills.example/"},
            Finding(
                "blocklist",
                90.0,
                "always spam: the domain “pills.example” in the website, and 1 more entry",
                at_least=Outcome.SPAM,
            ),
        ),
        (
            (CASINO, BlocklistEntry("word", "roulette", "hold"), BlocklistEntry("word", "bets", "hold")),
            {"text": "roulette, bets, casino"},
            Finding(
                "blocklist",
                9.0,
                "always held: the word “casino” in the text, and 2 more entries",
                at_least=Outcome.HOLD,
            ),
        ),
    ],
)
def test_blocklist_answers(entries, facts, expected):
    assert blocklist(submission(blocklist=entries, **facts), WEIGHTS) == expected


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("press", "PRESS!"),
        ("press", "WordPress, but also press_release"),
        ("cheap pills", "so cheap\n \t pills here"),
        ("  Cheap   Pills ", "cheap pills"),
        ("STRASSE", "Straße"),
        ("été", "l’e\u0301te\u0301"),
        ("ΟΔΟΣ", "οδος"),
        ("казино", "Онлайн-КАЗИНО!"),
        ("casino", "ca\u200bsi\u00adno"),
        ("casino", "ｃａｓｉｎｏ 𝐂𝐀𝐒𝐈𝐍𝐎"),
        ("हिन्दी", "मैं हिन्दी बोलता"),
        ("c++", "I write C++."),
        ("$$$", "earn $$$now"),
        # Scripts without spaces, and other scripts in their midst.
        ("カジノ", "オンラインカジノで遊ぶ"),
        ("ｶｼﾞﾉ", "オンラインカジノで遊ぶ"),
        ("赌场", "最好的在线赌场网站"),
        ("คาสิโน", "เว็บคาสิโนออนไลน์"),
        ("카지노", "카지노는"),
        ("casino", "オンラインcasino紹介"),
        ("a" + "\u0301" * 100, "a" + "\u0301" * 200),
    ],
)
def test_word_is_found(word, text):
    entries = (BlocklistEntry("word", word, "spam"),)
    assert blocklist(submission(text=text, blocklist=entries), WEIGHTS).at_least == Outcome.SPAM


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("press", "WordPress and express"),
        ("press", "pressing"),
        ("press", "presse\u0301"),
        ("press", "press2"),
        ("cheap pills", "cheap, pills"),
        ("हिन", "हिन्दी"),
        ("24", "2024"),
        ("", "anything"),
        (" \u200b", "anything at all"),
    ],
)
def test_word_is_not_found(word, text):
    entries = (BlocklistEntry("word", word, "spam"),)
    assert blocklist(submission(text=text, blocklist=entries), WEIGHTS) == NOTHING_FOUND


@pytest.mark.parametrize(
    ("domain", "address"),
    [
        ("example.com", "http://example.com"),
        ("example.com", "https://www.example.com/path?query#fragment"),
        ("example.com", "https://a.b.EXAMPLE.com.:8080/"),
        ("example.com", "https://user:secret@example.com"),
        ("example.com", r"http:\\example.com\path"),
        ("example.com", "//example.com/"),
        ("example.com", "example.com/path"),
        ("example.com", "mailto:someone@example.com?subject=hello"),
        ("example.com", "https://ex%61mple.com/"),
        ("example.com", "https://example。com/"),
        ("EXAMPLE.com ", "https://example.com/"),
        ("https://www.example.com/page", "https://example.com/"),
        ("*.example.com", "https://example.com/"),
        (".example.com", "https://example.com/"),
        ("bücher.example", "https://xn--bcher-kva.example/"),
        ("xn--bcher-kva.example", "https://BÜCHER.example/"),
        ("xn--strae-oqa.example", "https://straße.example/"),
        ("xn--99zzzzz99999999.example", "https://xn--99zzzzz99999999.example/"),
        ("[::1]", "http://[::1]:8000/"),
    ],
)
def test_domain_is_found(domain, address):
    entries = (BlocklistEntry("domain", domain, "spam"),)
    for facts in ({"links": (address,)}, {"author_url": address}):
        assert blocklist(submission(blocklist=entries, **facts), WEIGHTS).at_least == Outcome.SPAM


@pytest.mark.parametrize(
    ("domain", "address"),
    [
        ("example.com", "https://notexample.com/"),
        ("example.com", "https://example.com.au/"),
        ("example.com", "https://other.example/example.com"),
        ("example.com", "https://other.example/?u=https://example.com"),
        ("example.com", "https://example.com@other.example/"),
        ("www.example.com", "https://shop.example.org/"),
        ("a.example.com", "https://example.com/"),
        ("", "https://example.com/"),
        ("https://", ""),
        ("example.com", "https://[broken"),
    ],
)
def test_domain_is_not_found(domain, address):
    entries = (BlocklistEntry("domain", domain, "spam"),)
    assert blocklist(submission(links=(address,), blocklist=entries), WEIGHTS) == NOTHING_FOUND


@pytest.mark.parametrize(
    ("address", "email"),
    [("mallory@example.net", "mallory@example.net.example"), ("mallory@example.net", ""), (" ", "")],
)
def test_address_is_not_found(address, email):
    entries = (BlocklistEntry("address", address, "spam"),)
    assert blocklist(submission(author_email=email, blocklist=entries), WEIGHTS) == NOTHING_FOUND


def test_blocklist_does_not_look_for_domains_in_the_text():
    facts = submission(text="See pills.example", blocklist=(PILLS,))
    assert blocklist(facts, WEIGHTS) == NOTHING_FOUND


def test_blocklist_refuses_an_unknown_kind():
    facts = submission(blocklist=(BlocklistEntry("regex", ".*", "spam"),))
    with pytest.raises(ValueError, match="regex"):
        blocklist(facts, WEIGHTS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_finding_bears_the_name_of_its_rule(rule):
    finding = rule(HARMLESS, DEFAULT)
    assert finding.rule == rule.__name__
    assert finding.detail


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_is_described_in_the_documentation(rule):
    page = Path(__file__).parents[3] / "docs" / "moderation.md"
    assert f"\n### {rule.__name__}\n" in page.read_text(encoding="utf-8")


def test_names_of_rules_are_unique():
    assert len({rule.__name__ for rule in RULES}) == len(RULES)


def test_finding_that_was_not_evaluated_has_no_points():
    assert Finding.not_evaluated("rule", "why") == Finding("rule", 0.0, "why", evaluated=False)
    with pytest.raises(ValueError, match="was not evaluated"):
        Finding("rule", 1.0, "why", evaluated=False)


@pytest.mark.parametrize("points", [math.nan, math.inf, -math.inf])
def test_finding_has_finite_points(points):
    with pytest.raises(ValueError, match="not finite"):
        Finding("rule", points, "why")


@pytest.mark.parametrize(
    ("record", "good", "bad"),
    [
        (CommenterRecord(0, 0), False, False),
        (CommenterRecord(1, 0), True, False),
        (CommenterRecord(2, 1), False, False),
        (CommenterRecord(0, 1), False, True),
    ],
)
def test_record_is_good_or_bad(record, good, bad):
    assert (record.is_good, record.is_bad) == (good, bad)
    assert submission(record=record).is_trusted == good


def test_every_number_of_the_weights_has_its_steps():
    for steps in (DEFAULT.link_count, DEFAULT.repeated_text, DEFAULT.repeated_short_text):
        assert list(steps) == sorted(steps)
    assert DEFAULT.repeated_text[0] == DEFAULT.repeated_short_text[0] == 0
    assert max(DEFAULT.repeated_short_text) <= 3 < min(DEFAULT.repeated_text[1:])
