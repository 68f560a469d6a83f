import pytest

from comments.moderation.rules.links import link_count, link_share, link_target, link_text, markup
from comments.moderation.types import Finding

from ..facts import numbered, submission

A, B = "https://a.example/", "https://b.example/page"

ROWS = [
    (link_count, {"links": ()}, "none", "no links"),
    (link_count, {"links": (A,)}, "one", "1 link"),
    (link_count, {"links": (A,) * 2}, "two", "2 links"),
    (link_count, {"links": (A,) * 3}, "three", "3 links"),
    (link_count, {"links": (A,) * 4}, "several", "4 links"),
    (link_count, {"links": (A,) * 9}, "several", "9 links"),
    (link_count, {"links": (A,) * 10}, "many", "10 links"),
    (link_count, {"links": (A,) * 5000}, "many", "5000 links"),
    (link_share, {"typed": ""}, "none", "no address in the text"),
    (link_share, {"typed": "see a.example or mailto:a@b.example"}, "none", "no address in the text"),
    (link_share, {"typed": f"{A} {'x' * 121}"}, "little", "13% of the text is addresses"),
    (link_share, {"typed": f"{A} {'x' * 101}"}, "part", "15% of the text is addresses"),
    (link_share, {"typed": f"{A} {'x' * 26}"}, "half", "40% of the text is addresses"),
    (link_share, {"typed": f"{A}{' ' * 100}"}, "all", "100% of the text is addresses"),
    (link_share, {"typed": f"{A} {'x' * 5}"}, "all", "75% of the text is addresses"),
    (link_share, {"typed": "WWW.example.com"}, "all", "100% of the text is addresses"),
    # What was typed counts, not what readers see of it.
    (link_share, {"body": f'<a href="{A}">x</a>', "text": "x"}, "half", "53% of the text is addresses"),
    (link_target, {"typed": "nothing"}, "none", "no link"),
    (link_target, {"typed": "call tel:12345"}, "odd_scheme", "an address that is not of the web"),
    (link_target, {"typed": "javascript:alert(1)"}, "odd_scheme", "an address that is not of the web"),
    (link_target, {"typed": "my data: two of three"}, "none", "no link"),
    (link_target, {"links": ("http://192.0.2.7/x",)}, "number", "a link to a bare number"),
    (link_target, {"links": (A, "http://3221225991/")}, "number", "a link to a bare number"),
    (link_target, {"links": ("http://[::1]:80/",)}, "number", "a link to a bare number"),
    (link_target, {"links": ("http://0xC0000207/",)}, "number", "a link to a bare number"),
    # A name may begin so too.
    (link_target, {"links": ("https://0x0.example/",)}, "one_site", "links to 1 site"),
    (
        link_target,
        {"links": (A, "https://www.BIT.ly/x")},
        "shortener",
        "a shortened link that hides where it leads",
    ),
    (
        link_target,
        {"author_url": "https://t.co/x"},
        "shortener",
        "a shortened link that hides where it leads",
    ),
    (
        link_target,
        {"author_url": "https://www.mine.example/", "links": (A, "https://shop.mine.example/x")},
        "own",
        "a link to the writer’s own site “mine.example”",
    ),
    (
        link_target,
        {"links": ("https://buy-cheap-pills.example/",)},
        "hyphens",
        "a link to a site named in keywords",
    ),
    (link_target, {"links": (A, "https://www.a.example/other")}, "one_site", "links to 1 site"),
    (link_target, {"links": (A, B)}, "sites", "links to 2 sites"),
    (link_target, {"author_url": B, "links": (A,)}, "one_site", "links to 1 site"),
    (link_target, {"typed": "buy at Example.com now"}, "bare", "the address “Example.com” without a link"),
    (link_target, {"typed": "e.g. this, or that.It ended"}, "bare", "the address “that.It” without a link"),
    (link_target, {"typed": "version 2.0.1 of file.txt"}, "none", "no link"),
    (link_text, {"typed": f"see {A}"}, "none", "no link written under words"),
    (link_text, {"typed": f'<a href="{A}">open'}, "none", "no link written under words"),
    (link_text, {"typed": f'<a href="{A}">docs</a>'}, "word", "a link under “docs”"),
    (
        link_text,
        {"typed": f'<A HREF="{A}" title="x">the  four\nwords here</A>'},
        "words",
        "a link under “the four words here”",
    ),
    (link_text, {"typed": f"[url={A}]cheap tablets[/URL]"}, "words", "a link under “cheap tablets”"),
    (
        link_text,
        {"typed": f'<a href="{A}">what I wrote about it</a>'},
        "long",
        "a link under “what I wrote about it”",
    ),
    (link_text, {"typed": f'<a href="{A}">{A}</a>'}, "address", "a link under “https://a.example/”"),
    (link_text, {"typed": f'<a href="{A}">cheap tablets </a>'}, "padded", "a link under “cheap tablets”"),
    (link_text, {"typed": f'<a href="{A}"> </a>'}, "empty", "a link under “”"),
    # The first one counts, and what is longer than any link's words is none.
    (link_text, {"typed": f'<a href="{A}">one</a> <a href="{B}">and two</a>'}, "word", "a link under “one”"),
    (link_text, {"typed": f'<a href="{A}">{"x" * 201}</a>'}, "none", "no link written under words"),
    (markup, {"typed": "a < b and [1] and [sic]"}, "none", "no link written in code"),
    (markup, {"typed": "<abbr>x</abbr>"}, "none", "no link written in code"),
    (markup, {"typed": '<A href="x">y</A>'}, "html", "a link written in HTML"),
    (markup, {"typed": "torn < / a >"}, "html", "a link written in HTML"),
    (markup, {"typed": "[URL=https://a.example]x[/URL]"}, "bbcode", "BBCode in the text"),
    (markup, {"typed": "[ / link ]"}, "bbcode", "BBCode in the text"),
    (markup, {"typed": "<a>x</a> [b]y[/b]"}, "both", "links written in HTML and in BBCode"),
]
WEIGHTS = numbered(ROWS)


@pytest.mark.parametrize(("rule", "facts", "case", "detail"), ROWS)
def test_rule_answers(rule, facts, case, detail):
    points = WEIGHTS.points(rule.__name__, case)
    assert rule(submission(**facts), WEIGHTS) == Finding(rule.__name__, points, detail, case=case)
