"""Who has a comment open: noted when the card is opened, renewed by its script, gone after minutes."""

from datetime import UTC, datetime, timedelta

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments import presence
from comments.admin.presence import in_words
from comments.models import Presence
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
QUEUE = reverse("admin:comments_comment_changelist")
SCRIPT = "<script>alert(1)</script>"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def comment():
    return make_comment(make_article(title="Spasms"), status="pending", author_name="Mara")


@pytest.fixture
def ben(db):
    return make_moderator("ben")


@pytest.fixture
def bens(ben):
    """Ben's browser."""
    client = Client()
    client.force_login(ben)
    return client


def card_of(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def beacon_of(comment):
    return reverse("admin:comments_comment_presence", args=[comment.pk])


def line(response):
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    [found] = page.findall(".//p[@data-presence]")
    return "".join(found.itertext())


def row(response, comment):
    """The list's row of a comment, as words."""
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    rows = page.findall(".//table[@id='result_list']/tbody/tr")
    [found] = [each for each in rows if comment.author_name in "".join(each.itertext())]
    return " ".join("".join(found.itertext()).split())


def who_is_there(comment, *, now):
    return [each.user.username for each in comment.presences.there(now=now).select_related("user")]


def said_to(user, comment, *, now):
    there = Presence.objects.there(now=now).exclude(user=user).filter(comment=comment).order_by("opened_at")
    return in_words(list(there), now=now)


# How long somebody counts as there


def test_page_that_is_renewed_counts_until_two_minutes_after(comment, ana):
    presence.open_page(comment.pk, ana, now=NOW)
    presence.renew(comment.pk, ana, now=NOW + SECOND)
    last = NOW + 30 * MINUTE
    presence.renew(comment.pk, ana, now=last)
    assert who_is_there(comment, now=last + 2 * MINUTE - SECOND) == ["ana"]
    assert who_is_there(comment, now=last + 2 * MINUTE) == []


def test_page_without_a_script_counts_for_five_minutes(comment, ana):
    presence.open_page(comment.pk, ana, now=NOW)
    assert who_is_there(comment, now=NOW + 5 * MINUTE - SECOND) == ["ana"]
    assert who_is_there(comment, now=NOW + 5 * MINUTE) == []
    presence.open_page(comment.pk, ana, now=NOW + 6 * MINUTE)
    assert comment.presences.get().opened_at == NOW + 6 * MINUTE


def test_page_opened_again_is_open_since_the_first_time(comment, ana):
    presence.open_page(comment.pk, ana, now=NOW)
    presence.renew(comment.pk, ana, now=NOW + SECOND)
    presence.open_page(comment.pk, ana, now=NOW + MINUTE)
    found = comment.presences.get()
    assert (found.opened_at, found.seen_at) == (NOW, NOW + MINUTE)


def test_goodbye_counts_at_once(comment, ana):
    presence.open_page(comment.pk, ana, now=NOW)
    presence.say_goodbye(comment.pk, ana, now=NOW + SECOND)
    assert who_is_there(comment, now=NOW + SECOND) == []
    presence.open_page(comment.pk, ana, now=NOW + MINUTE)
    assert who_is_there(comment, now=NOW + MINUTE) == ["ana"]
    assert comment.presences.get().opened_at == NOW + MINUTE


def test_second_tab_that_stays_open_is_open_since_the_first_time(comment, ana):
    presence.open_page(comment.pk, ana, now=NOW)
    presence.say_goodbye(comment.pk, ana, now=NOW + 10 * SECOND)
    presence.renew(comment.pk, ana, now=NOW + 30 * SECOND)
    assert who_is_there(comment, now=NOW + 31 * SECOND) == ["ana"]
    assert comment.presences.get().opened_at == NOW


def test_renewal_of_a_page_that_was_forgotten_notes_it_anew(comment, ana):
    presence.renew(comment.pk, ana, now=NOW)
    assert who_is_there(comment, now=NOW) == ["ana"]


def test_old_notes_are_taken_away_in_passing_and_never_pile_up(comment, ana, monkeypatch):
    monkeypatch.setattr(presence, "CLEANED_AT_ONCE", 3)
    others = [make_comment(comment.article) for _each in range(5)]
    for number, each in enumerate(others):
        presence.open_page(each.pk, ana, now=NOW + number * SECOND)
    presence.open_page(comment.pk, ana, now=NOW + 10 * MINUTE + 10 * SECOND)
    left = {each.pk for each in (others[3], others[4], comment)}
    assert set(Presence.objects.values_list("comment_id", flat=True)) == left


def test_one_person_is_noted_once_for_a_comment(comment, ana):
    presence.open_page(comment.pk, ana, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        comment.presences.create(user=ana, opened_at=NOW, seen_at=NOW)
    # Two tabs in one moment: the second finds no row, and comes too late with its own.
    presence._create(comment.pk, ana, NOW)
    assert comment.presences.count() == 1


# In words


def test_who_has_it_open_is_said_with_the_time(comment, ana, ben, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    presence.open_page(comment.pk, ben, now=NOW)
    assert said_to(ana, comment, now=NOW + 59 * SECOND) == "ben has just opened this."
    assert said_to(ana, comment, now=NOW + MINUTE) == "ben opened this 1 minute ago."
    assert said_to(ana, comment, now=NOW + 3 * MINUTE + SECOND) == "ben opened this 3 minutes ago."
    presence.renew(comment.pk, ben, now=NOW + 4 * MINUTE)
    assert said_to(ana, comment, now=NOW + 4 * MINUTE) == "ben has had this open since 1:03 pm."
    assert said_to(ben, comment, now=NOW + 4 * MINUTE) == ""


def test_day_is_said_where_it_was_not_today(comment, ana, ben):
    presence.open_page(comment.pk, ben, now=NOW)
    presence.renew(comment.pk, ben, now=NOW + timedelta(days=1))
    said = said_to(ana, comment, now=NOW + timedelta(days=1))
    assert said == "ben has had this open since November 22, 2026 at 12:03 pm."


def test_of_many_three_are_named(comment, ana):
    for number in range(5):
        presence.open_page(comment.pk, make_moderator(f"m{number}"), now=NOW + number * SECOND)
    assert said_to(ana, comment, now=NOW + 5 * SECOND) == (
        "m0 has just opened this. m1 has just opened this. m2 has just opened this. 2 more have it open."
    )


# The card


def test_card_says_who_else_has_it_open(client, ana, bens, comment):
    assert line(client.get(card_of(comment))) == ""
    assert line(bens.get(card_of(comment))) == "ana has just opened this."
    assert line(client.get(card_of(comment))) == "ben has just opened this."
    other = make_comment(comment.article, status="pending")
    assert line(bens.get(card_of(other))) == ""


def test_same_editor_in_two_tabs_is_nobody_else(client, ana, comment):
    client.get(card_of(comment))
    assert line(client.get(card_of(comment))) == ""
    assert client.post(beacon_of(comment)).json() == {"said": ""}
    assert Presence.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Sec-Purpose": "prefetch;anonymous-client-ip"},
        {"Purpose": "prefetch"},
    ],
)
def test_page_fetched_in_advance_is_no_opening(client, ana, comment, headers):
    assert client.get(card_of(comment), headers=headers).status_code == 200
    assert not Presence.objects.exists()


def test_look_at_the_headers_is_no_opening(client, ana, comment):
    assert client.head(card_of(comment)).status_code == 200
    assert not Presence.objects.exists()


def test_beacon_renews_and_tells_who_came(client, ana, bens, comment):
    client.get(card_of(comment))
    assert client.post(beacon_of(comment)).json() == {"said": ""}
    bens.get(card_of(comment))
    assert client.post(beacon_of(comment)).json() == {"said": "ben has just opened this."}
    mine = comment.presences.get(user=ana)
    assert mine.seen_at > mine.opened_at
    assert bens.post(beacon_of(comment), {"leaving": "1"}).json() == {}
    assert client.post(beacon_of(comment)).json() == {"said": ""}
    assert line(bens.get(card_of(comment))).startswith("ana has had this open since ")


def test_deciding_takes_ones_note_away(client, ana, ben, bens, comment):
    for browser in (client, bens):
        browser.get(card_of(comment))
    client.post(card_of(comment), {"_approve": "1", "seen_status": "pending"})
    assert [each.user for each in Presence.objects.all()] == [ben]
    # Ben comes too late: nothing is decided, and his page is shown to him again.
    bens.post(card_of(comment), {"_mark_spam": "1", "seen_status": "pending"})
    assert [each.user for each in Presence.objects.all()] == [ben]
    comment.refresh_from_db()
    assert comment.status == "approved"


def test_names_are_escaped(client, ana, comment):
    presence.open_page(comment.pk, make_moderator(SCRIPT), now=timezone.now())
    for page in (client.get(card_of(comment)), client.get(QUEUE)):
        assert SCRIPT not in page.content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; has" in page.content.decode()


def test_note_goes_with_the_comment_and_with_the_account(comment, ana, ben):
    presence.open_page(comment.pk, ana, now=NOW)
    presence.open_page(comment.pk, ben, now=NOW)
    ben.delete()
    assert [each.user for each in Presence.objects.all()] == [ana]
    comment.delete()
    assert not Presence.objects.exists()


# Who may


def test_beacon_is_closed_to_whoever_may_not_moderate(client, comment):
    eve = make_user("eve", is_staff=True)
    eve.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client.force_login(eve)
    for data in ({}, {"leaving": "1"}):
        assert client.post(beacon_of(comment), data).status_code == 403
    assert client.get(beacon_of(comment)).status_code == 403
    # They may look, and neither leave a note nor read one.
    presence.open_page(comment.pk, make_moderator("ana"), now=timezone.now())
    page = client.get(card_of(comment))
    assert page.status_code == 200
    assert "ana has" not in page.content.decode()
    assert [each.user.username for each in Presence.objects.all()] == ["ana"]


def test_whoever_is_no_staff_is_sent_to_sign_in(client, comment):
    assert client.post(beacon_of(comment)).status_code == 302
    client.force_login(make_user("guest"))
    assert client.post(beacon_of(comment)).status_code == 302
    assert not Presence.objects.exists()


def test_beacon_without_the_token_is_refused(ana, comment):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    assert strict.post(beacon_of(comment)).status_code == 403
    assert not Presence.objects.exists()


def test_beacon_acts_on_a_post_only(client, ana, comment):
    for method in (client.get, client.head, client.put, client.delete):
        assert method(beacon_of(comment)).status_code == 405
    assert not Presence.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999", str(2**63), "9" * 200, "-1", "x", "1%00"])
@pytest.mark.parametrize("data", [{}, {"leaving": "1"}])
def test_beacon_for_a_comment_that_there_is_not_is_not_found(client, ana, comment, number, data):
    response = client.post(f"{QUEUE}{number}/presence/", data)
    assert response.status_code in (404, 302)
    assert not Presence.objects.exists()


# The list


def test_list_marks_what_somebody_else_has_open(client, ana, bens, comment):
    other = make_comment(comment.article, status="pending", author_name="Other")
    client.get(card_of(comment))
    page = bens.get(QUEUE)
    assert "ana has it open" in row(page, comment)
    assert "has it open" not in row(page, other)
    assert "has it open" not in client.get(QUEUE).content.decode()


def test_marks_cost_one_query_for_the_page(client, ana, comment):
    users = [make_moderator(f"m{number}") for number in range(3)]
    for _each in range(5):
        each = make_comment(comment.article, status="pending")
        for user in users:
            presence.open_page(each.pk, user, now=timezone.now())
    with CaptureQueriesContext(connection) as asked:
        page = client.get(QUEUE)
    assert page.content.decode().count("has it open") == 5 * 3
    assert sum("comments_presence" in query["sql"] for query in asked.captured_queries) == 1
