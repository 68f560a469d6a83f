import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse

from comments import intake, opinions
from comments.akismet import THANKS, Answer, Client
from comments.forms import CommentForm
from comments.models import AkismetFields, BlocklistEntry, Comment, OpinionTask, Sending
from comments.moderation.pipeline import HOLD_AT, PRIOR, SPAM_AT
from comments.visitors import Sender, Visitor, new_commenter
from comments.workers import Worker
from tests.factories import ON_TOPIC, comment_form, make_article, make_comment, make_moderator, make_user
from tests.factories import SPAM as SPAM_FORM

from .loopback import http

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = "0a1b2c3d4e5f"
HAM, SPAM = http("false"), http("true")
DISCARD = http("true", "X-akismet-pro-tip: discard")
TEXT = "Resting flat with my knees up helped more than the heat pad did."
DOWN = http("", status="503 Service Unavailable")


@pytest.fixture(autouse=True)
def switched_on(settings, server, monkeypatch):
    """A key is set, and Akismet is on this machine; the thread is asleep, tests send by themselves."""
    settings.AKISMET_KEY = KEY
    monkeypatch.setattr(
        opinions,
        "Client",
        lambda key, blog: Client(key, blog, base_url=server.url, context=server.trust, limit_seconds=0.5),
    )
    monkeypatch.setattr(opinions, "_sender", Mock())


@pytest.fixture
def article():
    return make_article(body=ON_TOPIC)


def visitor(**fields):
    return Visitor(
        **{"address": "203.0.113.0", "sender": Sender.HERE, "user": None, "commenter": None} | fields
    )


def receive(article, *, who=None, now=NOW, **fields):
    form = CommentForm(comment_form(article, **fields), article=article)
    assert form.is_valid(), form.errors
    comment, _new = intake.receive(
        article, form.cleaned_data, parent=form.parent, visitor=who or visitor(), now=now
    )
    return comment


def known_good(article):
    commenter = new_commenter()
    make_comment(article, commenter=commenter, status="approved")
    return visitor(commenter=commenter)


def drain(*, after=timedelta(0)):
    return opinions.drain(clock=lambda: NOW + after)


def methods(server):
    return [method for method, _parameters in server.sent]


def outside(comment):
    """The one finding on the opinion from outside: points and words."""
    return comment.findings.values_list("points", "detail").get(rule="akismet")


def fresh(comment):
    return Comment.objects.get(pk=comment.pk)


# Who is asked about --------------------------------------------------------------------------------


def test_what_would_be_published_is_held_until_the_answer_is_in(server, article):
    comment = receive(article, who=known_good(article))
    assert comment.status == "pending"
    assert not server.requests
    drain()
    comment = fresh(comment)
    assert comment.status == "approved"
    assert comment.fragment
    assert methods(server) == ["comment-check"]
    assert outside(comment) == (-5, "Akismet takes it for a good comment")
    decision = comment.decisions.last()
    assert (decision.from_status, decision.to_status, decision.by) == ("pending", "approved", None)
    assert "Akismet" in decision.reason


WEIGHS = {HAM: -5, SPAM: 15, DISCARD: 25}


def with_log_odds(comment, log_odds):
    """Leave one finding, so that a test knows what an opinion is added to."""
    comment.findings.all().delete()
    comment.findings.create(rule="link_count", points=log_odds - PRIOR, detail="some links")
    return comment


@pytest.mark.parametrize(
    ("policy", "answer", "after", "status"),
    [
        ("clean", HAM, HOLD_AT - 0.1, "approved"),
        ("clean", HAM, HOLD_AT + 0.1, "pending"),
        ("clean", SPAM, HOLD_AT - 0.1, "approved"),
        ("clean", SPAM, SPAM_AT - 0.1, "pending"),
        ("clean", SPAM, SPAM_AT + 0.1, "spam"),
        ("clean", DISCARD, SPAM_AT - 0.1, "pending"),
        ("clean", DISCARD, SPAM_AT + 0.1, "spam"),
        ("known", HAM, HOLD_AT - 0.1, "pending"),  # a stranger waits for a person all the same
        ("known", SPAM, SPAM_AT + 0.1, "spam"),
        ("hold", HAM, HOLD_AT - 60, "pending"),
        ("hold", SPAM, SPAM_AT + 0.1, "spam"),
    ],
)
def test_sum_with_the_opinion_decides_under_the_policy(
    server, settings, article, policy, answer, after, status
):
    settings.COMMENTS_POLICY = policy
    server.answers = [answer]
    comment = with_log_odds(receive(article), after - WEIGHS[answer])
    drain()
    points, _detail = outside(comment)
    assert points == WEIGHS[answer]
    comment = fresh(comment)
    assert comment.points == pytest.approx(after - PRIOR)
    assert comment.spam_probability == pytest.approx(1 / (1 + 10 ** (-after / 10)))
    assert comment.status == status


def test_staff_is_published_and_nothing_is_sent(server, article):
    assert receive(article, who=visitor(user=make_moderator())).status == "approved"
    assert not OpinionTask.objects.exists()


def test_what_is_spam_by_our_own_rules_is_not_sent(article):
    assert receive(article, **SPAM_FORM).status == "spam"
    assert not OpinionTask.objects.exists()


def test_without_a_key_nothing_is_asked_and_nobody_waits(settings, article):
    settings.AKISMET_KEY = ""
    assert receive(article, who=known_good(article)).status == "approved"
    assert not OpinionTask.objects.exists()
    assert drain() == []


def test_form_sent_twice_is_asked_about_once(server, article):
    receive(article)
    receive(article)
    drain()
    drain()
    assert methods(server) == ["comment-check"]


def test_editors_order_to_hold_is_not_outvoted(server, settings, article):
    settings.COMMENTS_POLICY = "clean"
    BlocklistEntry.objects.create(text="knees", effect="hold")
    comment = receive(article)
    comment.findings.filter(rule="blocklist").update(points=-50)
    drain()
    assert outside(comment)
    assert fresh(comment).status == "pending"


def test_rule_that_could_not_run_still_bars_publishing(settings, article):
    settings.COMMENTS_POLICY = "clean"
    comment = receive(article, who=visitor(sender=Sender.UNKNOWN))
    drain()
    assert fresh(comment).status == "pending"
    assert outside(comment)


def test_policy_in_force_when_the_answer_comes_decides(settings, article):
    comment = receive(article)
    settings.COMMENTS_POLICY = "clean"
    drain()
    assert fresh(comment).status == "approved"


# When a person is quicker --------------------------------------------------------------------------


def test_once_a_person_has_decided_nobody_is_asked(server, article):
    comment = receive(article)
    comment.approve(by=make_moderator())
    assert drain() == []
    assert not server.requests
    assert not OpinionTask.objects.exists()


def trash(comment, editor):
    comment.trash(by=editor)


def look_at_it_again(comment, editor):
    comment.approve(by=editor)
    comment.hold(by=editor)


def sweep(comment, editor):
    comment.mark_spam(by=None)


@pytest.mark.parametrize("answer", [HAM, DISCARD])
@pytest.mark.parametrize(
    ("act", "status"), [(trash, "trash"), (look_at_it_again, "pending"), (sweep, "spam")]
)
def test_what_is_decided_while_akismet_thinks_stands(
    server, settings, article, monkeypatch, answer, act, status
):
    settings.COMMENTS_POLICY = "clean"
    server.answers = [answer]
    # Left alone it would be published, or spam.
    before = {HAM: HOLD_AT - 10, DISCARD: SPAM_AT - 10}[answer]
    comment, editor = with_log_odds(receive(article), before), make_moderator()
    real = Client.check

    def decide_first(client, *arguments, **options):
        act(fresh(comment), editor)
        return real(client, *arguments, **options)

    monkeypatch.setattr(Client, "check", decide_first)
    drain()
    assert outside(comment)
    assert fresh(comment).status == status


def test_answer_that_contradicts_the_person_who_was_quicker_is_corrected(server, article, monkeypatch):
    comment, editor = receive(article), make_moderator()
    real = Client.check

    def decide_first(client, *arguments, **options):
        fresh(comment).mark_spam(by=editor)
        return real(client, *arguments, **options)

    monkeypatch.setattr(Client, "check", decide_first)
    server.answers = [HAM, http(THANKS)]
    drain()
    drain()
    assert methods(server) == ["comment-check", "submit-spam"]


def test_comment_that_is_deleted_while_akismet_thinks(article, monkeypatch):
    comment = receive(article)

    def delete_first(*arguments, **options):
        Comment.objects.filter(pk=comment.pk).delete()
        return Answer("ham")

    monkeypatch.setattr(Client, "check", delete_first)
    drain()
    assert not Comment.objects.exists()


# When it is down -----------------------------------------------------------------------------------


def test_when_akismet_is_down_the_comment_waits_and_it_is_tried_again(server, article):
    server.answers = [DOWN, DOWN, HAM]
    comment = receive(article, who=known_good(article))
    drain()
    assert fresh(comment).status == "pending"
    assert drain(after=timedelta(seconds=59)) == []
    drain(after=timedelta(minutes=1))
    assert drain(after=timedelta(minutes=4, seconds=59)) == []
    drain(after=timedelta(minutes=5))
    assert fresh(comment).status == "approved"
    assert [(row.answer, row.error) for row in comment.sendings.all()] == [
        ("", "answered with status 503"),
        ("", "answered with status 503"),
        ("ham", ""),
    ]


def test_after_three_days_it_is_left_to_the_person(server, article):
    server.answers = [DOWN]
    comment = receive(article)
    tried = []
    for hours in range(0, 24 * 5):
        tried += [hours] * len(drain(after=timedelta(hours=hours)))
    assert 24 * 2 < tried[-1] <= 24 * 3
    assert 5 < len(tried) < 15
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert pauses == sorted(pauses)
    assert not OpinionTask.objects.exists()
    assert fresh(comment).status == "pending"
    assert not comment.findings.filter(rule="akismet").exists()


def test_invalid_key_is_written_down_and_tried_again(server, article):
    server.answers = [http("invalid", "X-akismet-debug-help: We don't know this key"), HAM]
    comment = receive(article)
    drain()
    assert "We don't know this key" in comment.sendings.get().error
    drain(after=timedelta(hours=1))
    assert outside(comment)


def test_key_removed_while_tasks_wait(server, settings, article):
    comment = receive(article)
    settings.AKISMET_KEY = ""
    assert drain() == []
    assert not comment.sendings.exists()
    # Set again, what waits is asked; but not what has waited too long.
    settings.AKISMET_KEY = KEY
    late = receive(article, comment="Another thought of mine on this.", now=NOW + timedelta(days=3))
    drain(after=timedelta(days=3, minutes=1))
    assert [sending.comment for sending in Sending.objects.all()] == [late]
    assert not OpinionTask.objects.exists()


def test_killed_worker_leaves_a_task_that_is_due_again(server, article, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*arguments, **options):
        raise Killed

    comment = receive(article)
    with monkeypatch.context() as patch:
        patch.setattr(Client, "check", die)
        with pytest.raises(Killed):
            drain()
    # What may have left is on record, though nobody knows what became of it.
    assert str(comment.sendings.get()) == "asked for an opinion: …"
    assert drain(after=timedelta(seconds=59)) == []
    drain(after=timedelta(seconds=60))
    assert outside(comment)
    assert comment.sendings.count() == 2


def test_worker_that_is_late_neither_repeats_nor_undoes(server, article, monkeypatch):
    """Its claim has expired, another has done the work, and then its own answer comes."""
    comment, real = receive(article), Client.check

    def fall_asleep(client, *arguments, **options):
        answer = real(client, *arguments, **options)
        monkeypatch.setattr(Client, "check", real)
        drain(after=timedelta(minutes=2))
        return answer

    monkeypatch.setattr(Client, "check", fall_asleep)
    server.answers = [SPAM, HAM]
    drain()
    assert outside(comment)[0] == -5
    assert [row.answer for row in comment.sendings.all()] == ["spam", "ham"]


def test_provisional_answer_is_asked_for_again_once(server, article):
    server.answers = [http("false", "X-akismet-recheck-after: 900")]
    comment = receive(article, who=known_good(article))
    drain()
    assert fresh(comment).status == "pending"
    assert not comment.findings.filter(rule="akismet").exists()
    assert drain(after=timedelta(seconds=899)) == []
    drain(after=timedelta(seconds=900))
    assert fresh(comment).status == "approved"
    assert [parameters.get("recheck_reason") for _method, parameters in server.sent] == [None, "recheck"]
    assert [row.answer for row in comment.sendings.all()] == ["provisional", "ham"]


# Several workers -----------------------------------------------------------------------------------


def test_task_that_another_worker_takes_first_is_left_to_it(server, article):
    receive(article)

    def take_it_first(execute, sql, parameters, many, context):
        if sql.startswith("UPDATE") and "opiniontask" in sql:
            with connection.cursor() as cursor:
                # Not through this wrapper again: the raw cursor of the database.
                cursor.cursor.execute("UPDATE comments_opiniontask SET due_at = '2026-05-01 12:00:59+00:00'")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(take_it_first):
        assert drain() == []
    assert not server.requests
    assert not Sending.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_comment_once(server, article):
    comments = [receive(article, comment=f"This is thought number {number}.", now=NOW) for number in range(6)]
    together = threading.Barrier(2)

    def work(_number):
        together.wait(timeout=10)
        try:
            return len(drain())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        assert sum(workers.map(work, range(2))) == 6
    texts = sorted(parameters["comment_content"] for _method, parameters in server.sent)
    assert texts == sorted(comment.body for comment in comments)
    assert Sending.objects.filter(answer="ham").count() == 6


@pytest.fixture
def sender(monkeypatch):
    """The thread itself. It ends where a test's ``drain`` raises SystemExit."""
    sender = Worker("opinions", lambda: opinions.drain())
    monkeypatch.setattr(opinions, "_sender", sender)
    return sender


def end_thread():
    raise SystemExit


ends_thread = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@ends_thread
@pytest.mark.django_db(transaction=True)
def test_thread_is_woken_by_the_commit_and_sends(server, article, sender, monkeypatch):
    real = opinions.drain

    def drain_and_end():
        real(clock=lambda: NOW)
        end_thread()

    monkeypatch.setattr(opinions, "drain", drain_and_end)
    with transaction.atomic():
        comment = receive(article, who=known_good(article))
        assert sender._thread is None
    sender._thread.join(timeout=10)
    assert not sender._thread.is_alive()
    assert fresh(comment).status == "approved"


@ends_thread
@pytest.mark.django_db(transaction=True)
def test_thread_survives_a_database_that_is_away(sender, monkeypatch, caplog):
    looks = []

    def look():
        looks.append(None)
        if len(looks) == 2:
            end_thread()
        sender._woken.set()
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(opinions, "drain", look)
    opinions.wake()
    sender._thread.join(timeout=10)
    assert len(looks) == 2
    assert "could not be looked at" in caplog.text


def test_no_thread_without_a_key(settings, sender):
    settings.AKISMET_KEY = ""
    opinions.wake()
    assert sender._thread is None


def test_comment_that_is_not_stored_is_not_asked_about(article, monkeypatch):
    def fail(*arguments, **options):
        raise IntegrityError

    monkeypatch.setattr(opinions, "ask", fail)
    with pytest.raises(intake.Vanished):
        receive(article)
    assert not Comment.objects.exists()


# Corrections ---------------------------------------------------------------------------------------


def asked(server, article, answer):
    server.answers = [answer, http(THANKS)]
    comment = receive(article)
    drain()
    server.requests.clear()
    return fresh(comment)


@pytest.mark.parametrize(
    ("answer", "move", "reported"),
    [
        (HAM, "mark_spam", ["submit-spam"]),
        (SPAM, "approve", ["submit-ham"]),
        (DISCARD, "approve", ["submit-ham"]),
        (HAM, "approve", []),
        (SPAM, "mark_spam", []),
        (HAM, "trash", []),
        (SPAM, "trash", []),
    ],
)
def test_what_an_editor_decides_otherwise_is_reported_back(server, article, answer, move, reported):
    comment = asked(server, article, answer)
    getattr(comment, move)(by=make_moderator())
    opinions.drain()  # by the clock on the wall, as decisions are made
    assert methods(server) == reported


def test_correction_says_what_the_question_said(server, article):
    server.answers = [HAM, http(THANKS)]
    comment = receive(article)
    drain()
    fresh(comment).mark_spam(by=make_moderator())
    opinions.drain()
    (_check, said), (_correction, corrected) = server.sent
    assert corrected == said


def test_systems_own_moves_are_not_reported(server, article):
    comment = asked(server, article, HAM)
    comment.mark_spam(by=None)
    assert not OpinionTask.objects.exists()


def test_comment_that_was_never_asked_about_is_never_reported(article):
    comment = make_comment(article, status="pending")
    comment.mark_spam(by=make_moderator())
    comment.approve(by=make_moderator("bo"))
    assert not OpinionTask.objects.exists()


def test_undone_correction_is_reported_the_other_way_round(server, article):
    comment, editor = asked(server, article, HAM), make_moderator()
    comment.mark_spam(by=editor)
    opinions.drain()
    comment.restore(by=editor)
    assert comment.status == "pending"
    opinions.drain()
    assert methods(server) == ["submit-spam", "submit-ham"]
    comment.approve(by=editor)
    assert not OpinionTask.objects.exists()  # that is what Akismet believes already


def test_correction_that_is_overturned_before_it_was_sent_is_not_sent(server, article):
    comment, editor = asked(server, article, HAM), make_moderator()
    comment.mark_spam(by=editor)
    assert OpinionTask.objects.get().purpose == "spam"
    comment.approve(by=editor)
    assert opinions.drain() == []
    assert not server.requests


def test_spam_that_is_thrown_away_stays_reported_as_spam(server, article):
    comment, editor = asked(server, article, HAM), make_moderator()
    comment.mark_spam(by=editor)
    comment.trash(by=editor)
    opinions.drain()
    assert methods(server) == ["submit-spam"]


def test_correction_that_is_overturned_on_its_way_is_corrected(server, article, monkeypatch):
    comment, editor = asked(server, article, HAM), make_moderator()
    comment.mark_spam(by=editor)
    real = Client.submit

    def overturn_first(client, *arguments):
        monkeypatch.setattr(Client, "submit", real)
        fresh(comment).approve(by=editor)
        return real(client, *arguments)

    monkeypatch.setattr(Client, "submit", overturn_first)
    opinions.drain()
    opinions.drain()
    assert methods(server) == ["submit-spam", "submit-ham"]
    assert not OpinionTask.objects.exists()


def test_correction_is_tried_again_too(server, article):
    comment = asked(server, article, HAM)
    server.answers = [DOWN, http(THANKS)]
    comment.mark_spam(by=make_moderator())
    opinions.drain()
    assert OpinionTask.objects.get().tries == 1
    task = OpinionTask.objects.get()
    opinions.drain(clock=lambda: task.due_at)
    assert methods(server) == ["submit-spam", "submit-spam"]
    assert [str(row) for row in comment.sendings.all()[1:]] == [
        "reported as spam: answered with status 503",
        "reported as spam: thanks",
    ]


# What is sent --------------------------------------------------------------------------------------

ALWAYS = {"api_key": KEY, "blog": "http://testserver", "comment_type": "comment", "blog_charset": "UTF-8"}


def test_by_default_all_but_the_email_address_is_sent(server, article):
    comment = receive(
        article, author="Ana & Bo", url="https://example.org/", comment="Heat <b>helps</b>, now."
    )
    drain()
    assert server.sent[0][1] == ALWAYS | {
        "comment_author": "Ana & Bo",
        "comment_author_url": "https://example.org/",
        "comment_content": "Heat <b>helps</b>, now.",
        "comment_date_gmt": "2026-05-01T12:00:00+00:00",
        "permalink": f"http://testserver{article.get_absolute_url()}",
        "user_ip": "203.0.113.0",
    }
    sending = comment.sendings.get()
    assert sending.field_names == ["text", "name", "website", "network", "article", "time"]
    assert (sending.purpose, sending.host, sending.sent_at) == ("check", "localhost", NOW)


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("text", "comment_content", TEXT),
        ("name", "comment_author", "Ingrid Sommer"),
        ("email", "comment_author_email", "new.reader@example.org"),
        ("website", "comment_author_url", "https://example.org/"),
        ("network", "user_ip", "203.0.113.0"),
        ("article", "permalink", None),
        ("time", "comment_date_gmt", "2026-05-01T12:00:00+00:00"),
    ],
)
def test_each_field_is_sent_only_where_editors_chose_it(server, article, name, parameter, value):
    nothing = dict.fromkeys(AkismetFields.labels(), False)
    AkismetFields.objects.create(**nothing | {name: True})
    comment = receive(article, url="https://example.org/")
    drain()
    value = value or f"http://testserver{article.get_absolute_url()}"
    assert server.sent[0][1] == ALWAYS | {"user_ip": "0.0.0.0"} | {parameter: value}
    assert comment.sendings.get().field_names == [name]


def test_with_nothing_chosen_the_protocol_gets_what_it_demands(server, article):
    AkismetFields.objects.create(**dict.fromkeys(AkismetFields.labels(), False))
    comment = receive(article)
    drain()
    assert server.sent[0][1] == ALWAYS | {"user_ip": "0.0.0.0"}
    assert comment.sendings.get().field_names == []


def test_what_is_not_there_is_not_named_as_sent(server, article):
    comment = receive(article, who=visitor(address=None), url="")
    drain()
    assert comment.sendings.get().field_names == ["text", "name", "article", "time"]
    assert server.sent[0][1]["user_ip"] == "0.0.0.0"


def test_correction_sends_no_more_than_the_question_and_than_is_chosen_now(server, article):
    chosen = AkismetFields.objects.create(name=False)
    comment = asked(server, article, HAM)
    AkismetFields.objects.filter(pk=chosen.pk).update(name=True, email=True, network=False)
    comment.mark_spam(by=make_moderator())
    opinions.drain()
    assert comment.sendings.last().field_names == ["text", "article", "time"]


def test_question_that_is_asked_again_carries_what_is_chosen_by_then(server, article):
    chosen = AkismetFields.objects.create(name=False)
    server.answers = [DOWN, HAM]
    comment = receive(article)
    drain()
    AkismetFields.objects.filter(pk=chosen.pk).update(name=True, time=False)
    drain(after=timedelta(hours=1))
    assert comment.sendings.last().field_names == ["text", "name", "network", "article"]


def test_sending_is_written_once(server, article):
    comment = receive(article)
    drain()
    sending = comment.sendings.get()
    with pytest.raises(ValueError, match="never rewritten"):
        sending.save()
    sending.fill_in(answer="spam")
    assert fresh(comment).sendings.get().answer == "ham"


def test_one_row_says_which_fields(article):
    AkismetFields.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        AkismetFields.objects.create(id=2)


# What people see -----------------------------------------------------------------------------------


@pytest.fixture
def editor(client):
    user = make_user("bo", groups=["Editors"], is_staff=True)
    client.force_login(user)
    return user


def test_editors_see_each_sending_on_the_comments_page(client, editor, server, article):
    comment = receive(article)
    page = reverse("admin:comments_comment_change", args=[comment.pk])
    assert "sendings" not in client.get(page).content.decode()
    server.answers = [DOWN, HAM]
    drain()
    drain(after=timedelta(hours=1))
    shown = client.get(page).content.decode()
    assert "text, name, shortened network address, address of the article, time of the comment" in shown
    assert "answered with status 503" in shown
    assert "asked for an opinion" in shown
    assert "Akismet takes it for a good comment" in shown


def test_editors_choose_the_fields_on_one_page(client, editor):
    index, fields = reverse("admin:index"), reverse("admin:comments_akismetfields_changelist")
    assert "What is sent to Akismet" in client.get(index).content.decode()
    response = client.post(client.get(fields).url, {"text": "on", "email": "on"})
    assert response.status_code == 302
    assert set(AkismetFields.in_force().chosen()) == {"text", "email"}
    response = client.post(client.get(fields).url, {"text": "on"})
    assert response.status_code == 302
    assert set(AkismetFields.in_force().chosen()) == {"text"}
    assert client.get(reverse("admin:comments_akismetfields_add")).status_code == 403
    assert client.get(reverse("admin:comments_akismetfields_delete", args=[1])).status_code == 403


def test_moderators_do_not_choose_the_fields(client):
    client.force_login(make_moderator())
    page = reverse("admin:comments_akismetfields_changelist")
    assert client.get(page, follow=True).status_code == 403


def test_without_a_key_the_admin_does_not_speak_of_it(client, editor, settings):
    settings.AKISMET_KEY = ""
    assert "Akismet" not in client.get(reverse("admin:index")).content.decode()


def test_pages_say_what_is_sent_to_whom(client, settings, article):
    AkismetFields.objects.create(email=True, name=False)
    page = client.get(reverse("comments:data")).content.decode()
    assert "Akismet, of Automattic" in page
    assert "<li>email address</li>" in page
    assert "<li>name</li>" not in page
    assert "sent to nobody." not in page.partition("What is sent to whom")[0]
    assert "never passed on" not in page
    below = client.get(article.get_absolute_url()).content.decode()
    assert "its own filter and the service Akismet" in below


def test_without_a_key_pages_say_that_nothing_is_sent(client, settings, article):
    settings.AKISMET_KEY = ""
    page = client.get(reverse("comments:data")).content.decode()
    assert "Akismet" not in page
    assert "Nothing, to nobody." in page
    assert "never passed on" in page
    assert "Akismet" not in client.get(article.get_absolute_url()).content.decode()


def test_writer_is_told_that_the_comment_waits(client, article):
    response = client.post(
        reverse("comments:post", args=[article.pk]),
        comment_form(article),
        headers={"sec-fetch-site": "same-origin"},
        follow=True,
    )
    assert "Your comment is awaiting moderation." in response.content.decode()
    assert "Akismet" not in response.content.decode().partition("comment-form-filter")[0]


# The command ---------------------------------------------------------------------------------------


def ask_akismet(*options):
    output = StringIO()
    call_command("ask_akismet", *options, stdout=output)
    return output.getvalue()


def test_command_sends_what_is_due_and_tells_of_it(server, article):
    server.answers = [DOWN, HAM]
    first = receive(article, now=opinions.timezone.now())
    second = receive(article, comment="Something quite different.", now=opinions.timezone.now())
    told = ask_akismet()
    assert f"comment {first.pk}: asked for an opinion: answered with status 503" in told
    assert f"comment {second.pk}: asked for an opinion: ham" in told
    assert "2 sent, 1 to be tried later." in told


def test_command_verifies_the_key(server):
    server.answers = [http("valid"), http("invalid"), DOWN]
    assert "Akismet takes this key for http://testserver." in ask_akismet("--verify-key")
    with pytest.raises(CommandError, match="does not take this key"):
        ask_akismet("--verify-key")
    with pytest.raises(CommandError, match="could not be asked: answered with status 503"):
        ask_akismet("--verify-key")


def test_command_says_that_no_key_is_set(settings):
    settings.AKISMET_KEY = ""
    with pytest.raises(CommandError, match="AKISMET_KEY is not set"):
        ask_akismet()


def test_refused_connection_leaves_the_comment_held(server, settings, article, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"https://localhost:{nobody.getsockname()[1]}"
    monkeypatch.setattr(opinions, "Client", lambda key, blog: Client(key, blog, base_url=url))
    comment = receive(article, who=known_good(article))
    drain()
    assert fresh(comment).status == "pending"
    assert "no connection" in comment.sendings.get().error
