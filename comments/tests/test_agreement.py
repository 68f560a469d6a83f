import math
from datetime import UTC, datetime, timedelta

import pytest

from comments.agreement import Bin, Decided, calibration_error, count_cases, decided, reliability
from comments.moderation.weights import Weight, Weights
from tests.factories import make_article, make_comment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


# Points in force for one case alone.
WEIGHTS = Weights(table={"link_count": {"two": Weight(10.6)}})


@pytest.fixture
def article():
    return make_article()


def make_decided(article, by, *moves, probability=0.5, found=(), at=NOW, **fields):
    """A comment that went through these statuses, the first by the system and the rest by a person."""
    comment = make_comment(
        article, status=moves[-1], **{"spam_probability": probability, "rules_version": 1} | fields
    )
    for number, to in enumerate(moves):
        comment.decisions.create(
            from_status=moves[number - 1] if number else "",
            to_status=to,
            by=by if number else None,
            decided_at=at,
        )
    for rule, case, points in found:
        comment.findings.create(
            rule=rule, case=case, points=points or 0.0, detail="", evaluated=points is not None
        )
    return comment


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        (["pending", "approved"], Decided(good=1, spam=0)),
        (["pending", "spam"], Decided(good=0, spam=1)),
        (["pending", "spam", "approved"], Decided(good=1, spam=0)),
        (["approved", "spam", "approved", "spam"], Decided(good=0, spam=1)),
        (["pending", "trash"], Decided(good=0, spam=0)),
        (["pending", "spam", "trash"], Decided(good=0, spam=0)),
        (["spam", "pending"], Decided(good=0, spam=0)),
        (["approved"], Decided(good=0, spam=0)),
        (["spam"], Decided(good=0, spam=0)),
    ],
)
def test_last_word_of_a_person_says_what_a_comment_was(article, ana, moves, expected):
    make_decided(article, ana, *moves, found=[("rule", "case", 1.0)])
    assert decided() == expected
    assert sum(case.spam + case.good for case in count_cases()) == expected.total
    assert sum(each.comments for each in reliability()) == expected.total


def test_cases_are_counted_on_spam_and_on_good_comments(article, ana):
    for _number in range(3):
        make_decided(article, ana, "pending", "spam", found=[("link_count", "two", 10.0)])
    make_decided(article, ana, "pending", "approved", found=[("link_count", "two", 8.0)])
    for _number in range(4):
        make_decided(article, ana, "pending", "approved", found=[("link_count", "none", -3.0)])
    none, two = count_cases(weights=WEIGHTS)
    assert (two.rule, two.case, two.evaluated) == ("link_count", "two", True)
    assert (two.spam, two.good, two.spam_share, two.good_share) == (3, 1, 1.0, 0.2)
    assert (two.points, two.given) == (10.6, 9.5)
    assert two.decibans == pytest.approx(10 * math.log10((3.5 / 4) / (1.5 / 6)))
    assert (two.spoke, two.agreed) == (4, 3)
    assert (none.spam, none.good, none.points, none.given) == (0, 4, None, -3.0)
    assert none.decibans == pytest.approx(10 * math.log10((0.5 / 4) / (4.5 / 6)))
    assert (none.spoke, none.agreed) == (4, 4)


def test_rule_that_could_not_run_has_a_line_of_its_own(article, ana):
    make_decided(article, ana, "pending", "spam", found=[("sender", "", None)])
    make_decided(article, ana, "pending", "approved", found=[("sender", "", 0.0)])
    said, not_said = count_cases()
    assert (said.evaluated, said.spam, said.good, said.spoke) == (True, 0, 1, 0)
    assert (not_said.evaluated, not_said.spam, not_said.good, not_said.points) == (False, 1, 0, None)


def test_cases_are_sorted_by_rule_and_case(article, ana):
    found = [("b", "y", 1.0), ("c", "x", 1.0), ("a", "z", 1.0)]
    make_decided(article, ana, "pending", "spam", found=found)
    make_decided(article, ana, "pending", "spam", found=[("b", "x", 1.0), ("a", "", None)])
    assert [(case.rule, case.case) for case in count_cases()] == [
        ("a", "z"),
        ("a", ""),
        ("b", "x"),
        ("b", "y"),
        ("c", "x"),
    ]


def test_only_decisions_since_then_are_counted(article, ana):
    make_decided(article, ana, "pending", "spam", at=NOW - timedelta(days=9), found=[("rule", "", 1.0)])
    make_decided(article, ana, "pending", "approved", at=NOW, found=[("rule", "", 1.0)])
    since = NOW - timedelta(days=1)
    assert decided(since=since) == Decided(good=1, spam=0)
    assert [(case.spam, case.good) for case in count_cases(since=since)] == [(0, 1)]
    assert [each.spam for each in reliability(since=since)] == [0]


@pytest.mark.parametrize(
    ("good", "spam", "enough"),
    [(40, 10, True), (10, 40, True), (39, 10, False), (91, 9, False), (9, 91, False)],
)
def test_few_decisions_or_few_of_a_kind_are_not_enough(good, spam, enough):
    assert Decided(good=good, spam=spam).is_enough == enough


def test_reliability_sets_what_was_said_beside_what_was_so(article, ana):
    for probability, word in [(0.0, "approved"), (0.91, "spam"), (0.95, "approved"), (1.0, "spam")]:
        make_decided(article, ana, "pending", word, probability=probability)
    make_decided(article, ana, "pending", "spam", rules_version=0)  # never judged
    low, high = reliability()
    assert low == Bin(low=0.0, high=0.1, comments=1, mean_probability=0.0, spam=0)
    assert (high.low, high.high, high.comments, high.spam) == (0.9, 1.0, 3, 2)
    assert high.mean_probability == pytest.approx(2.86 / 3)
    assert calibration_error([low, high]) == pytest.approx((0 + 3 * (2.86 / 3 - 2 / 3)) / 4)


def test_errors_to_either_side_do_not_make_up_for_each_other():
    too_low = Bin(low=0.1, high=0.2, comments=2, mean_probability=0.1, spam=1)
    too_high = Bin(low=0.9, high=1.0, comments=2, mean_probability=0.9, spam=1)
    assert calibration_error([too_low, too_high]) == pytest.approx(0.4)


def test_without_comments_there_is_no_calibration_error():
    assert reliability() == []
    assert calibration_error([]) is None
