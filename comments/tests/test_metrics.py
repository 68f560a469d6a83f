"""Each figure against a table that was computed by hand."""

from math import comb
from random import Random

import pytest

from comments import metrics

# In 12 pairs spam stands above the good comment 3 + 3 + 1 + 0 times, and level with it once.
HAM = [0.1, 0.4, 0.6]
SPAM = [0.9, 0.8, 0.4, 0.05]


@pytest.mark.parametrize(
    ("ham", "spam", "expected"),
    [
        ([0.1, 0.2], [0.8, 0.9], 1.0),
        ([0.8, 0.9], [0.1, 0.2], 0.0),
        ([0.5, 0.5, 0.5], [0.5, 0.5], 0.5),
        (HAM, SPAM, (3 + 3 + 1.5 + 0) / 12),
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_auc_is_the_share_of_pairs_in_order_with_equal_ones_counted_half(ham, spam, expected):
    assert metrics.auc(ham, spam) == (expected if expected is None else pytest.approx(expected))


def test_auc_interval_by_hand():
    """Shares below: of each spam 1, 1, 1/2, 0; above each good one 3/4, 5/8, 1/2."""
    found = metrics.auc(HAM, SPAM)
    spread_of_spam = (2 * (1 - 0.625) ** 2 + (0.5 - 0.625) ** 2 + 0.625**2) / 3
    spread_of_ham = (0.125**2 + 0 + 0.125**2) / 2
    error = (spread_of_spam / 4 + spread_of_ham / 3) ** 0.5
    reach = 1.959964 * error / (found * (1 - found))
    odds = found / (1 - found)
    low, high = (odds * 2.718281828459045**sign for sign in (-reach, reach))
    assert found == 0.625
    assert metrics.auc_interval(HAM, SPAM) == pytest.approx((low / (1 + low), high / (1 + high)), abs=1e-6)


@pytest.mark.parametrize(("ham", "spam"), [([0.1, 0.2], [0.8, 0.9]), ([0.1], [0.05, 0.9]), ([], [])])
def test_auc_interval_is_not_invented(ham, spam):
    assert metrics.auc_interval(ham, spam) is None


@pytest.mark.parametrize(
    ("false_alarms", "expected"),
    [
        # None of ten good ones may pass: above 1.0 there is nothing.
        (0.05, 0.0),
        # One may: above 0.9 stands 0.95 alone; 0.9 itself doesn't.
        (0.1, 1 / 4),
        (0.19, 1 / 4),
        # Two may: above 0.8.
        (0.2, 2 / 4),
        # All may.
        (1.0, 1.0),
    ],
)
def test_recall_is_the_share_strictly_above_the_lowest_threshold_allowed(false_alarms, expected):
    ham = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert metrics.recall_at(ham, [0.95, 0.9, 0.8, 0.05], false_alarms) == expected


def test_good_comments_of_one_score_all_pass_or_none():
    assert metrics.recall_at([0.5] * 100, [0.5, 0.6], 0.01) == 0.5


def test_recall_needs_both_kinds():
    assert metrics.recall_at([], [0.5], 0.005) is None
    assert metrics.recall_at([0.5], [], 0.005) is None
    assert metrics.recall_at_interval([], [0.5], 0.005) is None


def drawn_the_plain_way(ham, spam, false_alarms, draws):
    chance = Random(5)
    recalls = [
        metrics.recall_at(chance.choices(ham, k=len(ham)), chance.choices(spam, k=len(spam)), false_alarms)
        for _draw in range(draws)
    ]
    return metrics.percentile(recalls, 0.025), metrics.percentile(recalls, 0.975)


@pytest.mark.parametrize("false_alarms", [0.005, 0.05])
def test_recall_interval_is_that_of_a_bootstrap_that_copies_comments(false_alarms):
    chance = Random(1)
    ham = [chance.betavariate(1, 4) for _each in range(400)]
    spam = [chance.betavariate(4, 2) for _each in range(200)]
    low, high = metrics.recall_at_interval(ham, spam, false_alarms)
    assert low < metrics.recall_at(ham, spam, false_alarms) < high
    assert (low, high) == pytest.approx(drawn_the_plain_way(ham, spam, false_alarms, 1_000), abs=0.04)


def test_recall_interval_allows_for_the_choice_of_spam_too():
    """With a threshold that can't move, 60 % of 50 are from 23 to 37 of them, by the binomial table."""
    low, high = metrics.recall_at_interval([0.1] * 50, [0.05] * 20 + [0.9] * 30, 0.005)
    assert (low, high) == pytest.approx((23 / 50, 37 / 50), abs=0.025)


def test_recall_interval_is_the_same_each_time():
    assert metrics.recall_at_interval(HAM, SPAM, 0.005) == metrics.recall_at_interval(HAM, SPAM, 0.005)


def test_binomial_draws_are_binomial():
    chance = Random(2)
    drawn = [metrics._binomial(chance, 25, 0.3) for _each in range(20_000)]
    for number in range(3, 13):
        expected = comb(25, number) * 0.3**number * 0.7 ** (25 - number)
        assert drawn.count(number) / len(drawn) == pytest.approx(expected, abs=0.012)
    assert {metrics._binomial(chance, 25, 0.0) for _each in range(50)} == {0}
    assert {metrics._binomial(chance, 25, 1.0) for _each in range(50)} == {25}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((6, 2, 4), (6 / 8, 6 / 10, 12 / 18)),
        ((0, 0, 4), (None, 0.0, 0.0)),
        ((0, 3, 0), (0.0, None, 0.0)),
        ((0, 0, 0), (None, None, None)),
    ],
)
def test_precision_recall_and_f1(counts, expected):
    hits, false_alarms, misses = counts
    found = metrics.accuracy(hits=hits, false_alarms=false_alarms, misses=misses)
    assert (found.precision, found.recall, found.f1) == expected


def test_calibration_by_hand():
    bins = metrics.calibration([0.0, 0.05, 0.3, 0.95], [0.1, 0.39, 1.0, 0.91])
    assert [each.count for each in bins] == [2, 1, 0, 2, 0, 0, 0, 0, 0, 3]
    assert [each.observed for each in bins if each.count] == [0.0, 1.0, 0.5, pytest.approx(2 / 3)]
    assert [each.predicted for each in bins if each.count] == [
        pytest.approx(0.025),
        pytest.approx(0.1),
        pytest.approx(0.345),
        pytest.approx((0.95 + 1.0 + 0.91) / 3),
    ]
    assert (bins[2].predicted, bins[2].observed) == (None, None)
    assert (bins[3].low, bins[3].high) == (0.3, 0.4)
    apart = (2 * 0.025 + 1 * 0.9 + 2 * 0.155 + 3 * (2.86 / 3 - 2 / 3)) / 8
    assert metrics.expected_calibration_error(bins) == pytest.approx(apart)


def test_bounds_belong_to_the_bin_that_they_begin():
    for tenth in range(10):
        (full,) = [each for each in metrics.calibration([tenth / 10], []) if each.count]
        assert full.low == tenth / 10


def test_calibration_of_nothing():
    assert metrics.expected_calibration_error(metrics.calibration([], [])) is None


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.2, 1), (0.21, 2), (0.5, 3), (0.99, 5), (1.0, 5)]
)
def test_percentile_is_one_of_the_values(share, expected):
    assert metrics.percentile([5, 3, 1, 4, 2], share) == expected
