import dataclasses
import itertools
import logging

import pytest

from comments.moderation import pipeline
from comments.moderation.pipeline import HOLD_AT, POLICIES, PRIOR, RULES_VERSION, SPAM_AT, judge
from comments.moderation.types import (
    BlocklistEntry,
    CommenterRecord,
    Finding,
    Outcome,
    Submission,
    Verdict,
)

STRANGER = Submission(
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
FRIEND = dataclasses.replace(STRANGER, record=CommenterRecord(approved=3, declined=0))
STAFF = dataclasses.replace(STRANGER, is_staff=True)

PUBLISH, HOLD, SPAM = Outcome.PUBLISH, Outcome.HOLD, Outcome.SPAM


def giving(points, **more):
    def rule(submission, weights):
        return Finding("rule", points, "for the test", **more)

    return rule


def failing(submission, weights):
    raise LookupError("no such thing")


def unable(submission, weights):
    return Finding.not_evaluated("unable", "a fact is missing")


JUST_BELOW_HOLD = HOLD_AT - PRIOR - 0.01
AT_HOLD = HOLD_AT - PRIOR
JUST_BELOW_SPAM = SPAM_AT - PRIOR - 0.01
AT_SPAM = SPAM_AT - PRIOR


@pytest.mark.parametrize(
    ("policy", "writer", "points", "expected"),
    [
        ("hold", STRANGER, JUST_BELOW_HOLD, HOLD),
        ("hold", FRIEND, JUST_BELOW_HOLD, HOLD),
        ("hold", STAFF, JUST_BELOW_HOLD, HOLD),
        ("hold", STAFF, AT_SPAM, SPAM),
        ("known", STRANGER, JUST_BELOW_HOLD, HOLD),
        ("known", FRIEND, JUST_BELOW_HOLD, PUBLISH),
        ("known", FRIEND, AT_HOLD, HOLD),
        ("known", FRIEND, JUST_BELOW_SPAM, HOLD),
        ("known", FRIEND, AT_SPAM, SPAM),
        ("known", STAFF, JUST_BELOW_HOLD, PUBLISH),
        ("known", STAFF, AT_HOLD, HOLD),
        ("clean", STRANGER, JUST_BELOW_HOLD, PUBLISH),
        ("clean", STRANGER, AT_HOLD, HOLD),
        ("clean", STRANGER, JUST_BELOW_SPAM, HOLD),
        ("clean", STRANGER, AT_SPAM, SPAM),
    ],
)
def test_policy_and_thresholds_decide(policy, writer, points, expected):
    assert judge(writer, policy=policy, rules=[giving(points)]).outcome == expected


def test_default_policy_publishes_known_writers_only():
    assert judge(STRANGER).outcome == HOLD
    assert judge(FRIEND).outcome == PUBLISH
    assert judge(STAFF).outcome == PUBLISH


@pytest.mark.parametrize(
    "record", [None, CommenterRecord(0, 0), CommenterRecord(9, 1), CommenterRecord(0, 1)]
)
def test_writer_without_a_clean_record_is_held(record):
    verdict = judge(dataclasses.replace(STRANGER, record=record))
    assert verdict.outcome == HOLD


@pytest.mark.parametrize(
    ("changes", "policy", "expected"),
    [
        ({}, "clean", PUBLISH),
        ({"links": ("https://a.example/",)}, "clean", HOLD),
        ({"author_url": "https://a.example/"}, "clean", HOLD),
        ({"honeypot": "x"}, "clean", SPAM),
        ({"honeypot": "x", "record": CommenterRecord(3, 0)}, "known", HOLD),
        (
            {
                "links": ("https://a.example/",),
                "author_url": "https://a.example/",
                "record": CommenterRecord(3, 0),
            },
            "known",
            PUBLISH,
        ),
        ({"links": ("https://a.example/",) * 4, "record": CommenterRecord(3, 0)}, "known", HOLD),
        ({"links": ("https://a.example/",) * 9}, "known", HOLD),
        ({"links": ("https://a.example/",) * 9, "repeats": 2}, "known", SPAM),
        ({"links": ("https://a.example/",) * 9, "is_staff": True}, "known", PUBLISH),
        ({"text": "Thanks!", "repeats": 50, "record": CommenterRecord(3, 0)}, "known", PUBLISH),
        ({"sender_verified": None, "is_staff": True}, "known", HOLD),
        ({"repeats": None, "is_staff": True}, "clean", HOLD),
        ({"blocklist": None, "is_staff": True}, "clean", HOLD),
    ],
)
def test_rules_and_weights_as_shipped(changes, policy, expected):
    assert judge(dataclasses.replace(STRANGER, **changes), policy=policy).outcome == expected


def test_verdict_tells_everything_it_rests_on():
    def first(submission, weights):
        return Finding("first", 4.0, "one")

    def second(submission, weights):
        return Finding("second", 6.0, "two")

    verdict = judge(FRIEND, rules=[first, second])
    assert verdict == Verdict(
        findings=(Finding("first", 4.0, "one"), Finding("second", 6.0, "two")),
        points=10.0,
        probability=pytest.approx(1 / (1 + 10 ** (-(PRIOR + 10) / 10))),
        outcome=HOLD,
        rules_version=RULES_VERSION,
    )
    assert verdict.is_complete


@pytest.mark.parametrize(
    ("log_odds", "expected"),
    [(0, 0.5), (10, 10 / 11), (20, 100 / 101), (-10, 1 / 11), (1e9, 1.0), (-1e9, 0.0)],
)
def test_points_are_a_probability(log_odds, expected):
    assert judge(STRANGER, rules=[giving(log_odds - PRIOR)]).probability == pytest.approx(expected)


def test_prior_belongs_to_the_sum(monkeypatch):
    monkeypatch.setattr(pipeline, "PRIOR", SPAM_AT)
    verdict = judge(STRANGER, rules=[giving(0.0)])
    assert (verdict.points, verdict.outcome) == (0.0, SPAM)
    assert verdict.probability == pytest.approx(100 / 101)


def test_thresholds_are_in_order():
    assert HOLD_AT < SPAM_AT


@pytest.mark.parametrize("policy", POLICIES)
def test_rule_that_fails_holds_the_comment(policy, caplog):
    with caplog.at_level(logging.ERROR):
        verdict = judge(STAFF, policy=policy, rules=[failing, giving(-30.0)])
    assert verdict.findings == (
        Finding("failing", 0.0, "the rule failed (LookupError)", evaluated=False),
        Finding("rule", -30.0, "for the test"),
    )
    assert verdict.outcome == HOLD
    assert not verdict.is_complete
    [record] = caplog.records
    assert record.getMessage() == "The moderation rule failing failed"
    assert record.exc_info[0] is LookupError


def test_rule_that_fails_does_not_save_spam():
    assert judge(STRANGER, rules=[failing, giving(AT_SPAM)]).outcome == SPAM


@pytest.mark.parametrize("answer", [None, 12.0, "spam"])
def test_rule_that_answers_with_something_else_holds_the_comment(answer):
    def odd(submission, weights):
        return answer

    verdict = judge(STAFF, rules=[odd])
    assert verdict.findings == (Finding.not_evaluated("odd", "the rule failed (TypeError)"),)
    assert verdict.outcome == HOLD


def test_rule_that_gives_no_number_holds_the_comment():
    verdict = judge(STAFF, rules=[giving(float("nan"))])
    assert verdict.findings == (Finding.not_evaluated("rule", "the rule failed (ValueError)"),)
    assert verdict.outcome == HOLD


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("writer", [STRANGER, FRIEND, STAFF])
@pytest.mark.parametrize("rules", [[], [unable], [unable, failing]])
def test_comment_that_no_rule_could_judge_is_held(policy, writer, rules):
    verdict = judge(writer, policy=policy, rules=rules)
    assert (verdict.outcome, verdict.is_complete) == (HOLD, False)


def test_comment_whose_facts_are_all_missing_is_held():
    facts = dataclasses.replace(STAFF, sender_verified=None, repeats=None, blocklist=None)
    for policy in POLICIES:
        assert judge(facts, policy=policy).outcome == HOLD


@pytest.mark.parametrize("policy", ["", "publish", "Known", None])
def test_unknown_policy_is_refused(policy):
    with pytest.raises(ValueError, match="Unknown comment policy"):
        judge(STAFF, policy=policy)


def test_every_rule_runs():
    asked = []

    def asking(submission, weights):
        asked.append(submission)
        return Finding("asking", 100.0, "spam")

    judge(STRANGER, rules=[asking, failing, asking, asking])
    assert asked == [STRANGER] * 3


class TestBlocklist:
    """An editor's order is carried out, whatever else speaks for the writer or against them."""

    @pytest.mark.parametrize(("effect", "expected"), [("hold", HOLD), ("spam", SPAM)])
    def test_order_stands_against_the_best_writer(self, effect, expected):
        entries = (BlocklistEntry("word", "back", effect),)
        for writer, policy in itertools.product([STRANGER, FRIEND, STAFF], POLICIES):
            facts = dataclasses.replace(writer, blocklist=entries)
            assert judge(facts, policy=policy).outcome == expected
            assert judge(facts, policy=policy, rules=[giving(-1e6), *pipeline.RULES]).outcome == expected

    def test_order_to_hold_does_not_save_spam(self):
        entries = (BlocklistEntry("word", "back", "hold"),)
        assert judge(dataclasses.replace(STRANGER, blocklist=entries, honeypot="x")).outcome == SPAM

    @pytest.mark.parametrize("links", [0, 1, 2])
    def test_order_to_hold_makes_no_spam_by_itself(self, links):
        entries = (BlocklistEntry("word", "back", "hold"),)
        facts = dataclasses.replace(STRANGER, blocklist=entries, links=("https://a.example/",) * links)
        assert judge(facts).outcome == HOLD

    def test_order_needs_no_points(self):
        assert judge(STAFF, rules=[giving(-50.0, at_least=HOLD)]).outcome == HOLD
        assert judge(STAFF, rules=[giving(-50.0, at_least=SPAM)]).outcome == SPAM
        assert judge(STAFF, rules=[giving(-50.0, at_least=SPAM), failing]).outcome == SPAM
