from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import intake, second_look
from comments.models import BlocklistEntry, Comment, CommentFinding, Decision
from comments.moderation.pipeline import HOLD_AT, PRIOR, RULES_VERSION, SPAM_AT
from comments.moderation.types import Finding, Outcome, Verdict
from comments.second_look import Before, rejudge, sweep
from comments.visitors import new_commenter
from tests.factories import ON_TOPIC, make_article, make_comment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PUBLISH, HOLD, SPAM = Outcome.PUBLISH, Outcome.HOLD, Outcome.SPAM

BELOW_HOLD = HOLD_AT - PRIOR - 1
OVER_HOLD = HOLD_AT - PRIOR
BELOW_SPAM = SPAM_AT - PRIOR - 1
OVER_SPAM = SPAM_AT - PRIOR


@pytest.fixture
def article():
    return make_article(body=ON_TOPIC)


@pytest.fixture
def today(monkeypatch):
    """Return a function that sets what the rules find today, whatever the comment."""

    def find(*findings):
        real = second_look.judge

        def rules():
            for finding in findings:
                yield lambda submission, weights, finding=finding: finding

        monkeypatch.setattr(
            second_look, "judge", lambda facts, **options: real(facts, rules=list(rules()), **options)
        )

    return find


def make_judged(article, *, found=(), first=Outcome.PUBLISH, at=NOW, **fields):
    """A comment as intake would have stored it, published or not, with what was found then."""
    comment = Comment(
        article=article,
        author_name="Ada",
        author_email="ada@example.org",
        body="Heat helped my back more than the cold packs did.",
        submitted_at=at,
        status=intake.STATUS_OF[first],
        points=sum(finding.points for finding in found),
        spam_probability=0.125,
        rules_version=1,
    )
    for name, value in fields.items():
        setattr(comment, name, value)
    intake.store(comment, Verdict(tuple(found), comment.points, 0.125, first, 1))
    return comment


def test_comparison_sets_then_beside_now(article, today):
    same = Finding("website", -3.0, "no website")
    comment = make_judged(article, found=[same, Finding("link_count", -3.0, "no links")])
    today(same, Finding("link_count", 10.0, "2 links"))
    comparison = rejudge(comment, now=NOW)
    assert comparison.comment == comment
    assert comparison.before == Before(outcome=PUBLISH, points=-6.0, probability=0.125, rules_version=1)
    assert comparison.after.points == 7.0
    assert comparison.after.findings == (same, Finding("link_count", 10.0, "2 links"))
    assert comparison.after.rules_version == RULES_VERSION
    assert comparison.turned


def test_nothing_is_stored_by_looking(article, today):
    comment = make_judged(article, found=[Finding("website", -3.0, "no website")])
    tables = Comment, CommentFinding, Decision
    before = [list(table.objects.values()) for table in tables]
    today(Finding("website", 60.0, "spam"))
    assert [each.turned for each in sweep(days=1, now=NOW)] == [True]
    assert rejudge(comment, now=NOW).turned
    assert [list(table.objects.values()) for table in tables] == before


def test_changes_are_what_weighs_otherwise_and_the_largest_stands_first(article, today):
    comment = make_judged(
        article,
        found=[
            Finding("same", 2.0, "3 approved"),
            Finding("rounded", 2.0, "as before"),
            Finding("small", 1.0, "once"),
            Finding("large", 1.0, "once"),
            Finding("gone", -2.0, "a rule of old"),
            Finding("failing", 0.0, "fine then"),
        ],
    )
    today(
        Finding("same", 2.0, "4 approved"),
        Finding("rounded", 2.01, "as before"),
        Finding("small", 0.0, "twice"),
        Finding("large", 9.0, "twice"),
        Finding("new", -5.0, "a rule of today"),
        Finding.not_evaluated("failing", "a fact is missing"),
    )
    changes = rejudge(comment, now=NOW).changes
    assert [(change.rule, change.shift) for change in changes] == [
        ("large", 8.0),
        ("new", -5.0),
        ("gone", 2.0),
        ("small", -1.0),
        ("failing", 0.0),
    ]
    by_rule = {change.rule: change for change in changes}
    assert by_rule["new"].before is None
    assert by_rule["gone"].after is None
    assert by_rule["large"].before.detail == "once"
    assert by_rule["large"].after.detail == "twice"


@pytest.mark.parametrize(
    ("points", "evidence", "turned"),
    [
        (BELOW_HOLD, PUBLISH, False),
        (OVER_HOLD, HOLD, True),
        (BELOW_SPAM, HOLD, True),
        (OVER_SPAM, SPAM, True),
    ],
)
def test_what_the_system_published_has_turned_as_soon_as_it_would_be_held(
    article, today, points, evidence, turned
):
    comment = make_judged(article)
    today(Finding("rule", points, "for the test"))
    comparison = rejudge(comment, now=NOW)
    assert (comparison.evidence, comparison.turned) == (evidence, turned)
    assert comparison.speaks_against == turned


@pytest.mark.parametrize(
    ("first", "points", "turned"),
    [
        (HOLD, OVER_HOLD, False),
        (HOLD, BELOW_SPAM, False),
        (HOLD, OVER_SPAM, True),
        (SPAM, OVER_SPAM, False),  # They overruled exactly this.
        (SPAM, BELOW_SPAM, False),
    ],
)
def test_what_a_person_approved_has_turned_if_it_is_spam_and_was_not_then(
    article, ana, today, first, points, turned
):
    comment = make_judged(article, first=first)
    comment.approve(by=ana)
    today(Finding("rule", points, "for the test"))
    comparison = rejudge(comment, now=NOW)
    assert (comparison.approved_by_person, comparison.turned) == (True, turned)
    assert comparison.speaks_against


def test_last_approval_is_the_one_that_counts(article, ana, today):
    """Published by the system, taken off and put back by a person: that is a person's word."""
    today(Finding("rule", OVER_HOLD, "for the test"))
    comment = make_judged(article)
    assert rejudge(comment, now=NOW).turned
    comment.mark_spam(by=ana)
    comment.restore(by=ana)
    assert not rejudge(comment, now=NOW).turned


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_what_is_not_published_cannot_turn(article, today, status):
    today(Finding("rule", OVER_SPAM, "for the test"))
    assert not rejudge(make_comment(article, status=status), now=NOW).turned


def test_comment_that_was_never_judged_has_no_before(article, today):
    """Imported, and approved by nobody known."""
    today(Finding("rule", OVER_HOLD, "for the test"))
    comparison = rejudge(make_comment(article), now=NOW)
    assert comparison.before is None
    assert comparison.turned


def test_rule_that_cannot_run_today_takes_nothing_from_the_page(article, today):
    comment = make_judged(article)
    today(Finding("rule", BELOW_HOLD, "fine"), Finding.not_evaluated("other", "a fact is missing"))
    comparison = rejudge(comment, now=NOW)
    assert comparison.after.outcome is HOLD
    assert not comparison.after.is_complete
    assert not comparison.turned


def test_order_of_an_editor_turns_whatever_the_points(article):
    comment = make_judged(article, commenter=new_commenter())
    assert not rejudge(comment, now=NOW).turned
    BlocklistEntry.objects.create(kind="word", text="cold packs", effect="spam")
    assert rejudge(comment, now=NOW).evidence is SPAM


def test_campaign_that_came_later_turns_its_first_comment(article):
    comment = make_judged(article, body="Good to know, I will try that with my sister.")
    digest = intake.text_digest(comment.body)
    Comment.objects.update(text_digest=digest)
    assert not rejudge(comment, now=NOW).turned
    for _number in range(3):
        make_comment(article, at=NOW + timedelta(days=1), status="spam", text_digest=digest)
    assert rejudge(comment, now=NOW + timedelta(days=2)).turned


def test_published_comment_of_a_writer_since_found_bad_turns(article, ana):
    commenter = new_commenter()
    comment = make_judged(article, commenter=commenter)
    assert not rejudge(comment, now=NOW).turned
    make_judged(article, commenter=commenter).mark_spam(by=ana)
    assert rejudge(comment, now=NOW).turned


def test_rules_are_timed(article, monkeypatch):
    used = iter(range(1000))
    monkeypatch.setattr(second_look.time, "thread_time", lambda: next(used))
    comparison = rejudge(make_judged(article), now=NOW)
    assert not any(finding.evaluated for finding in comparison.after.findings)


def test_weightiest_findings_stand_first_and_are_three(article, today):
    comment = make_judged(article)
    given = {"a": 1.0, "b": -4.0, "c": 0.0, "d": 9.0, "e": 3.0}
    today(*(Finding(rule, points, "") for rule, points in given.items()))
    assert [finding.rule for finding in rejudge(comment, now=NOW).weightiest] == ["d", "b", "e"]


class TestSweep:
    def test_looks_at_what_is_published_and_recent_newest_first(self, article):
        def make(status, days):
            return make_comment(article, status=status, at=NOW - timedelta(days=days)).pk

        middle, newest, oldest = make("approved", 20), make("approved", 1), make("approved", 89)
        make("approved", 91)
        make("approved", -1)
        for status in ("pending", "spam", "trash"):
            make(status, 1)
        assert [each.comment.pk for each in sweep(days=90, now=NOW)] == [newest, middle, oldest]

    @pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 7])
    def test_each_comment_comes_once_in_whatever_pieces(self, article, monkeypatch, number):
        monkeypatch.setattr(second_look, "CHUNK", 2)
        # Three at each moment, so that some pieces end between equals.
        made = [make_comment(article, at=NOW - timedelta(minutes=index // 3)).pk for index in range(number)]
        seen = [each.comment.pk for each in sweep(days=1, now=NOW)]
        assert sorted(seen) == sorted(made)
        assert len(seen) == number

    def test_asks_for_few_things_a_comment(self, article):
        def queries(number):
            for _number in range(number):
                make_judged(article, commenter=new_commenter())
            with CaptureQueriesContext(connection) as captured:
                assert list(sweep(days=1, now=NOW))
            return len(captured)

        # At first there are no copies to fetch, and the words of the articles to read.
        queries(2)
        first = queries(1)
        # What is learned, copies in two queries, record, blocklist; the rest is asked once for all in a
        # piece.
        assert queries(4) - first == 4 * 5
