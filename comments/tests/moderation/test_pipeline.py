import dataclasses
import itertools
import logging

import pytest

from comments.moderation import pipeline
from comments.moderation.pipeline import (
    ATTEMPTS,
    HOLD_AT,
    POLICIES,
    PRIOR,
    RULE_TIME_LIMIT,
    RULES_VERSION,
    SPAM_AT,
    decide,
    judge,
)
from comments.moderation.types import BlocklistEntry, CommenterRecord, Finding, Outcome, Verdict
from comments.moderation.weights import DEFAULT, Weight, Weights

from .facts import submission

STRANGER = submission()
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


# With a prior of their own, whose sums are exact: the fitted one would decide by how it is rounded.
WEIGHTS = Weights({}, prior=-8.0)

JUST_BELOW_HOLD = HOLD_AT - WEIGHTS.prior - 0.01
AT_HOLD = HOLD_AT - WEIGHTS.prior
JUST_BELOW_SPAM = SPAM_AT - WEIGHTS.prior - 0.01
AT_SPAM = SPAM_AT - WEIGHTS.prior


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
    assert judge(writer, policy=policy, rules=[giving(points)], weights=WEIGHTS).outcome == expected


def test_default_policy_publishes_known_writers_only():
    rules = [giving(JUST_BELOW_HOLD)]
    assert judge(STRANGER, rules=rules, weights=WEIGHTS).outcome == HOLD
    assert judge(FRIEND, rules=rules, weights=WEIGHTS).outcome == PUBLISH
    assert judge(STAFF, rules=rules, weights=WEIGHTS).outcome == PUBLISH


@pytest.mark.parametrize(
    "record", [None, CommenterRecord(0, 0), CommenterRecord(9, 1), CommenterRecord(0, 1)]
)
def test_writer_without_a_clean_record_is_held(record):
    writer = dataclasses.replace(STRANGER, record=record)
    assert judge(writer, rules=[giving(JUST_BELOW_HOLD)], weights=WEIGHTS).outcome == HOLD


@pytest.mark.parametrize(
    "changes",
    [
        {"sender_verified": None},
        {"email_is_disposable": None},
        {"blocklist": None},
        {"background": None},
        {"words": None},
        {"site_words": None},
        {"site_share": None},
        {"echoes": None},
        {"article_title": "", "article_text": None},
    ],
)
def test_comment_of_which_one_fact_is_missing_is_held(changes):
    """Even the best writer's, whatever the shipped weights are."""
    facts = dataclasses.replace(STAFF, **changes)
    rules = [giving(-1000.0), *pipeline.RULES]
    for policy in POLICIES:
        assert judge(facts, policy=policy, rules=rules).outcome == HOLD


@pytest.mark.parametrize("changes", [{}, {"article_text": None}, {"article_title": ""}, {"record": None}])
def test_comment_with_every_fact_is_judged_completely(changes):
    """An article may have a title alone, or a text alone."""
    facts = dataclasses.replace(STAFF, **changes)
    verdict = judge(facts, rules=[giving(-1000.0), *pipeline.RULES])
    assert (verdict.outcome, verdict.is_complete) == (PUBLISH, True)


def test_verdict_tells_everything_it_rests_on():
    def first(submission, weights):
        return Finding("first", 4.0, "one")

    def second(submission, weights):
        return Finding("second", 6.0, "two")

    verdict = judge(FRIEND, rules=[first, second], weights=WEIGHTS)
    assert verdict == Verdict(
        findings=(Finding("first", 4.0, "one"), Finding("second", 6.0, "two")),
        points=10.0,
        probability=pytest.approx(1 / (1 + 10 ** (-(WEIGHTS.prior + 10) / 10))),
        outcome=HOLD,
        rules_version=RULES_VERSION,
    )
    assert verdict.is_complete


@pytest.mark.parametrize(
    ("log_odds", "expected"),
    [(0, 0.5), (10, 10 / 11), (20, 100 / 101), (-10, 1 / 11), (1e9, 1.0), (-1e9, 0.0)],
)
def test_points_are_a_probability(log_odds, expected):
    verdict = judge(STRANGER, rules=[giving(log_odds - WEIGHTS.prior)], weights=WEIGHTS)
    assert verdict.probability == pytest.approx(expected)


def test_prior_of_the_weights_belongs_to_the_sum():
    verdict = judge(STRANGER, rules=[giving(0.0)], weights=Weights({}, prior=SPAM_AT))
    assert (verdict.points, verdict.outcome) == (0.0, SPAM)
    assert verdict.probability == pytest.approx(100 / 101)
    assert judge(STRANGER, rules=[giving(0.0)]).probability == pytest.approx(1 / (1 + 10 ** (-PRIOR / 10)))


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
    assert judge(STRANGER, rules=[failing, giving(AT_SPAM)], weights=WEIGHTS).outcome == SPAM


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
        facts = dataclasses.replace(STRANGER, blocklist=entries)
        assert judge(facts, rules=[giving(1e6), *pipeline.RULES]).outcome == SPAM

    def test_order_to_hold_makes_no_spam_by_itself(self):
        entries = (BlocklistEntry("word", "back", "hold"),)
        facts = dataclasses.replace(STRANGER, blocklist=entries)
        assert judge(facts, rules=[pipeline.RULES[0]]).outcome == HOLD

    def test_order_needs_no_points(self):
        assert judge(STAFF, rules=[giving(-50.0, at_least=HOLD)]).outcome == HOLD
        assert judge(STAFF, rules=[giving(-50.0, at_least=SPAM)]).outcome == SPAM
        assert judge(STAFF, rules=[giving(-50.0, at_least=SPAM), failing]).outcome == SPAM


class TestDecide:
    """The same sum and thresholds over findings that exist already."""

    def test_findings_are_summed_as_judge_does(self):
        findings = [Finding("first", 4.0, "one"), Finding("second", 6.0, "two")]
        judged = judge(FRIEND, rules=[lambda *_facts, found=found: found for found in findings])
        assert decide(findings, policy="known", trusted=True) == judged

    @pytest.mark.parametrize(
        ("policy", "trusted", "expected"),
        [("hold", True, HOLD), ("known", True, PUBLISH), ("known", False, HOLD), ("clean", False, PUBLISH)],
    )
    def test_policy_asks_whether_the_writer_is_trusted(self, policy, trusted, expected):
        findings = [Finding("rule", JUST_BELOW_HOLD, "why")]
        assert decide(findings, policy=policy, trusted=trusted, prior=WEIGHTS.prior).outcome == expected

    def test_prior_may_be_given(self):
        findings = [Finding("rule", -5.0, "why")]
        verdict = decide(findings, policy="clean", trusted=False, prior=SPAM_AT + 5)
        assert (verdict.points, verdict.outcome) == (-5.0, SPAM)
        assert verdict.probability == pytest.approx(100 / 101)

    def test_no_finding_at_all_is_held(self):
        verdict = decide([], policy="clean", trusted=True)
        assert (verdict.outcome, verdict.points, verdict.findings) == (HOLD, 0.0, ())

    def test_one_more_finding_turns_the_verdict(self):
        findings = (Finding("rule", JUST_BELOW_HOLD, "why"),)
        more = (*findings, Finding("late", AT_SPAM - JUST_BELOW_HOLD, "why"))
        assert decide(findings, policy="clean", trusted=False, prior=WEIGHTS.prior).outcome == PUBLISH
        assert decide(more, policy="clean", trusted=False, prior=WEIGHTS.prior).outcome == SPAM

    def test_unknown_policy_is_refused(self):
        with pytest.raises(ValueError, match="Unknown comment policy 'all'"):
            decide([], policy="all", trusted=True)


class TestTime:
    """A rule has a limit of CPU time; the clock belongs to who asks."""

    def judged(self, *seconds):
        """Judge by one rule that takes so long each time it is asked."""
        readings = itertools.chain.from_iterable((0.0, spent) for spent in seconds)
        asked = []

        def rule(submission, weights):
            asked.append(submission)
            return Finding("rule", JUST_BELOW_HOLD, "for the test")

        verdict = judge(STAFF, rules=[rule], weights=WEIGHTS, clock=lambda: next(readings))
        return verdict, len(asked)

    def test_rule_within_its_time_is_asked_once(self):
        verdict, asked = self.judged(RULE_TIME_LIMIT)
        assert (verdict.outcome, verdict.is_complete, asked) == (PUBLISH, True, 1)

    def test_rule_that_was_slow_once_is_asked_again(self, caplog):
        verdict, asked = self.judged(9.0, 0.001)
        assert (verdict.outcome, verdict.is_complete, asked) == (PUBLISH, True, 2)
        assert not caplog.records

    def test_rule_that_stays_slow_holds_the_comment(self, caplog):
        with caplog.at_level(logging.ERROR):
            verdict, asked = self.judged(*[0.0701] * ATTEMPTS)
        assert verdict.findings == (Finding.not_evaluated("rule", "took 71 ms, more than 50"),)
        assert (verdict.outcome, asked) == (HOLD, ATTEMPTS)
        assert [record.getMessage() for record in caplog.records] == [
            "The moderation rule rule took 70 ms of CPU"
        ]

    def test_without_a_clock_no_rule_is_slow(self):
        assert judge(STAFF, rules=[giving(JUST_BELOW_HOLD)]).is_complete


def test_rules_are_given_the_weights():
    def weighing(submission, weights):
        return weights.finding("weighing", "case", "for the test")

    weights = Weights({"weighing": {"case": Weight(7.0)}})
    assert judge(STRANGER, rules=[weighing], weights=weights).points == 7.0
    assert judge(STRANGER, rules=[weighing]).points == 0.0


def test_prior_comes_with_the_weights():
    assert DEFAULT.prior == PRIOR
    assert HOLD_AT < SPAM_AT
    # Nothing is spam before anybody has looked at it.
    assert PRIOR < SPAM_AT
