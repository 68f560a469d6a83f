from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse
from django.utils.html import escape

from articles.models import Article
from comments import replying
from comments.echoes import echoes
from comments.facts import text_digest
from comments.learned import Lesson
from comments.markup import MAX_LENGTH, plain_text, sanitize
from comments.models import Batch, Comment, Decision
from comments.retraining import retrain
from comments.second_look import rejudge
from comments.visitors import Sender, Visitor
from tests.factories import make_article, make_author, make_comment, make_moderator, make_user

ANSWER = "A heat pad for twenty minutes, then walk a little."
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
CHANGELIST = reverse("admin:comments_comment_changelist")


@pytest.fixture
def article(db):
    return make_article(title="Spasms")


@pytest.fixture
def question(article):
    return make_comment(article, author_name="Ingrid", status="pending")


def card_url(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def reply_url(comment):
    return reverse("admin:comments_comment_reply", args=[comment.pk])


def send(client, comment, text=ANSWER, *, seen="pending", follow=True, **more):
    fields = {"comment": text, "seen_status": seen} | more
    return client.post(reply_url(comment), fields, follow=follow)


def answer(comment, *, by, text=ANSWER, seen="pending", now=NOW):
    """Reply as the page does, at a time of one's own."""
    return replying.reply(
        comment,
        {"comment": text, "body_html": sanitize(text)},
        by=by,
        seen=seen,
        visitor=Visitor("192.0.2.0", Sender.HERE, by, None),
        now=now,
    )


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def statuses():
    return dict(Comment.objects.values_list("author_name", "status"))


# What is stored


def test_reply_is_published_by_its_editor_and_what_it_answers_with_it(client, ana, question):
    response = send(client, question)
    assert response.redirect_chain == [(CHANGELIST, 302)]
    reply = Comment.objects.get(parent=question)
    assert (reply.status, reply.author_name, reply.author_email, reply.author_url, reply.body) == (
        "approved",
        "ana",
        "ana@example.org",
        "",
        ANSWER,
    )
    assert reply.sender_confirmed and reply.revision == question.article.revisions.first()
    moves = Decision.objects.order_by("comment").values_list("comment", "from_status", "to_status", "by")
    assert list(moves) == [
        (question.pk, "pending", "approved", ana.pk),
        (reply.pk, "", "approved", ana.pk),
    ]
    page = client.get(question.article.get_absolute_url()).content.decode()
    assert question.body in page and ANSWER in page
    said = messages_of(response)[0]
    assert "Your reply is published, and “This is what reader" in said
    assert "by Ingrid is approved." in said and "Undo" in said


def test_reply_to_what_is_published_approves_nothing(client, ana, article):
    comment = make_comment(article, author_name="Ingrid")
    response = send(client, comment, seen="approved")
    assert "by Ingrid is published." in messages_of(response)[0]
    assert Decision.objects.get().comment.parent == comment


def test_name_above_the_reply_is_the_one_above_the_editors_articles(client, ana, question, settings):
    settings.SITE_URL = "https://blog.example"
    ana.first_name, ana.last_name = "Ana", "B."
    ana.save()
    send(client, question, "One.")
    make_author(name="Ana Beaumont", slug="ana-beaumont", user=ana)
    send(client, question, "Two.")
    assert list(question.replies.order_by("pk").values_list("author_name", "author_url")) == [
        ("Ana B.", ""),
        ("Ana Beaumont", "https://blog.example/author/ana-beaumont/"),
    ]


def test_reply_is_sanitised_as_what_visitors_write(client, ana, question):
    send(client, question, '<b>Yes</b><script>alert(1)</script> <a href="javascript:x">no</a>')
    html = Comment.objects.get(parent=question).body_html
    assert "<b>Yes</b>" in html and "<script" not in html and "href" not in html


def test_what_the_rules_find_of_the_staff_is_kept_and_decides_nothing(client, ana, question, settings):
    settings.COMMENTS_POLICY = "hold"
    send(client, question, "Buy viagra! https://cheap-pills.example/viagra https://casino.example/bonus")
    reply = Comment.objects.get(parent=question)
    assert reply.status == "approved"
    assert reply.findings.get(rule="known_commenter").case == "staff"
    assert reply.traces.exists()


def test_form_that_comes_twice_is_stored_once(client, ana, question):
    send(client, question)
    response = send(client, question)
    assert Comment.objects.count() == 2 and Decision.objects.count() == 2 and Batch.objects.count() == 1
    assert "You had sent this reply already; it is “Approved”" in messages_of(response)[0]
    send(client, question, "Another thought.")
    assert question.replies.count() == 2


def test_same_words_of_two_editors_are_two_replies(article, ana, question):
    answer(question, by=ana)
    answer(question, by=make_moderator("ben"), seen="approved")
    assert list(question.replies.order_by("pk").values_list("author_name", flat=True)) == ["ana", "ben"]


def test_same_words_on_another_day_are_another_reply(ana, question):
    first = answer(question, by=ana)
    assert answer(question, by=ana).comment == first.comment
    assert answer(question, by=ana, now=NOW + timedelta(days=1)).comment != first.comment


@pytest.mark.parametrize("policy", ["closed", "default"])
def test_closed_comments_are_open_to_editors(client, ana, question, policy):
    Article.objects.update(comment_policy=policy)
    send(client, question)
    assert Comment.objects.get(parent=question).status == "approved"


def test_article_that_is_not_public_can_be_prepared_and_the_card_says_so(client, ana, question):
    Article.objects.update(status="draft")
    assert "The article is not public now" in client.get(card_url(question)).content.decode()
    send(client, question)
    assert Comment.objects.get(parent=question).status == "approved"
    assert client.get(question.article.get_absolute_url()).status_code == 404


def test_reply_below_the_deepest_stands_beside_what_it_answers(client, ana, article):
    comment = None
    for _depth in range(5):
        comment = make_comment(article, parent=comment)
    assert comment.depth == 5
    send(client, comment, seen="approved")
    reply = Comment.objects.get(parent=comment)
    assert reply.depth == 5
    page = client.get(article.get_absolute_url()).content.decode()
    assert f'In reply to <a href="#comment-{comment.pk}">' in page


# What stands in the way


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Please type your comment."),
        (" \n\u200b ", "Please type your comment."),
        ("<b></b>", "Please type your comment."),
        ("a" * (MAX_LENGTH + 1), f"Your comment has {MAX_LENGTH + 1} characters"),
        ("kept\x00text", "There is a NUL character in this field"),
        ("a" * 500_000, "Your comment has 500000 characters"),
    ],
)
def test_what_cannot_be_stored_comes_back_beside_its_error(client, ana, question, text, error):
    response = send(client, question, text, follow=False)
    assert response.status_code == 422
    page = response.content.decode()
    assert error in page and escape(text.replace("\x00", "").strip()) in page
    assert 'aria-describedby="id_comment_error"' in page and 'id="id_comment_error"' in page
    assert not question.replies.exists() and statuses() == {"Ingrid": "pending"}


def test_body_beyond_all_bounds_is_refused(client, ana, question):
    assert send(client, question, "a" * 3_000_000, follow=False).status_code == 400
    assert not question.replies.exists()


def test_text_that_is_no_utf8_breaks_nothing(client, ana, question):
    response = client.post(
        reply_url(question), b"comment=caf%E9+%FF", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 302
    assert Comment.objects.get(parent=question).body == "caf\ufffd \ufffd"


@pytest.mark.parametrize("status", ["spam", "trash"])
def test_what_is_in_a_bin_is_taken_out_first(client, ana, question, status):
    Comment.objects.update(status=status)
    card = client.get(card_url(question)).content.decode()
    assert f"Take it out of the {status} first" in card and "<textarea" not in card
    response = send(client, question, seen=status, follow=False)
    assert response.status_code == 409
    page = response.content.decode()
    assert f"Take it out of the {status} first" in page and ANSWER in page
    assert not question.replies.exists() and not Decision.objects.exists()


@pytest.mark.parametrize("move", ["mark_spam", "trash"])
def test_colleague_who_was_quicker_is_not_overruled(client, ana, question, move):
    getattr(Comment.objects.get(pk=question.pk), move)(by=make_moderator("ben"))
    response = send(client, question, follow=False)
    assert response.status_code == 409
    assert "ben was quicker" in response.content.decode() and ANSWER in response.content.decode()
    assert not question.replies.exists() and Decision.objects.count() == 1


def test_comment_that_a_colleague_took_down_is_published_only_by_one_who_knows(client, ana, article):
    comment = make_comment(article)
    Comment.objects.get(pk=comment.pk).hold(by=make_moderator("ben"))
    response = send(client, comment, seen="approved", follow=False)
    assert response.status_code == 409
    assert "ben was quicker" in response.content.decode()
    assert 'name="seen_status" value="pending"' in response.content.decode()
    send(client, comment)
    assert Comment.objects.get(parent=comment).status == "approved"


def test_comment_that_a_colleague_approved_meanwhile_is_answered(client, ana, question):
    Comment.objects.get(pk=question.pk).approve(by=make_moderator("ben"))
    response = send(client, question)
    assert "by Ingrid is published." in messages_of(response)[0]
    assert question.decisions.get().by.username == "ben"


def test_status_seen_is_kept_through_an_error(client, ana, question):
    Comment.objects.get(pk=question.pk).mark_spam(by=make_moderator("ben"))
    response = send(client, question, "", follow=False)
    assert 'name="seen_status" value="pending"' in response.content.decode()


@pytest.mark.parametrize("seen", ["", "unknown", "\x00", "a" * 300])
def test_form_that_does_not_say_what_was_seen_acts_on_what_is_there(client, ana, question, seen):
    send(client, question, seen=seen)
    assert question.replies.get().status == "approved"


def test_text_is_kept_where_the_comment_is_gone(client, ana, question):
    Comment.objects.all().delete()
    response = send(client, question, follow=False)
    assert response.status_code == 404
    page = response.content.decode()
    assert "This comment has been deleted. Your text is kept here" in page and ANSWER in page
    assert ">Reply</button>" not in page


def test_comment_that_goes_at_the_last_moment_is_noticed(client, ana, question, monkeypatch):
    real = replying.gather

    def gather(**facts):
        Comment.objects.all().delete()
        return real(**facts)

    monkeypatch.setattr(replying, "gather", gather)
    response = send(client, question, follow=False)
    assert response.status_code == 404 and ANSWER in response.content.decode()
    assert not Comment.objects.exists() and not Batch.objects.exists()


def test_reply_and_approval_are_stored_together_or_not_at_all(ana, question, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError

    monkeypatch.setattr(replying, "store", fail)
    with pytest.raises(RuntimeError):
        answer(question, by=ana)
    assert statuses() == {"Ingrid": "pending"}
    assert not Decision.objects.exists() and not Batch.objects.exists() and not Lesson.objects.exists()


@pytest.mark.parametrize("forged", ["0", "987654321", "9" * 40, "x", "1 OR 1=1", "%00"])
def test_forged_ids_lead_nowhere(client, ana, question, forged):
    url = f"/admin/comments/comment/{forged}/reply/"
    assert client.get(url).status_code in (302, 404)
    assert client.post(url, {"comment": ANSWER}).status_code == 404
    assert not Comment.objects.filter(body=ANSWER).exists()


# Undo


def test_undo_takes_back_the_reply_and_the_approval(client, ana, question):
    send(client, question)
    batch = Batch.objects.get()
    page = client.get(reverse("admin:comments_batch_undo", args=[batch.pk])).content.decode()
    assert "2 comments go back to where they were" in page and "2 to “Pending”" in page
    client.post(reverse("admin:comments_batch_undo", args=[batch.pk]))
    assert statuses() == {"Ingrid": "pending", "ana": "pending"}
    assert not Lesson.objects.exists()
    response = send(client, question)
    assert "it is “Pending”" in messages_of(response)[-1]


# What it teaches


def test_reply_teaches_nothing_and_the_approval_what_it_always_does(ana, question):
    reply = answer(question, by=ana).comment
    assert [lesson.comment for lesson in Lesson.objects.all()] == [question]
    assert not retrain(check=True).changed
    reply.mark_spam(by=ana)
    assert not retrain(check=True).changed
    reply.take_back(reply.decisions.last(), by=ana)
    assert [lesson.comment for lesson in Lesson.objects.all()] == [question]
    assert not retrain(check=True).changed


def test_reply_vouches_for_no_stranger_who_says_the_same(ana, question):
    text = "Lying flat with the knees up takes the load off the spine: https://spine.example/floor"
    answer(question, by=ana, text=text)
    html = sanitize(text)
    heard = echoes(
        author_name="Stranger",
        author_url="https://spine.example/",
        text=plain_text(html),
        text_digest=text_digest(plain_text(html)),
        links=("https://spine.example/floor",),
        address=None,
        published_at=None,
        now=NOW + timedelta(hours=1),
    )
    assert (heard.same_text, heard.same_text_good, heard.host_good) == (1, 0, 0)


def test_second_look_knows_that_a_person_published_it(ana, question):
    seen_again = rejudge(answer(question, by=ana).comment, now=NOW + timedelta(days=1))
    assert seen_again.approved_by_person and seen_again.before.outcome is None and not seen_again.turned


# Two at once


@pytest.mark.django_db(transaction=True)
def test_form_that_comes_twice_at_once_is_stored_once():
    ana, question = make_moderator("ana"), make_comment(make_article(), status="pending")

    def work():
        try:
            return answer(Comment.objects.get(pk=question.pk), by=ana).batch
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = [each.result() for each in [pool.submit(work) for _each in range(4)]]
    assert len([batch for batch in found if batch]) == 1
    assert question.replies.count() == 1 and question.decisions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_editors_who_reply_at_once_approve_once_and_are_both_heard():
    question = make_comment(make_article(), status="pending")
    editors = [make_moderator(name) for name in ("ana", "ben")]

    def work(editor):
        try:
            return answer(Comment.objects.get(pk=question.pk), by=editor).has_approved
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = [each.result() for each in [pool.submit(work, editor) for editor in editors]]
    assert sorted(found) == [False, True]
    assert question.replies.approved().count() == 2 and question.decisions.count() == 1


# The pages


def test_row_and_card_lead_to_the_reply(client, ana, question):
    assert f'href="{card_url(question)}#reply"' in client.get(CHANGELIST).content.decode()
    card = client.get(card_url(question)).content.decode()
    assert 'id="reply"' in card and "Reply to Ingrid</label>" in card
    assert "It is published at once, as <bdi>ana</bdi>." in card
    assert "The comment you answer is approved with it." in card
    response = client.get(reply_url(question))
    assert response.status_code == 302 and response["Location"] == f"{card_url(question)}#reply"


def test_enter_in_the_reason_still_presses_the_first_move(client, ana, question):
    """A form's first button is what Enter presses: the reply's button belongs to a form of its own."""
    card = client.get(card_url(question)).content.decode()
    form = card.partition('id="comment_form"')[2].partition("</form>")[0]
    assert 'form="reply-form"' in form.partition("<button")[2].partition(">")[0]
    assert 'name="_approve"' in form


def test_names_with_markup_are_text_on_every_page(client, ana, article):
    attack = '"><script>alert(1)</script>'
    make_author(name=attack, slug="x", user=ana)
    comment = make_comment(article, author_name=attack, author_url="", body=attack, status="pending")
    pages = [client.get(card_url(comment)), send(client, comment, ""), send(client, comment, attack)]
    for page in [*pages, client.get(article.get_absolute_url())]:
        assert "<script>alert(1)" not in page.content.decode()


@pytest.mark.parametrize("person", ["nobody", "ben"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_reply_is_closed_to_whoever_may_not_moderate(client, question, person, method):
    if person == "ben":
        client.force_login(make_user("ben", is_staff=True))
    response = getattr(client, method)(reply_url(question), {"comment": ANSWER})
    assert response.status_code == (403 if person == "ben" else 302)
    assert not question.replies.exists() and statuses() == {"Ingrid": "pending"}


def test_link_and_field_are_not_shown_to_whoever_may_only_look(client, question):
    ben = make_user("ben", is_staff=True)
    ben.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client.force_login(ben)
    for url in (CHANGELIST, card_url(question)):
        page = client.get(url).content.decode()
        assert "Ingrid" in page and "#reply" not in page and 'id="reply"' not in page
    assert client.post(reply_url(question), {"comment": ANSWER}).status_code == 403


def test_other_methods_are_refused(client, ana, question):
    assert client.put(reply_url(question)).status_code == 405


@pytest.mark.parametrize("others", [0, 20])
def test_reply_costs_the_same_however_long_the_thread(
    ana, article, question, django_assert_max_num_queries, others
):
    for _each in range(others):
        make_comment(article, parent=question)
    with django_assert_max_num_queries(46):
        answer(question, by=ana)
