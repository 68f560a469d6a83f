import math

import pytest

from comments.moderation.types import Finding, Outcome
from comments.moderation.weights import DEFAULT, Weight, Weights, dump, load

from .facts import submission

WEIGHTS = Weights(
    table={
        "link_count": {
            "none": Weight(-3.25, spam=0.48, good=0.9125, source="fitted"),
            "to_3": Weight(5.0, no_article=1.5, no_name=-2.25),
        },
        "honeypot": {"filled": Weight(30.0)},
    },
    prior=-2.5,
    about={
        "prior": -2.5,
        "comments": 6765,
        "share": 0.5,
        "command": 'fit_rules "a b"\\c\nübers',
        "sure": True,
    },
)


def test_points_are_looked_up_by_rule_and_case():
    assert WEIGHTS.points("link_count", "to_3") == 5.0
    assert WEIGHTS.points("link_count", "other") == 0.0
    assert WEIGHTS.points("other", "to_3") == 0.0


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 5.0),
        ({"article_text": None}, 6.5),
        ({"article_text": ""}, 6.5),
        ({"author_name": " "}, 2.75),
        ({"article_text": "", "author_name": ""}, 4.25),
    ],
)
def test_setting_adds_to_the_points_of_a_case(facts, points):
    found = WEIGHTS.within(submission(**facts))
    assert found.points("link_count", "to_3") == points
    assert found.points("link_count", "none") == -3.25
    assert found.prior == WEIGHTS.prior
    # Made once for all comments of the setting.
    assert WEIGHTS.within(submission(**facts)) is found


def test_finding_bears_the_points_of_its_case():
    assert WEIGHTS.finding("honeypot", "filled", "why") == Finding("honeypot", 30.0, "why", case="filled")
    assert WEIGHTS.finding("honeypot", "filled", "why", at_least=Outcome.HOLD).at_least == Outcome.HOLD


def test_weights_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text(dump(WEIGHTS), encoding="utf-8")
    found = load(path)
    assert (found.table, found.prior) == (WEIGHTS.table, WEIGHTS.prior)
    assert found.about == WEIGHTS.about | {"sure": "True"}
    assert list(found.table) == ["link_count", "honeypot"]
    assert dump(found) == dump(WEIGHTS)


def test_prior_is_written_even_where_nothing_is_said_about_the_weights(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text(dump(Weights({}, prior=1.5)), encoding="utf-8")
    assert load(path).prior == 1.5


def test_file_explains_itself_to_a_reader():
    lines = dump(WEIGHTS).splitlines()
    assert lines[0].startswith("# The unit is the deciban")
    assert 'none = { points = -3.25, spam = 0.4800, good = 0.9125, source = "fitted" }' in lines
    assert 'to_3 = { points = 5.00, no_article = 1.50, no_name = -2.25, source = "guess" }' in lines


def test_prior_and_source_may_be_left_out(tmp_path):
    path = tmp_path / "weights.toml"
    path.write_text("[rule]\ncase = { points = 1 }\n")
    assert load(path) == Weights({"rule": {"case": Weight(1.0)}})


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "rule = 1",
        "[rule]\ncase = 1",
        "[rule]\ncase = { spam = 0.5 }",
        "[rule]\ncase = { points = [] }",
        '[rule]\ncase = { points = "many" }',
        "[rule]\ncase = { points = nan }",
        "[rule]\ncase = { points = -inf }",
        f"[rule]\ncase = {{ points = 1{'0' * 400} }}",
        "[rule]\ncase = { points = 1, no_article = nan }",
        "[rule]\ncase = { points = 1, no_name = inf }",
        "about = 1",
        "[about]\nprior = inf",
        "[about]\nprior = []",
        "[rule]\ncase = { points = 1 ",
    ],
)
def test_file_of_another_form_is_refused(tmp_path, text):
    path = tmp_path / "weights.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"weights\.toml|line|at end|Expected|Unclosed|could not convert"):
        load(path)


def test_shipped_file_is_of_this_form():
    assert math.isfinite(DEFAULT.prior)
    for rule, cases in DEFAULT.table.items():
        for case, weight in cases.items():
            assert len(case) <= 30, (rule, case)
            assert weight.source in ("fitted", "guess"), (rule, case)
            for share in (weight.spam, weight.good):
                assert share is None or 0 <= share <= 1, (rule, case)
