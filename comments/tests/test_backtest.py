from datetime import UTC, datetime, timedelta

import pytest

from comments import backtest as backtest_module
from comments.backtest import Figure, backtest
from comments.models import BlocklistEntry, Comment
from comments.moderation.types import BlocklistEntry as EntryFacts
from tests.factories import make_article, make_comment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

CASINO = EntryFacts("word", "casino", "hold")
PILLS = EntryFacts("domain", "pills.example", "spam")


@pytest.fixture
def article():
    return make_article(title="Spasms")


def make(article, status, *, days=1, **fields):
    return make_comment(article, status=status, at=NOW - timedelta(days=days), **fields)


def figures(trial):
    return {
        "spam": trial.spam,
        "approved": trial.approved,
        "waiting": trial.waiting,
        "trash": trial.trash,
    }


def test_figures_are_those_of_a_count_by_hand(article):
    # Seven spam, three of them with the word; four approved, one with it; three waiting, two; one trashed.
    for body in ["Casino!", "Best casino here", "CASINO bonus", "casinos", "Pills", "Watches", "Bags"]:
        make(article, "spam", body=body)
    for body in ["We went to the casino once.", "Heat helps.", "Rest helps.", "Thank you."]:
        make(article, "approved", body=body)
    for body in ["Online casino", "A casino near you", "Is it safe?"]:
        make(article, "pending", body=body)
    make(article, "trash", body="Off topic")
    trial = backtest(CASINO, now=NOW)
    assert figures(trial) == {
        "spam": Figure(3, 7),
        "approved": Figure(1, 4),
        "waiting": Figure(2, 3),
        "trash": Figure(0, 1),
    }
    assert (trial.caught, trial.total, trial.is_cut_short) == (6, 15, False)


@pytest.mark.parametrize(
    ("kind", "text", "fields"),
    [
        ("word", "cheap pills", {"author_name": "Cheap Pills Online"}),
        ("word", "cheap pills", {"body": "Buy ｃｈｅａｐ <b>pills</b>!"}),
        ("domain", "pills.example", {"body": "See https://www.pills.example/buy"}),
        ("domain", "pills.example", {"author_url": "https://pills.example/"}),
        ("domain", "pills.example", {"author_email": "joe@mail.pills.example"}),
        ("address", "Joe@Example.org", {"author_email": "joe@example.org"}),
        ("network", "203.0.113.0/24", {"address": "203.0.113.0"}),
    ],
)
def test_entry_is_found_where_the_rule_finds_it(article, kind, text, fields):
    make(article, "spam", **fields)
    make(article, "spam", body="Pills that are cheap, at notpills.example", address="198.51.100.0")
    assert backtest(EntryFacts(kind, text, "hold"), now=NOW).spam == Figure(1, 2)


def test_what_stands_only_in_the_markup_is_not_found(article):
    make(article, "spam", body='<a href="https://shop.example/casino">here</a>')
    assert backtest(CASINO, now=NOW).spam == Figure(0, 1)


def test_only_the_last_ninety_days_count(article):
    make(article, "spam", body="casino", days=89.9)
    make(article, "spam", body="casino", days=90)
    make(article, "spam", body="casino", days=-1)
    assert backtest(CASINO, now=NOW).spam == Figure(1, 1)


def test_newest_ten_are_named_newest_first(article):
    approved = [make(article, "approved", body="casino", days=day) for day in range(1, 13)]
    waiting = [make(article, "pending", body="casino", days=day) for day in range(1, 4)]
    trial = backtest(CASINO, now=NOW)
    assert list(trial.caught_approved) == approved[:10]
    assert list(trial.caught_waiting) == waiting
    assert trial.approved == Figure(12, 12)


def test_newest_are_looked_at_up_to_the_limit_whatever_their_status(article, monkeypatch):
    monkeypatch.setattr(backtest_module, "LIMIT", 5)
    monkeypatch.setattr(backtest_module, "CHUNK", 2)
    for day, status in enumerate(["spam", "approved", "pending", "spam", "trash", "approved", "spam"], 1):
        make(article, status, body="casino", days=day)
    trial = backtest(CASINO, now=NOW)
    assert figures(trial) == {
        "spam": Figure(2, 2),
        "approved": Figure(1, 1),
        "waiting": Figure(1, 1),
        "trash": Figure(1, 1),
    }
    assert trial.is_cut_short


def test_limit_that_is_just_reached_cuts_nothing_short(article, monkeypatch):
    monkeypatch.setattr(backtest_module, "LIMIT", 3)
    for day in range(1, 4):
        make(article, "spam", days=day)
    trial = backtest(CASINO, now=NOW)
    assert (trial.total, trial.is_cut_short) == (3, False)


@pytest.mark.parametrize(
    ("caught", "others", "everything"),
    [(19, 0, False), (20, 0, True), (20, 19, True), (20, 20, False), (0, 30, False)],
)
def test_half_of_all_and_twenty_make_everything(article, caught, others, everything):
    for number in range(caught):
        make(article, "approved" if number % 2 else "spam", body="casino")
    for _number in range(others):
        make(article, "pending")
    trial = backtest(CASINO, now=NOW)
    assert (trial.caught, trial.total) == (caught, caught + others)
    assert trial.would_match_everything is everything


@pytest.mark.parametrize(
    ("kind", "text"),
    [("word", "reader"), ("domain", "example.org"), ("address", "a@b.example"), ("network", "192.0.2.0/24")],
)
def test_queries_do_not_grow_with_the_comments(article, kind, text, django_assert_num_queries):
    for status in Comment.Status.values:
        for _number in range(15):
            make(article, status)
    entry = EntryFacts(kind, text, "hold")
    # Ids of four statuses, one chunk, and the comments shown if there are any.
    with django_assert_num_queries(6 if kind in ("word", "domain") else 5):
        trial = backtest(entry, now=NOW)
        titles = [comment.article.title for comment in trial.caught_approved]
    assert trial.total == 60
    assert len(titles) == (10 if kind in ("word", "domain") else 0)


def test_comments_are_read_in_chunks(article, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(backtest_module, "CHUNK", 4)
    for day in range(1, 10):
        make(article, "spam", body="casino", days=day)
    with django_assert_num_queries(4 + 3):
        assert backtest(CASINO, now=NOW).spam == Figure(9, 9)


def test_site_without_comments_has_nothing_to_try(article):
    trial = backtest(PILLS, now=NOW)
    assert (trial.caught, trial.total, trial.would_match_everything) == (0, 0, False)


def test_unknown_kind_is_an_error(article):
    make(article, "spam")
    with pytest.raises(ValueError, match="regex"):
        backtest(EntryFacts("regex", ".*", "spam"), now=NOW)


def test_entry_judges_until_it_expires():
    for text, expires_at in [
        ("endless", None),
        ("later", NOW + timedelta(seconds=1)),
        ("now", NOW),
        ("before", NOW - timedelta(days=1)),
    ]:
        BlocklistEntry.objects.create(text=text, expires_at=expires_at)
    assert {entry.text for entry in BlocklistEntry.objects.in_force(now=NOW)} == {"endless", "later"}
    assert {entry.text for entry in BlocklistEntry.objects.expired(now=NOW)} == {"now", "before"}
    for entry in BlocklistEntry.objects.all():
        assert entry.is_expired(now=NOW) == (entry.text in {"now", "before"})
