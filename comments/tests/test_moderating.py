"""Deciding on the article's page and from a link in a mail."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment
from comments.moderating import LINK_LASTS, mail_link
from comments.on_page import MOST_HELD, with_held
from comments.thread import load_page, page_number
from tests.factories import make_article, make_comment, make_moderator, make_user

BAR = re.compile(r'<form class="moderate .*?</form>', re.DOTALL)


@pytest.fixture
def article(db):
    return make_article()


def make_held(article, **fields):
    return make_comment(article, status="pending", **fields)


def url_of(comment):
    return reverse("comments:moderate", args=[comment.pk])


def decide(client, comment, move, seen="pending", url=None, **headers):
    data = {"move": move, "seen_status": seen}
    return client.post(url or url_of(comment), data, headers=headers or None)


def page_of(client, url):
    return client.get(url.partition("#")[0]).content.decode()


# On the article's page ---------------------------------------------------------------------------


def test_moderator_sees_what_waits_in_its_place_and_buttons_below_each(client, article, ana):
    first = make_comment(article, author_name="First", status="approved")
    held = make_held(article, author_name="Held", body="Waiting words", parent=first)
    make_comment(article, author_name="Hidden", status="spam")
    html = page_of(client, article.get_absolute_url())
    assert html.index(f'id="comment-{first.pk}"') < html.index(f'id="comment-{held.pk}"')
    assert "Waiting words" in html
    assert "Hidden" not in html
    bars = BAR.findall(html)
    assert [re.findall(r'name="move" value="(\w+)"', bar) for bar in bars] == [
        ["hold", "mark_spam", "trash"],
        ["approve", "mark_spam", "trash"],
    ]
    assert "One thought on" in html


@pytest.mark.parametrize("who", ["nobody", "a signed-in reader"])
def test_readers_page_has_no_trace_of_it(client, article, who):
    make_comment(article, status="approved")
    make_held(article, body="Waiting words")
    if who != "nobody":
        client.force_login(make_user("reader"))
    html = page_of(client, article.get_absolute_url())
    # In advance a browser fetches with what it calls moderate eagerness.
    assert "moderat" not in html.replace('"eagerness": "moderate"', "")
    assert "Waiting words" not in html


def test_readers_page_asks_nothing_more(client, article, django_assert_max_num_queries):
    make_comment(article, status="approved")
    client.get(article.get_absolute_url())
    with django_assert_max_num_queries(7) as before:
        client.get(article.get_absolute_url())
    for _ in range(5):
        make_held(article)
    with django_assert_max_num_queries(len(before)):
        client.get(article.get_absolute_url())


def test_moderators_page_costs_the_same_however_much_waits(
    client, article, ana, django_assert_max_num_queries
):
    make_comment(article, status="approved")
    make_held(article)
    client.get(article.get_absolute_url())
    with django_assert_max_num_queries(30) as before:
        client.get(article.get_absolute_url())
    for _ in range(5):
        make_held(article)
    with django_assert_max_num_queries(len(before)):
        client.get(article.get_absolute_url())


def test_each_page_shows_what_waits_in_its_own_stretch(article, settings):
    settings.COMMENTS_PER_PAGE = 2
    now = timezone.now()
    approved = [make_comment(article, status="approved", at=now + timedelta(hours=hour)) for hour in range(5)]
    held = [make_held(article, at=now + timedelta(hours=hour, minutes=30)) for hour in range(-1, 5)]
    shown = []
    for number in (1, 2, 3):
        page, more = with_held(load_page(article, number))
        assert not more
        shown.append([comment.pk for comment in page.comments])
    assert [pk for page in shown for pk in page] == [
        pk for pair in zip(held, [*approved, None], strict=True) for pk in [each.pk for each in pair if each]
    ]
    assert [len(page) for page in shown] == [5, 4, 2]


def test_of_many_waiting_ones_the_first_are_shown_and_the_queue_is_named(client, article, ana):
    for _ in range(MOST_HELD + 1):
        make_held(article)
    html = page_of(client, article.get_absolute_url())
    assert len(BAR.findall(html)) == MOST_HELD
    assert "More comments on this article wait in the queue." in html


def test_decision_leads_back_to_its_place_and_says_who_decided(client, article, ana):
    comment = make_held(article, body="Waiting words")
    answer = decide(client, comment, "mark_spam")
    assert answer.status_code == 303
    assert answer.url.endswith(f"?decided={comment.pk}#comment-{comment.pk}")
    comment.refresh_from_db()
    decision = comment.decisions.last()
    assert (comment.status, decision.by, decision.from_status) == ("spam", ana, "pending")
    html = page_of(client, answer.url)
    assert "Waiting words" in html
    assert "decided by ana" in html
    # And from there it can be taken back.
    assert decide(client, comment, "restore", seen="spam").status_code == 303
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_last_comment_of_the_last_page_leads_to_a_page_that_is_there(client, article, ana, settings):
    settings.COMMENTS_PER_PAGE = 1
    now = timezone.now()
    _first, last = (
        make_comment(article, status="approved", at=now + timedelta(hours=hour)) for hour in (0, 1)
    )
    assert page_number(last) == 2
    answer = decide(client, last, "trash", seen="approved")
    page = client.get(answer.url.partition("#")[0])
    assert page.status_code == 200
    assert f'id="comment-{last.pk}"' in page.content.decode()


def test_whoever_comes_second_is_told_who_was_quicker(client, article, ana):
    comment = make_held(article)
    comment.approve(by=make_moderator("ben"))
    answer = decide(client, comment, "mark_spam")
    assert answer.status_code == 409
    assert "ben was quicker" in answer.content.decode()
    comment.refresh_from_db()
    assert comment.status == "approved"


def test_get_acts_on_nothing(client, article, ana):
    comment = make_held(article)
    html = client.get(url_of(comment), {"move": "approve", "seen_status": "pending"}).content.decode()
    assert 'value="approve"' in html
    comment.refresh_from_db()
    assert comment.status == "pending"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"move": "delete_all", "seen_status": "pending"},
        {"move": "approve"},
        {"move": "approve", "seen_status": "a\x00"},
    ],
)
def test_forms_that_were_made_up_change_nothing(client, article, ana, data):
    comment = make_held(article)
    assert client.post(url_of(comment), data).status_code == 422
    comment.refresh_from_db()
    assert comment.status == "pending"


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 19, "9" * 300])
def test_comment_that_is_not_there(client, ana, pk):
    assert client.get(f"/comments/{pk}/moderate/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_moderate_is_refused_and_who_is_not_signed_in_may_sign_in(client, article, method):
    comment = make_held(article)
    answer = getattr(client, method)(url_of(comment), {"move": "approve", "seen_status": "pending"})
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))
    client.force_login(make_user("reader", is_staff=True))
    assert (
        getattr(client, method)(url_of(comment), {"move": "approve", "seen_status": "pending"}).status_code
        == 403
    )
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_form_without_the_sessions_token_is_refused(article):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_moderator("ana"))
    comment = make_held(article)
    assert decide(strict, comment, "approve").status_code == 403
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_other_methods_are_named(client, article, ana):
    assert client.put(url_of(make_held(article))).status_code == 405


# From a mail -------------------------------------------------------------------------------------


@pytest.fixture
def held(article):
    return make_held(article, body="Waiting words")


@pytest.fixture
def ben(db):
    return make_moderator("ben")


def status_of(comment):
    return Comment.objects.get(pk=comment.pk).status


def test_link_shows_the_comment_and_acts_only_when_a_button_is_pressed(client, held, ben):
    link = mail_link(held, ben)
    page = client.get(link)
    assert page.status_code == 200
    assert "Waiting words" in page.content.decode()
    assert "in the name of ben" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies
    assert status_of(held) == "pending"
    answer = decide(client, held, "approve", url=link)
    assert (answer.status_code, answer.url) == (303, link)
    assert held.decisions.last().by == ben
    assert "decided by ben" in client.get(link).content.decode()


def test_second_click_says_who_acted_before(client, held, ben):
    link = mail_link(held, ben)
    held.mark_spam(by=make_moderator("cleo"))
    answer = decide(client, held, "approve", url=link)
    assert answer.status_code == 409
    assert "cleo was quicker" in answer.content.decode()
    assert status_of(held) == "spam"


def test_form_from_another_site_is_refused(client, held, ben):
    answer = decide(client, held, "approve", url=mail_link(held, ben), **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert status_of(held) == "pending"


def test_link_ends_with_the_permission_the_account_the_password_and_the_time(client, held, ben, monkeypatch):
    link = mail_link(held, ben)
    ben.user_permissions.clear()
    ben.groups.clear()
    assert client.get(link).status_code == 404

    cleo = make_moderator("cleo")
    link = mail_link(held, cleo)
    cleo.is_active = False
    cleo.save()
    assert client.get(link).status_code == 404
    cleo.is_active = True
    cleo.save()
    assert client.get(link).status_code == 200
    cleo.set_password("another one that is long")
    cleo.save()
    assert client.get(link).status_code == 404

    link = mail_link(held, cleo)
    later = signing.time.time() + LINK_LASTS.total_seconds() + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("change", [
    lambda token, other: token.replace("-", "-1", 1),
    lambda token, other: f"{other}{token[token.index('-'):]}",
    lambda token, other: token[:-1],
    lambda token, other: "x",
    lambda token, other: "1-1:a:b",
    lambda token, other: "9" * 400,
])  # fmt: skip
def test_link_that_was_changed_leads_nowhere(client, article, held, ben, change):
    other = make_held(article)
    prefix, token = mail_link(held, ben).rstrip("/").rsplit("/", 1)
    assert client.get(f"{prefix}/{change(token, other.pk)}/").status_code == 404
    assert decide(client, held, "approve", url=f"{prefix}/{change(token, other.pk)}/").status_code == 404
    assert status_of(held) == "pending"
