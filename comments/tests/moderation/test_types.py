import dataclasses
import math

import pytest

from comments.moderation.types import CommenterRecord, Finding, Outcome, is_complete

from .facts import submission

DONE, UNABLE = Finding("rule", 1.0, "why"), Finding.not_evaluated("rule", "why")


def test_finding_that_was_not_evaluated_has_no_points():
    assert Finding("rule", 0.0, "why", evaluated=False, at_least=Outcome.PUBLISH, case="") == UNABLE
    with pytest.raises(ValueError, match="was not evaluated"):
        Finding("rule", 1.0, "why", evaluated=False)


@pytest.mark.parametrize("points", [math.nan, math.inf, -math.inf])
def test_finding_has_finite_points(points):
    with pytest.raises(ValueError, match="not finite"):
        Finding("rule", points, "why")


@pytest.mark.parametrize(
    ("findings", "expected"), [((), False), ((DONE,), True), ((DONE, UNABLE), False), ((UNABLE,), False)]
)
def test_findings_are_complete_where_every_rule_could_run(findings, expected):
    assert is_complete(findings) is expected


def test_outcomes_are_in_order():
    assert list(Outcome) == ["publish", "hold", "spam"]


@pytest.mark.parametrize(
    ("record", "good", "bad"),
    [
        (CommenterRecord(0, 0), False, False),
        (CommenterRecord(1, 0), True, False),
        (CommenterRecord(2, 1), False, False),
        (CommenterRecord(1, 1), False, False),
        (CommenterRecord(0, 1), False, True),
    ],
)
def test_record_is_good_or_bad(record, good, bad):
    assert (record.is_good, record.is_bad) == (good, bad)
    assert submission(record=record).is_trusted == good
    assert submission(record=record, is_staff=True).is_trusted


def test_who_has_proved_nothing_is_not_trusted():
    assert not submission().is_trusted


@pytest.mark.parametrize("fact", [submission(), DONE])
def test_facts_and_findings_are_frozen(fact):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(fact, dataclasses.fields(fact)[0].name, "other")
