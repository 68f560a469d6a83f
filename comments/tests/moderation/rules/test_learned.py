import itertools

import pytest

from comments.moderation.pipeline import PRIOR, SPAM_AT
from comments.moderation.rules.learned import CAP, SHARE_CAP, site_share, site_words, words
from comments.moderation.types import Finding, SiteShare
from comments.moderation.weights import Weights
from comments.moderation.words import Opinion

from ..facts import submission

NO_WEIGHTS = Weights({})
SILENT = "no word that says anything"
CASINO = Opinion(10.0, (("casino", 7.4), ("bonus", 3.6), ("heat", -1.0)))
HEAT = Opinion(-10.0, (("heat", -10.0),))
MANY = Opinion(600.0, tuple((f"w{number}", 100.0) for number in range(9)))

ROWS = [
    (words, {"words": Opinion(0.0)}, Finding("words", 0.0, SILENT, case="none")),
    (
        words,
        {"words": Opinion(0.45, (("a", 0.4), ("b", -0.5)))},
        Finding("words", 0.45, "“b” -0", case="none"),
    ),
    # Bent towards the cap: 10 / (1 + (10 / 26)⁴)^¼.
    (words, {"words": CASINO}, Finding("words", 9.95, "“casino” +7; “bonus” +4; “heat” -1", case="against")),
    (words, {"words": Opinion(1.2, (("a", 1.2),))}, Finding("words", 1.2, "“a” +1", case="against")),
    (words, {"words": HEAT}, Finding("words", -9.95, "“heat” -10", case="for")),
    (
        words,
        {"words": MANY},
        Finding(
            "words",
            26.0,
            "“w0” +100; “w1” +100; “w2” +100; “w3” +100; “w4” +100; “w5” +100",
            case="against",
        ),
    ),
    (words, {"words": Opinion(-1e9)}, Finding("words", -26.0, SILENT, case="for")),
    (site_words, {"site_words": Opinion(0.0)}, Finding("site_words", 0.0, SILENT, case="none")),
    # Bent towards a cap of its own: 10 / (1 + (10 / 14)⁴)^¼, and as far as it goes.
    (
        site_words,
        {"site_words": CASINO},
        Finding("site_words", 9.40, "“casino” +7; “bonus” +4; “heat” -1", case="against"),
    ),
    # Beside words that speak the same way there is less room below the cap of both.
    (
        site_words,
        {"site_words": CASINO, "words": CASINO},
        Finding("site_words", 8.21, "“casino” +7; “bonus” +4; “heat” -1", case="against"),
    ),
    # An editor's decisions take back what the base model says.
    (
        site_words,
        {"site_words": Opinion(-5.0, HEAT.words), "words": CASINO},
        Finding("site_words", -4.77, "“heat” -10", case="for"),
    ),
    (
        site_words,
        {"site_words": CASINO, "words": None},
        Finding("site_words", 9.40, "“casino” +7; “bonus” +4; “heat” -1", case="against"),
    ),
    # What speaks for a writer anybody can type: it goes less far.
    (site_words, {"site_words": Opinion(-600.0)}, Finding("site_words", -7.98, SILENT, case="for")),
    (site_words, {"site_words": Opinion(600.0)}, Finding("site_words", 13.72, SILENT, case="against")),
    (
        site_share,
        {"site_share": SiteShare(0.0, 0.0)},
        Finding("site_share", 0.0, "nothing was decided on this site yet", case="none"),
    ),
    (
        site_share,
        {"site_share": SiteShare(0.4, 0.5)},
        Finding("site_share", 0.0, "nothing was decided on this site yet", case="none"),
    ),
    (
        site_share,
        {"site_share": SiteShare(1.0, 0.0)},
        Finding("site_share", 0.16, "100% of what editors decided here was spam", case="counted"),
    ),
    # The share for which the prior is right.
    (
        site_share,
        {"site_share": SiteShare(27.0, 73.0)},
        Finding("site_share", 0.0, "27% of what editors decided here was spam", case="counted"),
    ),
    # (20 + 27) of (20 + 100): odds of 0.644, instead of 0.370.
    (
        site_share,
        {"site_share": SiteShare(20.0, 0.0)},
        Finding("site_share", 2.41, "100% of what editors decided here was spam", case="counted"),
    ),
    # 27 of 150: odds of 0.220.
    (
        site_share,
        {"site_share": SiteShare(0.0, 50.0)},
        Finding("site_share", -2.27, "0% of what editors decided here was spam", case="counted"),
    ),
    # However much was decided, it has a limit.
    (
        site_share,
        {"site_share": SiteShare(50.0, 0.0)},
        Finding("site_share", 3.0, "100% of what editors decided here was spam", case="counted"),
    ),
    (
        site_share,
        {"site_share": SiteShare(1e9, 1.0)},
        Finding("site_share", 3.0, "100% of what editors decided here was spam", case="counted"),
    ),
    (
        site_share,
        {"site_share": SiteShare(0.0, 1e9)},
        Finding("site_share", -3.0, "0% of what editors decided here was spam", case="counted"),
    ),
]


@pytest.mark.parametrize(("rule", "facts", "expected"), ROWS)
def test_rule_answers(rule, facts, expected):
    assert rule(submission(**facts), NO_WEIGHTS) == expected


@pytest.mark.parametrize(
    ("base", "site"),
    list(
        itertools.product(
            [None, 0.0, 1.0, 9.37, -9.37, 18.0, 1e3, -1e3, 1e300], [0.0, 3.0, 9.91, 40.0, -40.0, 1e300]
        )
    ),
)
def test_words_of_both_kinds_share_one_cap(base, site):
    facts = submission(words=None if base is None else Opinion(base), site_words=Opinion(site))
    findings = [rule(facts, NO_WEIGHTS) for rule in (words, site_words)]
    # Each of the two is rounded to hundredths.
    assert abs(sum(finding.points for finding in findings)) <= CAP + 0.01


def test_words_alone_never_make_spam():
    assert PRIOR + CAP + 0.01 < SPAM_AT


@pytest.mark.parametrize(
    ("spam", "good"), list(itertools.product([0.0, 1.0, 33.0, 1e3, 1e12], [0.0, 1.0, 67.0, 1e3, 1e12]))
)
def test_share_of_spam_has_a_cap_either_way(spam, good):
    finding = site_share(submission(site_share=SiteShare(spam, good)), NO_WEIGHTS)
    assert abs(finding.points) <= SHARE_CAP


def test_finding_quotes_words_without_what_hides_them():
    facts = submission(words=Opinion(5.0, (("ca\u202esi\x00no" + "x" * 50, 5.0),)))
    assert words(facts, NO_WEIGHTS).detail == f"“ca si no{'x' * 31}…” +5"


@pytest.mark.parametrize(
    "credit",
    [
        *("heat", "ada (name)", "pills.example (website)", "www.pills.example (address)"),
        *(
            credit
            for credit in ("http://casino (name)", "ann / casino (name)", "~ada~ (name)", "[::1] (address)")
        ),
    ],
)
def test_credit_of_the_base_model_is_shown_as_it_is(credit):
    facts = submission(words=Opinion(5.0, ((credit, 5.0),)))
    assert words(facts, NO_WEIGHTS).detail == f"“{credit}” +5"
