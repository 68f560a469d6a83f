import pytest

from comments.moderation.rules.orders import blocklist
from comments.moderation.types import BlocklistEntry, Finding, Outcome
from comments.moderation.weights import Weight, Weights

from ..facts import submission

WEIGHTS = Weights({"blocklist": {"none": Weight(1.0), "hold": Weight(2.0), "spam": Weight(3.0)}})

NOTHING_FOUND = Finding("blocklist", 1.0, "no entry of the blocklist was found", case="none")
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
            Finding(
                "blocklist",
                2.0,
                "always held: the word “casino” in the text",
                at_least=Outcome.HOLD,
                case="hold",
            ),
        ),
        (
            (CASINO,),
            {"author_name": "Best Casino"},
            Finding(
                "blocklist",
                2.0,
                "always held: the word “casino” in the name",
                at_least=Outcome.HOLD,
                case="hold",
            ),
        ),
        (
            (PILLS,),
            {"links": ("https://fine.example/", "https://pills.example/buy")},
            Finding(
                "blocklist",
                3.0,
                "always spam: the domain “pills.example” in the links",
                at_least=Outcome.SPAM,
                case="spam",
            ),
        ),
        (
            (PILLS,),
            {"author_url": "http://www.pills.example"},
            Finding(
                "blocklist",
                3.0,
                "always spam: the domain “pills.example” in the website",
                at_least=Outcome.SPAM,
                case="spam",
            ),
        ),
        (
            (PILLS,),
            {"author_email": "joe@mail.pills.example"},
            Finding(
                "blocklist",
                3.0,
                "always spam: the domain “pills.example” in the email address",
                at_least=Outcome.SPAM,
                case="spam",
            ),
        ),
        (
            (MALLORY,),
            {"author_email": " Mallory@EXAMPLE.net"},
            Finding(
                "blocklist",
                3.0,
                "always spam: the address “mallory@example.net” in the email address",
                at_least=Outcome.SPAM,
                case="spam",
            ),
        ),
        # Of several the hardest order decides, wherever it stands.
        (
            (CASINO, PILLS),
            {"text": "Casino", "author_url": "http://pills.example/"},
            Finding(
                "blocklist",
                3.0,
                "always spam: the domain “pills.example” in the website, and 1 more entry",
                at_least=Outcome.SPAM,
                case="spam",
            ),
        ),
        (
            (CASINO, BlocklistEntry("word", "roulette", "hold"), BlocklistEntry("word", "bets", "hold")),
            {"text": "roulette, bets, casino"},
            Finding(
                "blocklist",
                2.0,
                "always held: the word “casino” in the text, and 2 more entries",
                at_least=Outcome.HOLD,
                case="hold",
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


@pytest.mark.parametrize(
    ("network", "address", "found"),
    [
        ("192.0.2.0/24", "192.0.2.0", True),
        (" 192.0.0.0/16 ", "192.0.2.0", True),
        ("192.0.2.7/24", "192.0.2.0", True),
        ("192.0.2.0", "192.0.2.0", True),
        ("2001:db8::/32", "2001:db8:1::", True),
        ("192.0.3.0/24", "192.0.2.0", False),
        ("2001:db8::/32", "192.0.2.0", False),
        ("::/0", "192.0.2.0", False),
        ("192.0.2.0/24", None, False),
        ("192.0.2.0/24", "", False),
        ("no network", "192.0.2.0", False),
        ("", "192.0.2.0", False),
    ],
)
def test_network_is_found(network, address, found):
    facts = submission(address=address, blocklist=(BlocklistEntry("network", network, "spam"),))
    expected = Finding(
        "blocklist",
        3.0,
        f"always spam: the network “{network.strip()}” in the network address",
        at_least=Outcome.SPAM,
        case="spam",
    )
    assert blocklist(facts, WEIGHTS) == (expected if found else NOTHING_FOUND)
