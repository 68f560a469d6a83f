"""Mail to editors about comments that wait."""

import re
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from comments import notices
from comments.models import Comment, MailWish, Notice
from tests.factories import comment_form, make_article, make_author, make_comment, make_moderator, make_user

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben():
    """A moderator who wants to know of everything."""
    return wishing("ben", "all")


@pytest.fixture
def article(ben):
    return make_article(title="On Stiff Necks")


def wishing(name, waiting):
    user = make_moderator(name)
    MailWish.objects.create(user=user, waiting=waiting)
    return user


def waiting(article, *, at=NOW, **fields):
    comment = make_comment(article, status="pending", **fields)
    notices.write_down(comment, now=at)
    return comment


def drain(after=timedelta(0)):
    return notices.drain(clock=lambda: NOW + after)


def told():
    return sorted(Notice.objects.values_list("user__username", flat=True))


# Who is told -------------------------------------------------------------------------------------


def test_article_s_author_is_told_without_having_asked_and_nobody_else():
    owner, other = make_moderator("owner"), make_moderator("other")
    author = make_author(name="Owner", user=owner)
    make_author(name="Other", user=other)
    waiting(make_article(author=author))
    assert told() == ["owner"]


@pytest.mark.parametrize(("wish", "expected"), [("none", []), ("mine", ["owner"]), ("all", ["owner"])])
def test_authors_wish_is_followed(wish, expected):
    owner = wishing("owner", wish)
    waiting(make_article(author=make_author(name="Owner", user=owner)))
    assert told() == expected


def test_who_wants_all_is_told_of_all(article):
    wishing("cleo", "mine")
    waiting(article)
    assert told() == ["ben"]


def test_without_address_or_account_nobody_is_told(article, ben):
    cleo = wishing("cleo", "all")
    cleo.email = ""
    cleo.save()
    ben.is_active = False
    ben.save()
    waiting(article)
    assert told() == []


def test_who_may_not_moderate_any_more_gets_no_mail(article, ben):
    waiting(article)
    ben.groups.clear()
    assert drain() == 0
    assert not Notice.objects.exists()


# What the mail says ------------------------------------------------------------------------------


def test_mail_shows_the_comment_and_leads_to_a_page_that_asks(client, article, ben):
    comment = waiting(
        article, author_name="Tom", body="Resting\nflat <b>helped</b> me.", spam_probability=0.4
    )
    assert drain() == 1
    (message,) = mail.outbox
    assert message.to == ["ben@example.org"]
    assert message.subject == "[Afterword] A comment waits on “On Stiff Necks”"
    assert "Tom on “On Stiff Necks” (40 % spam):" in message.body
    assert "    Resting flat helped me.\n" in message.body
    (link,) = re.findall(r"https?://[^/]+(/comments/moderate/\S+)", message.body)
    assert "in the name of ben" in client.get(link).content.decode()
    comment.refresh_from_db()
    assert comment.status == "pending"
    assert drain(after=timedelta(hours=1)) == 0


def test_strangers_words_make_no_line_of_ours(article):
    waiting(
        article,
        author_name="Tom\r\nBcc: all@example.org",
        body="Hello.\n\nAll that waits: https://evil.example/\u202e\u2028x",
    )
    drain()
    body = mail.outbox[0].body
    assert not [
        line for line in body.splitlines() if line.startswith(("Bcc", "All that waits: https://evil"))
    ]
    assert "\u202e" not in body
    assert "\u2028" not in body


def test_title_with_line_breaks_breaks_no_header(ben):
    waiting(make_article(title="One\r\nBcc: all@example.org"))
    drain()
    assert "\n" not in mail.outbox[0].subject


def test_wave_of_comments_is_one_mail_that_says_how_many(article):
    for _ in range(notices.SHOWN + 3):
        waiting(article)
    assert drain() == 1
    assert mail.outbox[0].subject == f"[Afterword] {notices.SHOWN + 3} comments wait"
    assert mail.outbox[0].body.count("/comments/moderate/") == notices.SHOWN
    assert "And 3 more." in mail.outbox[0].body


# When it is sent ---------------------------------------------------------------------------------


def test_next_mail_comes_after_the_pause_with_all_that_came_meanwhile(article):
    waiting(article)
    drain()
    for _ in range(2):
        waiting(article)
    assert drain(after=notices.PAUSE - timedelta(seconds=1)) == 0
    assert drain(after=notices.PAUSE) == 1
    assert mail.outbox[1].subject == "[Afterword] 2 comments wait"


def test_what_was_decided_meanwhile_is_not_told(article, ana):
    waiting(article).approve(by=ana)
    assert drain() == 0
    assert not Notice.objects.exists()


@pytest.mark.parametrize("error", [SMTPServerDisconnected("gone"), ConnectionRefusedError(), TimeoutError()])
def test_mail_that_could_not_be_sent_is_tried_again(article, monkeypatch, error):
    def fail(self, messages):
        raise error

    waiting(article)
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", fail)
        assert drain() == 0
    assert drain(after=timedelta(minutes=1)) == 0
    assert drain(after=notices.PAUSE) == 1


def test_after_three_days_it_is_left_to_the_queue(article):
    waiting(article)
    assert drain(after=notices.GIVE_UP_AFTER + timedelta(seconds=1)) == 0
    assert not Notice.objects.exists()


def test_two_processes_at_once_send_one_mail(article, monkeypatch):
    waiting(article)
    real = notices.as_mail

    def while_another_looks(user, comments):
        monkeypatch.setattr(notices, "as_mail", real)
        assert drain() == 0
        return real(user, comments)

    monkeypatch.setattr(notices, "as_mail", while_another_looks)
    assert drain() == 1
    assert len(mail.outbox) == 1


def test_comment_that_waits_is_written_down_as_it_is_stored(
    client, article, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("comments:post", args=[article.pk]),
            comment_form(article),
            headers={"Sec-Fetch-Site": "same-origin"},
        )
    notice = Notice.objects.get()
    assert notice.comment == Comment.objects.get(status="pending")
    notices._mailer.wake.assert_called_once_with()


# The wish ----------------------------------------------------------------------------------------


def test_everybody_comes_to_their_own_form(client, ana, ben):
    page = client.get(reverse("admin:comments_mailwish_changelist"), follow=True)
    assert "ana@example.org" in page.content.decode()
    wish = MailWish.objects.get(user=ana)
    assert wish.waiting == "mine"
    client.post(reverse("admin:comments_mailwish_change", args=[wish.pk]), {"waiting": "none"})
    wish.refresh_from_db()
    assert wish.waiting == "none"


def test_others_wishes_are_neither_shown_nor_changed(client, ana, ben):
    url = reverse("admin:comments_mailwish_change", args=[ben.mail_wish.pk])
    assert client.get(url).status_code == 403
    assert client.post(url, {"waiting": "none"}).status_code == 403
    assert MailWish.objects.get(user=ben).waiting == "all"


def test_without_the_permission_there_is_no_form(client):
    client.force_login(make_user("reader", is_staff=True))
    assert client.get(reverse("admin:comments_mailwish_changelist")).status_code == 403
    assert not MailWish.objects.exists()
