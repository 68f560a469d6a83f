"""What holds for all rules at once; what each one answers is asserted in a table in rules/."""

import dataclasses
import time
from pathlib import Path

import pytest

from comments.moderation import reading
from comments.moderation.pipeline import POLICIES, judge
from comments.moderation.rules import RULES
from comments.moderation.types import BlocklistEntry, Finding, Outcome
from comments.moderation.weights import DEFAULT

from .facts import submission
from .rules import test_history, test_links, test_relevance, test_style, test_writer

TABLES = (test_history, test_links, test_relevance, test_style, test_writer)
NAMES = [rule.__name__ for rule in RULES]
BY_NAME = dict(zip(NAMES, RULES, strict=True))

# What every rule that needs a fact says where it is missing.
NO_TABLE = "the table of common words could not be read"
NOT_LEARNED = "what this site has learned could not be read"
NO_ARTICLE = "the article has no text to compare with"
MISSING = [
    ("blocklist", {"blocklist": None}, "the blocklist could not be read"),
    ("sender", {"sender_verified": None}, "the browser did not say where the form was sent from"),
    ("sender", {"sender_verified": False}, "the browser did not say where the form was sent from"),
    ("name", {"background": None}, NO_TABLE),
    ("name_and_website", {"background": None, "author_url": "https://a.example/"}, NO_TABLE),
    ("email", {"email_is_disposable": None}, "the list of disposable addresses could not be read"),
    ("relevance", {"background": None}, NO_TABLE),
    ("relevance", {"article_title": "", "article_text": None}, NO_ARTICLE),
    ("relevance", {"article_title": "", "article_text": ""}, NO_ARTICLE),
    ("title_words", {"background": None}, NO_TABLE),
    ("substance", {"background": None}, NO_TABLE),
    ("reply", {"background": None, "parent_text": "Heat?"}, NO_TABLE),
    ("language", {"article_title": "", "article_text": None}, NO_ARTICLE),
    ("language", {"article_title": "", "article_text": ""}, NO_ARTICLE),
    ("words", {"words": None}, "the base model could not be read"),
    ("site_words", {"site_words": None}, NOT_LEARNED),
    ("site_share", {"site_share": None}, NOT_LEARNED),
    *(
        (rule.__name__, {"echoes": None}, "other comments could not be looked up")
        for rule in test_history.RULES
    ),
]

# More than the form lets through, in case that limit is ever raised.
LENGTH = 65_000


def as_long(unit):
    return (unit * (LENGTH // len(unit) + 1))[:LENGTH]


ODD_TEXTS = {
    "nothing": "",
    "one letter": "a",
    "one sign": ".",
    "one address": "https://a.example/",
    "only markup": "<b></b><p><br></p><a></a>",
    "only BBCode": "[url=][/url][b][/b]",
    "the same letter": as_long("a"),
    "spaces": as_long(" "),
    "lines": as_long("\n"),
    "lines and a letter": f"{as_long(chr(10))}x",
    "letters and spaces": as_long("a "),
    "dots": as_long("."),
    "brackets": as_long("["),
    "a bracket and spaces": f"[{as_long(' ')}",
    "tags begun": as_long("<a "),
    "a tag begun and spaces": f"<{as_long(' ')}",
    "tags of BBCode begun": as_long("[url="),
    "angles": as_long("<"),
    "addresses begun": as_long("http://"),
    "many addresses": as_long("https://a.example/ "),
    "hosts begun": as_long("a-a-a-a-a-a.a-a-a."),
    "quotes begun": as_long("\n "),
    "backticks": as_long("`a"),
    "apostrophes": as_long("a'"),
    "bars": as_long("| "),
    "at signs": as_long(" @"),
    "digits": as_long("0"),
    "digits and a letter": f"{as_long('0')}x",
    "digits apart": as_long("0 "),
    "digits and brackets": f"{as_long('00(-')}x",
    "capitals": as_long("aAbB"),
    "a listed word in longer ones": as_long("casinocasino"),
    "marks": as_long("\u0301"),
    "marks on letters": as_long("a\u0301\u0302"),
    "emoji": as_long("👍"),
    "families": as_long("👨\u200d👩\u200d👧 "),
    "Chinese": as_long("赌场很好玩"),
    "Thai": as_long("เว็บคาสิโนออนไลน์"),
    "Arabic": as_long("كازينو "),
    "Korean": as_long("카지노는 "),
    "mixed scripts": as_long("aж "),
    "signs that become many": as_long("ﷺ"),
    "NUL": as_long("\x00"),
    "turning signs": as_long("\u202e\u2067"),
    "halves of characters": as_long("\ud83d"),
    "invisible signs": as_long("\u200b\u00ad\ufeff"),
    "different words": " ".join(f"w{number}" for number in range(LENGTH // 6)),
}

# Seconds of CPU: some ten times what the slowest takes. A pattern that reads a text again from each of its
# signs needs far more at this length.
ENOUGH = 1.5


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_every_rule_answers_for_any_text(text):
    facts = submission(
        typed=text,
        author_name=text[:100],
        author_email=text[:254],
        author_url=text[:200],
        honeypot=text[:200],
        links=(text[:2000], *(text[at : at + 10] for at in range(0, 5000, 10))),
        article_title=text[:200],
        article_text=text,
        parent_text=text,
        blocklist=(
            BlocklistEntry("word", "casino", "hold"),
            BlocklistEntry("word", "a", "hold"),
            BlocklistEntry("domain", "casino.example", "spam"),
        ),
    )
    reading.read_text.cache_clear()
    reading.read_article.cache_clear()
    seconds = {}
    for rule in RULES:
        started = time.thread_time()
        finding = rule(facts, DEFAULT)
        seconds[rule.__name__] = time.thread_time() - started
        assert finding.rule == rule.__name__
        assert finding.detail.isprintable()
        assert finding.case or not finding.evaluated
        assert len(finding.case) <= 30
    slow = {name: spent for name, spent in seconds.items() if spent > ENOUGH}
    assert not slow


def test_any_text_is_judged_when_it_stands_under_an_ordinary_article():
    for text in ODD_TEXTS.values():
        verdict = judge(submission(typed=text), policy="known")
        assert [finding.rule for finding in verdict.findings] == NAMES
        assert not [finding for finding in verdict.findings if "failed" in finding.detail]


@pytest.mark.parametrize(("rule", "facts", "detail"), MISSING)
def test_rule_without_its_fact_is_not_evaluated(rule, facts, detail):
    assert BY_NAME[rule](submission(**facts), DEFAULT) == Finding(rule, 0.0, detail, evaluated=False)


@pytest.mark.parametrize("is_staff", [False, True])
@pytest.mark.parametrize("policy", POLICIES)
def test_comment_without_a_single_fact_from_elsewhere_is_held(policy, is_staff):
    facts = submission(
        is_staff=is_staff,
        author_url="https://a.example/",
        parent_text="Heat?",
        sender_verified=None,
        email_is_disposable=None,
        blocklist=None,
        article_title="",
        article_text=None,
        background=None,
        words=None,
        site_words=None,
        site_share=None,
        echoes=None,
    )
    verdict = judge(facts, policy=policy)
    assert verdict.outcome == Outcome.HOLD
    unable = {finding.rule for finding in verdict.findings if not finding.evaluated}
    assert unable >= {rule for rule, _facts, _detail in MISSING}


@pytest.mark.parametrize("policy", POLICIES)
def test_comment_that_no_rule_could_evaluate_is_held(policy):
    def unable(rule):
        return lambda submission, weights: Finding.not_evaluated(rule.__name__, "for the test")

    verdict = judge(submission(is_staff=True), policy=policy, rules=[unable(rule) for rule in RULES])
    assert (verdict.outcome, verdict.points, verdict.is_complete) == (Outcome.HOLD, 0.0, False)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_finding_bears_the_name_of_its_rule(rule):
    finding = rule(submission(), DEFAULT)
    assert finding.rule == rule.__name__
    assert finding.detail


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_is_described_in_the_documentation(rule):
    page = Path(__file__).parents[3] / "docs" / "moderation.md"
    assert f"\n### {rule.__name__}\n" in page.read_text(encoding="utf-8")


def test_names_of_rules_are_unique():
    assert len(set(NAMES)) == len(NAMES)


def test_rules_change_no_facts():
    facts = submission(author_url="https://a.example/", parent_text="Heat?")
    before = dataclasses.asdict(facts)
    for rule in RULES:
        rule(facts, DEFAULT)
    assert dataclasses.asdict(facts) == before


def test_every_case_that_is_weighed_is_met_in_a_table():
    rows = [row for module in TABLES for row in module.ROWS]
    met = {(rule.__name__, case) for rule, _facts, case, _detail in rows}
    tested = {rule for rule, _case in met}
    weighed = {(rule, case) for rule, cases in DEFAULT.table.items() if rule in tested for case in cases}
    assert not weighed - met
