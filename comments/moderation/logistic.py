"""Logistic regression in plain Python: for fitting weights, never for judging.

Minimises the log loss plus half the penalty times the square of each weight, one weight after another
(coordinate descent with Newton's step), which needs no step size and meets the one minimum there is.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """``features``: index and value of each feature that is not zero. ``weight``: how much it counts.

    ``offset``: log odds (natural logarithm) that stand already, whatever is fitted.
    """

    features: Sequence[tuple[int, float]]
    is_spam: bool
    weight: float = 1.0
    offset: float = 0.0


def fit(
    examples: Sequence[Example], *, penalties: Sequence[float], sweeps: int = 30, tolerance: float = 1e-3
) -> tuple[float, list[float]]:
    """Return the intercept and one weight per feature, as natural log odds.

    ``penalties``: one for each feature; the intercept has none. Stops when no weight moves by more than
    ``tolerance`` in a sweep, or after ``sweeps``.
    """
    rows, values = _columns(examples, len(penalties))
    targets = array("d", (float(example.is_spam) for example in examples))
    counts = array("d", (example.weight for example in examples))
    odds = array("d", (example.offset for example in examples))
    likely = array("d", map(_probability, odds))
    weights = [0.0] * len(penalties)
    intercept = 0.0
    everybody = range(len(examples))
    ones = array("d", [1.0]) * len(examples)
    for _sweep in range(sweeps):
        step = _step(everybody, ones, targets, counts, odds, likely, 0.0, 1e-9)
        intercept += step
        moved = abs(step)
        for column, penalty in enumerate(penalties):
            if rows[column]:
                step = _step(
                    rows[column], values[column], targets, counts, odds, likely, weights[column], penalty
                )
                weights[column] += step
                moved = max(moved, abs(step))
        if moved < tolerance:
            break
    return intercept, weights


def _columns(examples: Sequence[Example], width: int) -> tuple[list["array[int]"], list["array[float]"]]:
    rows = [array("I") for _column in range(width)]
    values = [array("f") for _column in range(width)]
    for row, example in enumerate(examples):
        for column, value in example.features:
            rows[column].append(row)
            values[column].append(value)
    return rows, values


def _step(
    rows: Sequence[int],
    values: Sequence[float],
    targets: Sequence[float],
    counts: Sequence[float],
    odds: "array[float]",
    likely: "array[float]",
    weight: float,
    penalty: float,
) -> float:
    """Move one weight to where the loss is least, by Newton's estimate, and all that hangs on it with it."""
    slope, bend = penalty * weight, penalty
    for row, value in zip(rows, values, strict=True):
        probability = likely[row]
        pull = counts[row] * value
        slope += pull * (probability - targets[row])
        bend += pull * value * probability * (1 - probability)
    # Far from the minimum Newton's step would overshoot.
    step = max(-2.0, min(2.0, -slope / bend))
    if step:
        for row, value in zip(rows, values, strict=True):
            odds[row] += step * value
            likely[row] = _probability(odds[row])
    return step


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-35.0, min(35.0, odds))))
