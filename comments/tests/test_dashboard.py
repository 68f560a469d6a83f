from datetime import UTC, date, datetime, timedelta

import html5lib
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments import agreement, charts, dashboard
from comments.admin import agreement as agreement_admin
from comments.dashboard import Figures, board, count, last_weeks
from comments.models import Comment
from comments.templatetags import desk
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:index")
AGREEMENT = reverse("admin:comments_decision_agreement")
# A Monday to the next, and a moment in the week after.
MONDAY = datetime(2026, 4, 27, tzinfo=UTC)
NEXT = MONDAY + timedelta(weeks=1)
NOW = NEXT + timedelta(days=2, hours=3)
HOUR = timedelta(hours=1)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def nothing_kept():
    """Let no test meet the weeks that another one has counted."""
    cache.clear()


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def story(article):
    """Return a function that makes a comment with its decisions, hour by hour.

    ``steps``: pairs of a status and who gave it, None for the system; “undo” takes the one before back.
    """

    def make(*steps, start=MONDAY + 12 * HOUR, apart=HOUR):
        comment = make_comment(
            article, at=start, status=steps[-1][0] if steps[-1][0] != "undo" else "pending"
        )
        before, last = "", None
        for number, (status, by) in enumerate(steps):
            undoes = last if status == "undo" else None
            to = last.from_status if undoes else status
            last = comment.decisions.create(
                from_status=before, to_status=to, by=by, decided_at=start + number * apart, undoes=undoes
            )
            before = to
        return comment

    return make


@pytest.fixture
def ana(db):
    return make_moderator("ana")


def week(start=MONDAY):
    return count(start, start + timedelta(weeks=1))


def figures(**numbers):
    return Figures(
        **{"caught": 0, "missed": 0, "false_alarms": 0, "held_good": 0, "median_seconds": None} | numbers
    )


def tree(response):
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def board_of(response):
    return next((each for each in tree(response).iter("section") if each.get("class") == "board"), None)


# What is counted. In a story, P is a person and S the system.


@pytest.mark.parametrize(
    ("steps", "counted"),
    [
        # Caught: the system's word is spam, and nobody took it out.
        ("S:spam", {"caught": 1}),
        ("S:pending S:spam", {"caught": 1}),
        ("S:spam P:pending S:spam", {"caught": 1}),
        ("S:spam P:trash", {"caught": 1}),
        ("S:spam P:pending", {}),
        ("S:spam P:pending P:spam", {}),
        ("S:spam P:pending P:undo", {"caught": 1}),
        # Missed: the system published it, and a person says that it is spam.
        ("S:approved", {}),
        ("S:approved P:spam", {"missed": 1}),
        ("S:pending S:approved P:spam", {"missed": 1}),
        ("S:approved P:pending P:spam", {"missed": 1}),
        ("S:approved P:spam P:pending P:spam", {"missed": 1}),
        ("S:approved P:spam P:undo", {}),
        ("S:approved P:trash", {}),
        # Held is not missed: a person was asked.
        ("S:pending P:spam", {"median_seconds": 3600.0}),
        ("S:pending P:approved P:spam", {"held_good": 1, "median_seconds": 3600.0}),
        # False alarms: the system said spam, or asked, and a person approved it.
        ("S:spam P:approved", {"false_alarms": 1}),
        ("S:pending S:spam P:approved", {"false_alarms": 1}),
        ("S:spam P:pending P:approved", {"false_alarms": 1}),
        ("S:spam P:approved P:spam P:approved", {"false_alarms": 1}),
        ("S:spam P:approved P:undo", {"caught": 1}),
        ("S:pending P:approved", {"held_good": 1, "median_seconds": 3600.0}),
        # Waiting ends with the first decision of a person that stands.
        ("S:pending P:trash P:approved", {"held_good": 1, "median_seconds": 3600.0}),
        ("S:pending S:spam", {"caught": 1}),
        ("S:pending P:approved P:undo P:spam", {"median_seconds": 3 * 3600.0}),
    ],
)
def test_story_of_one_comment_counts_once(story, ana, steps, counted):
    people = {"S": None, "P": ana}
    story(*((status, people[who]) for who, status in (step.split(":") for step in steps.split())))
    assert week() == figures(**counted)


def test_week_of_many_is_what_a_hand_would_count(story, ana):
    for steps, number in [
        ([("spam", None)], 5),
        ([("spam", None), ("approved", ana)], 2),
        ([("approved", None), ("spam", ana)], 3),
        ([("approved", None)], 4),
        ([("pending", None), ("approved", ana)], 6),
        ([("pending", None), ("spam", ana)], 2),
        ([("pending", None)], 1),
    ]:
        for _each in range(number):
            story(*steps)
    assert week() == Figures(caught=5, missed=3, false_alarms=2, held_good=6, median_seconds=3600.0)
    # Neighbours count nothing of it.
    assert week(NEXT) == week(MONDAY - timedelta(weeks=1)) == figures()


def test_median_is_the_middle_of_what_waited(story, ana):
    for hours in (1, 2, 30):
        story(("pending", None), ("approved", ana), apart=hours * HOUR)
    # Nobody waited for these.
    story(("spam", None), ("approved", ana), apart=100 * HOUR)
    assert week().median_seconds == 2 * 3600


def test_what_is_corrected_later_counts_in_the_week_of_the_correction(story, ana):
    story(("spam", None), ("approved", ana), apart=timedelta(weeks=1))
    assert week() == figures(caught=1)
    assert week(NEXT) == figures(false_alarms=1)


def test_what_is_taken_back_later_still_counts_where_it_was(story, ana):
    story(("approved", None), ("spam", ana), ("undo", ana), apart=timedelta(days=4))
    assert week() == figures(missed=1)
    assert week(NEXT) == figures()


def test_week_begins_and_ends_to_the_second(story):
    story(("spam", None), start=MONDAY)
    story(("spam", None), start=NEXT - timedelta(microseconds=1))
    story(("spam", None), start=NEXT)
    assert (week().caught, week(NEXT).caught) == (2, 1)


# Weeks


def test_weeks_are_those_of_the_site(story, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    timezone.get_default_timezone.cache_clear()
    try:
        # Monday morning there.
        story(("spam", None), start=MONDAY - 6 * HOUR)
        weeks = last_weeks(now=MONDAY - 5 * HOUR)
    finally:
        settings.TIME_ZONE = "UTC"
        timezone.get_default_timezone.cache_clear()
    assert (weeks[-1].starts, weeks[-1].figures.caught) == (date(2026, 4, 27), 1)
    assert len(weeks) == 12
    assert [each.is_running for each in weeks] == [False] * 11 + [True]


def test_past_weeks_are_counted_once_and_the_running_one_again_after_a_minute(
    story, ana, django_assert_num_queries, monkeypatch
):
    kept = {}
    real = cache.set
    monkeypatch.setattr(
        cache, "set", lambda key, value, timeout: (kept.update({key: timeout}), real(key, value))[1]
    )
    with django_assert_num_queries(12 * 3):
        last_weeks(now=NOW)
    assert sorted(kept.values()) == [60] + [13 * 7 * 24 * 3600] * 11
    with django_assert_num_queries(0):
        assert len(last_weeks(now=NOW)) == 12
    # What comes too late for a week that is closed changes it no more.
    story(("spam", None))
    story(("spam", None), start=NOW)
    cache.delete(dashboard._key(date(2026, 5, 4)))
    with django_assert_num_queries(3):
        weeks = last_weeks(now=NOW)
    assert [each.figures.caught for each in weeks[-2:]] == [0, 1]


def test_week_is_not_closed_in_its_last_moment(monkeypatch):
    kept = []
    monkeypatch.setattr(cache, "set", lambda key, value, timeout: kept.append(timeout))
    last_weeks(now=NEXT + timedelta(minutes=59))
    assert kept.count(60) == 2
    kept.clear()
    last_weeks(now=NEXT + timedelta(minutes=60))
    assert kept.count(60) == 1


def test_no_count_reads_a_whole_table(story, ana):
    story(("spam", None), ("approved", ana))
    on_sqlite = connection.vendor == "sqlite"
    with CaptureQueriesContext(connection) as queries:
        board(now=NOW)
    with connection.cursor() as cursor:
        if not on_sqlite:
            # A small table is read whole, whatever indexes it has.
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in list(queries.captured_queries):
            cursor.execute(f"{'EXPLAIN QUERY PLAN' if on_sqlite else 'EXPLAIN'} {query['sql']}")
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            assert "SCAN comments_" not in plan and "Seq Scan on comments_" not in plan
            if on_sqlite and "decided_at" in query["sql"]:
                # The way in is the time, within the people's decisions or the system's spam.
                assert plan.splitlines()[0 if "DISTINCT" not in plan else 1].startswith(
                    (
                        "SEARCH comments_decision USING INDEX decision_people (decided_at>",
                        "SEARCH comments_decision USING INDEX history_by_what (by_id=? AND to_status=? AND",
                    )
                ), plan


# What waits


def test_board_says_what_waits_and_since_when(article):
    for hours in (5, 9, 2):
        make_comment(article, status="pending", at=NOW - hours * HOUR, author_name=f"{hours} hours")
    make_comment(article, status="spam", at=NOW - 99 * HOUR)
    shown = board(now=NOW)
    assert (shown.waiting, shown.oldest.author_name) == (3, "9 hours")
    assert not shown.is_empty


def test_counting_ends(article, monkeypatch):
    monkeypatch.setattr(dashboard, "COUNTED", 2)
    for _each in range(5):
        make_comment(article, status="pending", at=NOW)
    assert board(now=NOW).waiting == 3


def test_median_that_is_shown_is_the_latest_there_is(story, ana):
    assert board(now=NOW).latest_median is None
    cache.clear()
    story(("pending", None), ("approved", ana))
    assert board(now=NOW).latest_median.starts == MONDAY.date()


# The page


@pytest.fixture
def lively(story, ana, article, monkeypatch):
    """It is NOW, and there was something of everything, in this week and three weeks ago."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for at in (NOW - HOUR, NOW - timedelta(weeks=3)):
        second = timedelta(seconds=10)
        story(("spam", None), start=at, apart=second)
        story(("spam", None), start=at, apart=second)
        story(("approved", None), ("spam", ana), start=at, apart=second)
        story(("pending", None), ("approved", ana), start=at, apart=second)
    return make_comment(article, status="pending", at=NOW - 50 * HOUR, author_name="<b>Tom</b>")


def test_moderator_sees_the_board_on_the_first_page(client, ana, lively):
    client.force_login(ana)
    shown = board_of(client.get(INDEX))
    now = {words(each.find("dt")): words(each.find("dd")) for each in shown.find("dl").iter("div")}
    assert now == {
        "Waiting": "1",
        "Oldest waiting": "2 days by <b>Tom</b>",
        "Median time to a decision": "less than a minute this week",
    }
    hrefs = [each.get("href") for each in shown.iter("a")]
    assert reverse("admin:comments_comment_change", args=[lively.pk]) in hrefs
    assert {AGREEMENT, reverse("admin:comments_decision_changelist")} < set(hrefs)
    rows = [[words(cell) for cell in row] for row in shown.find(".//tbody")]
    assert len(rows) == 12
    assert rows[0] == ["this week", "2", "1", "0", "1", "less than a minute"]
    assert rows[3][1:] == ["2", "1", "0", "1", "less than a minute"]
    assert rows[5][1:] == ["0", "0", "0", "0", "–"]


def test_each_chart_has_a_name_a_description_and_its_values(client, ana, lively):
    client.force_login(ana)
    shown = board_of(client.get(INDEX))
    drawings = list(shown.iter(f"{SVG}svg"))
    ids = {each.get("id"): words(each) for each in shown.iter() if each.get("id")}
    assert [" ".join(ids[each] for each in one.get("aria-labelledby").split()) for one in drawings] == [
        "Spam caught 4 in 12 weeks; 2 in this week so far, at most 2 in a week.",
        "Spam missed 2 in 12 weeks; 1 in this week so far, at most 1 in a week.",
        "Held, then approved 2 in 12 weeks; 1 in this week so far, at most 1 in a week.",
        "Median time to a decision From less than a minute to less than a minute in 12 weeks.",
    ]
    assert {each.get("role") for each in drawings} == {"img"}
    assert words(drawings[0].findall(f"{SVG}rect")[-1]) == "this week: 2"
    assert "None in 12 weeks." in words(shown)
    assert not [each for each in shown.iter() if each.get("style")]


def test_page_costs_the_same_for_much_and_little(client, ana, lively, story, django_assert_num_queries):
    client.force_login(ana)
    client.get(INDEX)
    # Session, user, two of permissions, what waits and the oldest of it, and the admin's recent actions.
    with django_assert_num_queries(7):
        client.get(INDEX)
    for _each in range(5):
        story(("pending", None), ("spam", ana), start=NOW)
    with django_assert_num_queries(7):
        client.get(INDEX)


def test_whoever_may_not_moderate_sees_the_plain_page(client, lively, django_assert_num_queries):
    client.force_login(make_user("mallory", is_staff=True))
    # Session, user, two of permissions, recent actions.
    with django_assert_num_queries(5):
        response = client.get(INDEX)
    assert board_of(response) is None
    assert "moderation/dashboard.css" not in response.content.decode()


def test_empty_site_is_told_what_will_be_here(client, ana):
    client.force_login(ana)
    shown = board_of(client.get(INDEX))
    assert "Nothing has happened here in the last 12 weeks." in words(shown)
    assert "nothing waits: well done" in words(shown)
    assert not list(shown.iter(f"{SVG}svg"))


# Charts


def test_bars_share_the_width_and_the_highest_fills_the_height():
    marks = charts.bars([0, 5, 10], ["a", "b", "c"])
    assert [mark.height for mark in marks] == [1, charts.HEIGHT // 2, charts.HEIGHT]
    assert [mark.y + mark.height for mark in marks] == [charts.HEIGHT] * 3
    assert [mark.is_none for mark in marks] == [True, False, False]
    assert [mark.is_last for mark in marks] == [False, False, True]
    assert [mark.label for mark in marks] == ["a", "b", "c"]
    assert marks[-1].x + marks[-1].width <= charts.WIDTH


def test_little_of_much_is_still_to_be_seen():
    assert charts.bars([1, 10_000], ["a", "b"])[0].height == charts.SMALLEST


def test_one_of_anything_does_not_fill_the_height():
    [mark] = charts.bars([1], ["a"])
    assert mark.height == charts.HEIGHT / charts.LEAST_TOP


def test_dots_leave_out_what_is_not_known():
    marks = charts.dots([None, 60.0, None, 120.0], list("abcd"))
    assert [mark.label for mark in marks] == ["b", "d"]
    assert marks[1].y == charts.MARGIN
    assert charts.path(marks) == f"{marks[0].x},{marks[0].y} {marks[1].x},{marks[1].y}"
    assert charts.dots([None], ["a"]) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "less than a minute"), (59.9, "less than a minute"), (7800, "2 hours, 10 minutes")],
)
def test_duration_is_said_in_words(seconds, said):
    assert " ".join(desk.duration(seconds).split()) == said


# How often each rule agreed


@pytest.fixture
def judged(article, ana):
    """Twelve good comments and fifty of spam, with one rule that is right on most and one on a quarter."""

    def make(good=12, spam=50):
        for number in range(good + spam):
            is_spam = number < spam
            comment = make_comment(article, status="spam" if is_spam else "approved")
            comment.decisions.create(from_status="pending", to_status=comment.status, by=ana)
            comment.findings.create(rule="link_count", points=5 if is_spam else -1, detail="")
            comment.findings.create(rule="length", points=-2, detail="")
            comment.findings.create(rule="sender", points=0, detail="", evaluated=False)

    return make


def rule_rows(response):
    return [[words(cell) for cell in row] for row in tree(response).find(".//tbody")]


def test_page_says_how_often_each_rule_fired_and_agreed(client, ana, judged):
    judged()
    client.force_login(ana)
    response = client.get(AGREEMENT)
    assert rule_rows(response) == [
        ["length", "62", "19 %", "", "–"],
        ["link count", "62", "100 %", "", "–"],
        ["sender", "0", "–", "", "62"],
    ]
    assert "12 comments that people approved and 50 that they marked as spam" in words(tree(response))


def test_too_few_decisions_say_nothing(client, ana, judged):
    judged(good=3, spam=4)
    client.force_login(ana)
    text = words(tree(client.get(AGREEMENT)))
    assert "People have decided on 7 comments so far. They approved 3 and marked 4 as spam." in text
    assert "it takes 50, with 10 approved and 10 marked as spam" in text


def test_count_is_kept_for_some_minutes(client, ana, judged, django_assert_num_queries):
    judged()
    client.force_login(ana)
    client.get(AGREEMENT)
    # Session, user, two of permissions.
    with django_assert_num_queries(4):
        client.get(AGREEMENT)


def test_only_the_latest_decisions_are_counted(client, ana, judged, monkeypatch):
    judged(good=15, spam=65)
    monkeypatch.setattr(agreement_admin, "LOOKED_AT", 70)
    client.force_login(ana)
    response = client.get(AGREEMENT)
    assert "15 comments that people approved and 55 that they marked as spam" in words(tree(response))
    assert "from the latest 70 decisions" in words(tree(response))


def test_latest_decisions_are_those_of_people(article, ana):
    for number, by in enumerate([ana, None, ana, None]):
        make_comment(article).decisions.create(
            from_status="pending", to_status="spam", by=by, decided_at=NOW + number * HOUR
        )
    assert agreement.since_latest(2) is None
    assert agreement.since_latest(1) == NOW
    assert agreement.decided(since=NOW) == agreement.Decided(good=0, spam=1)
    assert Comment.objects.count() == 4
