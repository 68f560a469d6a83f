import math

import pytest

from comments.moderation.logistic import Example, fit

PRECISE = {"sweeps": 500, "tolerance": 1e-9}


def slopes(examples, penalties, intercept, weights):
    """Say how steeply the loss rises with the intercept and each weight: at its minimum, not at all."""
    found = [0.0] + [penalty * weight for penalty, weight in zip(penalties, weights, strict=True)]
    for example in examples:
        odds = example.offset + intercept + sum(weights[column] * value for column, value in example.features)
        miss = example.weight * (1 / (1 + math.exp(-odds)) - example.is_spam)
        found[0] += miss
        for column, value in example.features:
            found[1 + column] += miss * value
    return found


def loss(examples, penalties, intercept, weights):
    total = sum(penalty * weight**2 / 2 for penalty, weight in zip(penalties, weights, strict=True))
    for example in examples:
        odds = example.offset + intercept + sum(weights[column] * value for column, value in example.features)
        total += example.weight * math.log1p(math.exp(-odds if example.is_spam else odds))
    return total


MIXED = [
    Example([(0, 1.0)], True),
    Example([(0, 1.0), (1, 0.5)], True, weight=2.0),
    Example([(0, 1.0), (2, -1.5)], False),
    Example([(1, 2.0)], False, offset=0.7),
    Example([(1, 0.25), (2, 1.0)], True, offset=-1.2),
    Example([], False, weight=0.5),
    Example([(0, 0.5), (1, 1.0), (2, 0.5)], False, weight=3.0, offset=2.0),
]


def test_intercept_alone_is_the_log_odds():
    examples = [Example([], True)] * 3 + [Example([], False)]
    assert fit(examples, penalties=[], **PRECISE) == (pytest.approx(math.log(3)), [])


def test_weight_of_an_example_counts_as_so_many():
    examples = [Example([], True, weight=3.0), Example([], False)]
    assert fit(examples, penalties=[], **PRECISE)[0] == pytest.approx(math.log(3))


def test_offset_is_not_fitted_again():
    examples = [Example([], True, offset=1.0)] * 3 + [Example([], False, offset=1.0)]
    assert fit(examples, penalties=[], **PRECISE)[0] == pytest.approx(math.log(3) - 1)


def test_unpenalised_feature_takes_the_whole_difference():
    """Odds of 3 with the feature and of 1/2 without it."""
    seen = [Example([(0, 1.0)], True)] * 3 + [Example([(0, 1.0)], False)]
    unseen = [Example([], True)] + [Example([], False)] * 2
    intercept, weights = fit(seen + unseen, penalties=[0.0], **PRECISE)
    assert (intercept, weights) == (pytest.approx(math.log(1 / 2)), [pytest.approx(math.log(6))])


@pytest.mark.parametrize("penalties", [(0.1, 0.1, 0.1), (4.0, 0.25, 1.0), (0.01, 100.0, 1.0)])
def test_fit_meets_the_minimum(penalties):
    intercept, weights = fit(MIXED, penalties=penalties, **PRECISE)
    assert slopes(MIXED, penalties, intercept, weights) == pytest.approx([0.0] * 4, abs=1e-6)
    least = loss(MIXED, penalties, intercept, weights)
    for column in range(3):
        for step in (-0.01, 0.01):
            moved = [weight + step * (number == column) for number, weight in enumerate(weights)]
            assert loss(MIXED, penalties, intercept, moved) > least


def test_penalty_draws_a_weight_to_zero():
    sizes = [abs(fit(MIXED, penalties=[penalty] * 3, **PRECISE)[1][0]) for penalty in (0.1, 1.0, 10.0, 1e6)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 1e-5


def test_feature_that_nobody_has_weighs_nothing():
    _intercept, weights = fit([Example([(1, 1.0)], True), Example([], False)], penalties=[1.0, 1.0, 1.0])
    assert (weights[0], weights[2]) == (0.0, 0.0)
    assert weights[1] > 0


def test_nothing_to_fit_weighs_nothing():
    assert fit([], penalties=[1.0]) == (0.0, [0.0])


def test_examples_of_one_kind_stay_finite():
    intercept, weights = fit([Example([(0, 1e3)], True)] * 5, penalties=[0.0], sweeps=200)
    assert math.isfinite(intercept) and math.isfinite(weights[0])


def test_far_offsets_do_not_overflow():
    examples = [Example([(0, 1.0)], True, offset=-1e6), Example([(0, 1.0)], False, offset=1e6)]
    assert all(map(math.isfinite, fit(examples, penalties=[1.0])[1]))
