import pytest

from comments import checks
from comments.moderation.pipeline import Thresholds


def ids(errors):
    return [error.id for error in errors]


def test_default_settings_pass():
    assert checks.check_policy(None) + checks.check_sizes(None) + checks.check_rules(None) == []


def test_unknown_policy_is_named_with_the_known_ones(settings):
    settings.COMMENTS_POLICY = "whatever"
    [error] = checks.check_policy(None)
    assert error.id == "comments.E001"
    assert "hold, known, clean" in error.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [("COMMENTS_PER_PAGE", 0), ("COMMENTS_CLOSE_AFTER_DAYS", -1), ("COMMENTS_FLOOD_SECONDS", 0)],
)
def test_impossible_sizes_are_named(settings, name, value):
    setattr(settings, name, value)
    assert ids(checks.check_sizes(None)) == ["comments.E002"]


def test_thresholds_out_of_order_are_named(monkeypatch):
    monkeypatch.setattr(checks.pipeline, "SHIPPED", Thresholds(hold_at=99, spam_at=98))
    assert ids(checks.check_rules(None)) == ["comments.E003"]


def test_two_rules_of_one_name_are_named(monkeypatch):
    monkeypatch.setattr(checks.pipeline, "RULES", checks.pipeline.RULES + checks.pipeline.RULES[:1])
    assert ids(checks.check_rules(None)) == ["comments.E004"]


@pytest.mark.parametrize("key", ["", "0a1b2c3d4e5f", "123YourAPIKey"])
def test_keys_that_can_be_and_no_key_pass(settings, key):
    settings.AKISMET_KEY = key
    assert checks.check_akismet_key(None) == []


@pytest.mark.parametrize("key", ["short", "with space12", "https://akismet.com/", "0a1b2c3d4e5f\n", "x" * 65])
def test_impossible_key_is_refused_and_not_shown(settings, key):
    settings.AKISMET_KEY = key
    [error] = checks.check_akismet_key(None)
    assert error.id == "comments.E005"
    assert key not in error.msg + error.hint
