from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.html import escape

from comments import editing
from comments.difference import ADDED, MOST_WORDS, REMOVED, SAME, difference
from comments.echoes import echoes, remember
from comments.facts import text_digest
from comments.forms import NAME_LENGTH
from comments.learned import Lesson
from comments.lesson_sums import values_of
from comments.markup import MAX_LENGTH, plain_text, sanitize
from comments.models import Comment, CommentEdit, CommentTrace, Decision, InvalidTransition
from comments.retraining import retrain
from tests.factories import make_article, make_author, make_comment, make_moderator, make_user

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
CHANGELIST = reverse("admin:comments_comment_changelist")
TYPED = "Lying flat with teh knees up takes the load off the spine, for twenty minutes."
MENDED = TYPED.replace("teh", "the")


@pytest.fixture
def article(db):
    return make_article(title="Spasms")


@pytest.fixture
def comment(article):
    return make_comment(article, author_name="Ingrid", author_url="", body=TYPED)


def card_url(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def edit_url(comment):
    return reverse("admin:comments_comment_edit", args=[comment.pk])


def put_back_url(comment):
    return reverse("admin:comments_comment_put_back", args=[comment.pk])


def form(**fields):
    return {"author": "Ingrid", "url": "", "comment": MENDED, "seen_status": "approved"} | fields


def save(client, comment, /, *, follow=False, **fields):
    return client.post(edit_url(comment), form(**fields), follow=follow)


def change(comment, *, by, seen_status=None, seen_edit=None, now=NOW, **written):
    """Edit as the page does, at a time of one's own, having seen the comment as it is."""
    stored = Comment.objects.get(pk=comment.pk)
    return editing.edit(
        comment.pk,
        editing.written_in(stored) | written,
        by=by,
        seen_status=seen_status or stored.status,
        seen_edit=seen_edit or editing.last_edit_id(comment.pk),
        now=now,
    )


def put_back(comment, *, by):
    return editing.put_back(
        comment.pk,
        by=by,
        seen_status=Comment.objects.get(pk=comment.pk).status,
        seen_edit=editing.last_edit_id(comment.pk),
        now=NOW,
    )


def traces_of(comment):
    return sorted(CommentTrace.objects.filter(comment=comment).values_list("kind", "digest"))


def text_of(html):
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return " ".join("".join(tree.itertext()).split())


# What is stored


def test_edit_keeps_the_original_and_says_who_and_when(client, ana, comment):
    response = save(client, comment, author="Ingrid S.", url="example.org")
    assert response.status_code == 302 and response["Location"] == card_url(comment)
    comment.refresh_from_db()
    assert (comment.author_name, comment.author_url, comment.body) == (
        "Ingrid S.",
        "https://example.org",
        MENDED,
    )
    assert comment.edited_by == ana and comment.edited_at
    edit = comment.edits.get()
    assert (edit.by, edit.author_name, edit.author_url, edit.body) == (ana, "Ingrid", "", TYPED)
    assert edit.edited_at == comment.edited_at


def test_what_hangs_on_the_words_is_made_anew(ana, comment):
    remember(comment)
    change(comment, by=ana, body="Look: <b>https://spine.example/floor</b><script>x</script>")
    comment.refresh_from_db()
    assert comment.body_html == sanitize(comment.body) and "<script" not in comment.body_html
    assert comment.text_digest == text_digest(plain_text(comment.body_html))
    assert "https://spine.example/floor" in comment.fragment
    fresh = make_comment(comment.article, author_name="Ingrid", author_url="", body=comment.body)
    remember(fresh)
    assert traces_of(comment) == traces_of(fresh) != []
    old = sanitize(TYPED)
    heard = {"author_url": "", "links": (), "address": None, "published_at": None, "now": NOW}
    heard = echoes(
        author_name="Stranger", text=plain_text(old), text_digest=text_digest(plain_text(old)), **heard
    )
    assert heard.same_text == 0 and heard.near_text == 0


def test_page_is_told_of_an_edit_by_whoever_approves_without_having_seen_it(ana, article):
    stale = make_comment(article, body=TYPED, status="pending")
    change(stale, by=ana, body=MENDED)
    stale.approve(by=ana)
    assert "Edited by <bdi>ana</bdi>" in Comment.objects.get().fragment


def test_what_waits_is_not_rendered_for_the_page(ana, article):
    comment = make_comment(article, body=TYPED, status="pending")
    change(comment, by=ana, body=MENDED)
    comment.refresh_from_db()
    assert comment.fragment == "" and comment.body == MENDED
    comment.approve(by=ana)
    assert "Edited by <bdi>ana</bdi>" in Comment.objects.get(pk=comment.pk).fragment


def test_what_the_rules_said_stays_and_the_card_says_of_what(client, ana, comment):
    comment.findings.create(rule="link_count", points=5, detail="3 links")
    assert "It speaks of the comment" not in client.get(card_url(comment)).content.decode()
    change(comment, by=ana, body=MENDED)
    assert comment.findings.get().points == 5
    assert "It speaks of the comment as its writer sent it." in client.get(card_url(comment)).content.decode()


def test_readers_are_told_who_edited_it_and_when(client, ana, comment):
    make_author(name="Ana <Beaumont>", slug="ana", user=ana)
    change(comment, by=ana, body=MENDED)
    page = client.get(comment.article.get_absolute_url()).content.decode()
    assert "Edited by Ana <Beaumont>, May 1, 2026" in text_of(page)
    assert MENDED in page and TYPED not in page


def test_comment_that_nobody_edited_says_nothing_of_it(client, comment):
    assert "Edited" not in client.get(comment.article.get_absolute_url()).content.decode()


def test_nothing_changed_is_no_edit(client, ana, comment):
    response = save(client, comment, comment=TYPED, follow=True)
    assert "The comment says that already." in response.content.decode()
    assert not comment.edits.exists()


def test_form_that_comes_twice_is_one_edit(client, ana, comment):
    save(client, comment)
    response = save(client, comment, follow=True)
    assert "The comment says that already." in response.content.decode()
    assert comment.edits.count() == 1


def test_edits_are_never_rewritten_nor_deleted(ana, comment):
    change(comment, by=ana, body=MENDED)
    edit = comment.edits.get()
    edit.body = "Something else"
    with pytest.raises(ValueError, match="written once"):
        edit.save()
    with pytest.raises(ValueError, match="stays as long"):
        edit.delete()
    comment.delete()
    assert not CommentEdit.objects.exists()


def test_who_edited_and_when_go_together(ana, comment):
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.update(edited_by=ana)


# The original put back


def test_original_is_put_back_by_one_more_edit(client, ana, comment):
    change(comment, by=ana, body=MENDED, author_name="I.")
    change(comment, by=ana, body="Something else entirely.")
    last = editing.last_edit_id(comment.pk)
    response = client.post(put_back_url(comment), {"seen_status": "approved", "seen_edit": last}, follow=True)
    page = response.content.decode()
    assert "The original is back." in page and "it stands as its writer sent it" in page
    comment.refresh_from_db()
    assert (comment.body, comment.author_name) == (TYPED, "Ingrid")
    assert comment.edited_by is None and comment.edited_at is None
    assert comment.edits.count() == 3
    assert "Edited" not in client.get(comment.article.get_absolute_url()).content.decode()
    assert "Put the original back" not in page
    # Each version can be read.
    for version in (TYPED, MENDED, "Something else entirely."):
        assert version in page


def test_typing_the_original_again_is_putting_it_back(ana, comment):
    change(comment, by=ana, body=MENDED)
    change(comment, by=ana, body=TYPED)
    assert Comment.objects.get().edited_by is None


def test_putting_back_twice_is_done_once(client, ana, comment):
    change(comment, by=ana, body=MENDED)
    seen = {"seen_status": "approved", "seen_edit": editing.last_edit_id(comment.pk)}
    for said in ("The original is back.", "The original stands there already."):
        assert said in client.post(put_back_url(comment), seen, follow=True).content.decode()
    assert comment.edits.count() == 2


def test_original_of_what_was_never_edited_is_there_already(client, ana, comment):
    response = client.post(put_back_url(comment), follow=True)
    assert "The original stands there already." in response.content.decode()


def test_putting_back_does_not_overrule_a_colleague(client, ana, comment):
    change(comment, by=ana, body=MENDED)
    seen = editing.last_edit_id(comment.pk)
    change(comment, by=make_moderator("ben"), body="Ben's words.")
    response = client.post(put_back_url(comment), {"seen_status": "approved", "seen_edit": seen}, follow=True)
    assert "Ben was quicker and edited this comment" in response.content.decode()
    assert Comment.objects.get().body == "Ben's words."


def test_reading_an_address_puts_nothing_back(client, ana, comment):
    change(comment, by=ana, body=MENDED)
    response = client.get(put_back_url(comment), follow=True)
    assert response.redirect_chain == [(f"{card_url(comment)}#edits", 302)]
    assert not list(response.context["messages"])
    assert Comment.objects.get().body == MENDED


# What it teaches


@pytest.mark.parametrize("move", ["approve", "mark_spam"])
def test_old_words_are_unlearned_and_new_ones_learned(ana, article, move):
    comment = make_comment(article, body="orchid pills", status="pending")
    getattr(comment, move)(by=ana)
    change(
        comment, by=ana, body="wandering lichen", author_name="Somebody Else", author_url="https://b.example"
    )
    assert not retrain(check=True).changed
    change(comment, by=ana, body="wandering pillar")
    put_back(comment, by=ana)
    assert not retrain(check=True).changed
    comment = Comment.objects.get()
    assert Lesson.objects.get().comment == comment and values_of(comment)
    comment.take_back(comment.decisions.last(), by=ana)
    assert not Lesson.objects.exists() and not retrain(check=True).changed


def test_comment_that_taught_nothing_still_teaches_nothing(ana, comment):
    change(comment, by=ana, body=MENDED)
    assert not Lesson.objects.exists() and not retrain(check=True).changed


def test_edit_that_fails_leaves_everything_as_it_was(ana, comment, monkeypatch):
    comment.hold(by=ana)
    comment.approve(by=ana)

    def fail(comment):
        raise RuntimeError

    monkeypatch.setattr(editing.echoes, "remember", fail)
    with pytest.raises(RuntimeError):
        change(comment, by=ana, body=MENDED)
    assert Comment.objects.get().body == TYPED and not CommentEdit.objects.exists()
    assert not retrain(check=True).changed


# What stands in the way


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"comment": ""}, "Please type your comment."),
        ({"comment": "<b></b>"}, "Please type your comment."),
        ({"comment": "a" * (MAX_LENGTH + 1)}, f"Your comment has {MAX_LENGTH + 1} characters"),
        ({"comment": "a" * 500_000}, "Your comment has 500000 characters"),
        ({"comment": "kept\x00"}, "There is a NUL character in this field"),
        ({"author": " "}, "Please type your name"),
        ({"author": "n" * (NAME_LENGTH + 1)}, "A name can have at most 100 characters"),
        ({"url": "javascript:alert(1)"}, "Please type a web address such as"),
        ({"url": "https://example.org/" + "a" * 200}, "A web address can have at most 200 characters"),
    ],
)
def test_errors_come_back_beside_the_field_with_the_text_kept(client, ana, comment, fields, error):
    response = save(client, comment, **{"comment": "Another text."} | fields)
    assert response.status_code == 422
    page = response.content.decode()
    [(name, typed)] = fields.items()
    assert error in page and escape(typed.replace("\x00", "").strip()) in page
    assert f'aria-describedby="id_{name}_error"' in page and f'id="id_{name}_error"' in page
    assert Comment.objects.get().body == TYPED and not CommentEdit.objects.exists()


def test_body_beyond_all_bounds_is_refused(client, ana, comment):
    assert save(client, comment, comment="a" * 3_000_000).status_code == 400
    assert not CommentEdit.objects.exists()


def test_second_of_two_editors_is_told_who_edited_and_keeps_the_text(client, ana, comment):
    make_author(name="Ben Ohm", slug="ben", user=make_moderator("ben"))
    page = client.get(edit_url(comment)).content.decode()
    assert 'name="seen_edit"' not in page
    ben = Comment.objects.model.edited_by.field.related_model.objects.get(username="ben")
    change(comment, by=ben, body="Ben's words.")
    response = save(client, comment)
    assert response.status_code == 409
    said = text_of(response.content.decode())
    assert "Ben Ohm was quicker and edited this comment on May 1, 2026 at 12:00 pm." in said
    assert "Ben's words." in said and MENDED in said
    assert Comment.objects.get().body == "Ben's words."
    # Who has read that may go on.
    seen = editing.last_edit_id(comment.pk)
    assert f'name="seen_edit" value="{seen}"' in response.content.decode()
    assert save(client, comment, seen_edit=seen).status_code == 302
    assert Comment.objects.get().body == MENDED and comment.edits.count() == 2


def test_second_of_two_editors_is_told_who_decided_and_keeps_the_text(client, ana, comment):
    Comment.objects.get().mark_spam(by=make_moderator("ben"))
    response = save(client, comment)
    assert response.status_code == 409
    page = response.content.decode()
    assert "ben was quicker: this comment is “Spam”" in page and MENDED in page
    assert 'name="seen_status" value="spam"' in page
    assert Comment.objects.get().body == TYPED
    assert save(client, comment, seen_status="spam").status_code == 302


def test_what_was_seen_is_kept_through_an_error(client, ana, comment):
    change(comment, by=ana, body="First.")
    first = editing.last_edit_id(comment.pk)
    change(comment, by=ana, body="Second.")
    Comment.objects.get().hold(by=ana)
    page = save(client, comment, comment="", seen_edit=first).content.decode()
    assert f'name="seen_edit" value="{first}"' in page
    assert 'name="seen_status" value="approved"' in page


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "\x00", "0"])
def test_forged_word_on_what_was_seen_overrules_nobody(client, ana, comment, seen):
    change(comment, by=ana, body="First.")
    assert save(client, comment, seen_edit=seen).status_code == 409
    assert Comment.objects.get().body == "First."


@pytest.mark.parametrize("seen", ["", "x", "\x00"])
def test_form_that_does_not_say_the_status_acts_on_what_is_there(client, ana, comment, seen):
    assert save(client, comment, seen_status=seen).status_code == 302
    assert Comment.objects.get().body == MENDED


def test_text_is_kept_where_the_comment_is_gone(client, ana, comment):
    Comment.objects.all().delete()
    response = save(client, comment)
    assert response.status_code == 404
    page = response.content.decode()
    assert "This comment has been deleted. Your text is kept here" in page and MENDED in page
    assert ">Save</button>" not in page
    assert client.get(edit_url(comment)).status_code == 302
    assert client.post(put_back_url(comment)).status_code == 302


def test_comment_that_goes_at_the_last_moment_is_noticed(client, ana, comment, monkeypatch):
    real = editing.edit

    def edit(*arguments, **options):
        Comment.objects.all().delete()
        return real(*arguments, **options)

    monkeypatch.setattr(editing, "edit", edit)
    response = save(client, comment)
    assert response.status_code == 404 and MENDED in response.content.decode()


@pytest.mark.parametrize("name", ["edit", "put-back"])
@pytest.mark.parametrize("forged", ["0", "987654321", "9" * 40, "x", "1 OR 1=1", "%00"])
def test_forged_ids_lead_nowhere(client, ana, comment, name, forged):
    url = f"/admin/comments/comment/{forged}/{name}/"
    assert client.get(url).status_code in (302, 404)
    assert client.post(url, form()).status_code in (302, 404)
    assert Comment.objects.get().body == TYPED


# Two at once


@pytest.mark.django_db(transaction=True)
def test_of_editors_who_edit_at_once_one_is_told_who_was_quicker():
    comment = make_comment(make_article(), body=TYPED)
    editors = [make_moderator(name) for name in ("ana", "ben", "cem")]
    start = editing.written_in(comment)

    def work(editor):
        try:
            return editing.edit(
                comment.pk,
                start | {"body": f"{editor}'s words."},
                by=editor,
                seen_status="approved",
                seen_edit=None,
                now=NOW,
            )
        except editing.EditedMeanwhile as reason:
            return str(reason)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        found = [each.result() for each in [pool.submit(work, editor) for editor in editors]]
    winner = comment.edits.get().by
    assert Comment.objects.get().body == f"{winner}'s words."
    told = [each for each in found if each is not True]
    assert len(told) == 2 and all(each.startswith(f"{winner} was quicker") for each in told)


@pytest.mark.django_db(transaction=True)
def test_edit_and_decision_at_once_leave_a_page_and_sums_that_agree():
    ana, ben = make_moderator("ana"), make_moderator("ben")
    comments = [make_comment(make_article(), body=TYPED, status="pending") for _each in range(8)]

    def decide():
        try:
            for comment in comments:
                Comment.objects.get(pk=comment.pk).approve(by=ben)
        finally:
            connection.close()

    def write():
        lost = 0
        try:
            for comment in comments:
                try:
                    change(comment, by=ana, seen_status="pending", body=MENDED)
                except InvalidTransition:
                    lost += 1
        finally:
            connection.close()
        return lost

    with ThreadPoolExecutor(2) as pool:
        decided, written = pool.submit(decide), pool.submit(write)
        decided.result()
        lost = written.result()
    assert CommentEdit.objects.count() == 8 - lost and Decision.objects.count() == 8
    for comment in Comment.objects.all():
        assert comment.body_html in comment.fragment
        assert ("Edited by" in comment.fragment) == (comment.body == MENDED)
    assert not retrain(check=True).changed


# The pages


def test_row_and_card_lead_to_the_form(client, ana, comment):
    for url in (f"{CHANGELIST}?view=all", card_url(comment)):
        assert f'href="{edit_url(comment)}"' in client.get(url).content.decode()
    page = client.get(edit_url(comment)).content.decode()
    assert TYPED in page and 'value="Ingrid"' in page and 'value="approved"' in page
    assert comment.author_email not in page


def test_card_shows_the_difference_word_by_word(client, ana, comment):
    change(comment, by=ana, body=MENDED, author_url="https://b.example")
    page = client.get(card_url(comment)).content.decode()
    assert "Edited by ana on May 1, 2026 at 12:00 pm." in page
    assert "flat with <del>teh </del><ins>the </ins>knees up" in page
    assert "<ins>https://b.example</ins>" in page
    assert page.count(TYPED) == 1


def test_page_shows_so_many_versions_and_always_the_original(client, ana, comment, monkeypatch):
    monkeypatch.setattr("comments.admin.writing.SHOWN_VERSIONS", 2)
    for number in range(5):
        change(comment, by=ana, body=f"Version {number}.")
    page = client.get(card_url(comment)).content.decode()
    shown = [number for number in range(5) if f">Version {number}.</pre>" in page]
    # The last one is the comment itself.
    assert shown == [2, 3, 4] and f">{TYPED}</pre>" in page


@pytest.mark.parametrize("times", [1, 12])
def test_card_costs_the_same_however_often_it_was_edited(
    client, ana, comment, django_assert_num_queries, times
):
    for number in range(times):
        change(comment, by=ana, body=f"Version {number}.")
    with django_assert_num_queries(18):
        client.get(card_url(comment))


def test_markup_is_text_on_every_page(client, ana, article):
    attack = '"><script>alert(1)</script>'
    comment = make_comment(article, author_name=attack, author_url=attack, body=attack)
    make_author(name=attack, slug="x", user=ana)
    change(comment, by=ana, body=f"{attack} & more", author_url="", author_name=f"{attack} x")
    pages = [edit_url(comment), card_url(comment), article.get_absolute_url()]
    pages = [client.get(page) for page in pages] + [save(client, comment), save(client, comment, author="")]
    for page in pages:
        assert "<script>alert(1)" not in page.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("url", [edit_url, put_back_url])
def test_pages_are_closed_to_whoever_may_not_moderate(client, comment, url, method):
    change(comment, by=make_moderator("ana"), body=MENDED)
    assert getattr(client, method)(url(comment), form(comment=TYPED)).status_code == 302
    ben = make_user("ben", is_staff=True)
    for permission in ("view_comment", "change_comment"):
        ben.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(ben)
    assert getattr(client, method)(url(comment), form(comment=TYPED)).status_code == 403
    assert Comment.objects.get().body == MENDED
    for page in (f"{CHANGELIST}?view=all", card_url(comment)):
        page = client.get(page).content.decode()
        assert "Ingrid" in page and edit_url(comment) not in page and "Put the original back" not in page


@pytest.mark.parametrize("method", ["put", "delete"])
def test_other_methods_are_refused(client, ana, comment, method):
    assert getattr(client, method)(edit_url(comment)).status_code == 405
    getattr(client, method)(put_back_url(comment))
    assert not CommentEdit.objects.exists()


def test_akismet_is_corrected_on_what_the_writer_sent(ana, comment):
    from comments.opinions import CHECKS, _what_may_be_sent

    change(comment, by=ana, body=MENDED, author_name="I.", author_url="https://b.example")
    _names, fields = _what_may_be_sent(Comment.objects.get(), CHECKS[0])
    assert (fields["comment_content"], fields["comment_author"]) == (TYPED, "Ingrid")
    assert "comment_author_url" not in fields


# The difference


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("one two", "one two", [(SAME, "one two")]),
        ("one two", "one  two", [(REMOVED, "one "), (ADDED, "one  "), (SAME, "two")]),
        ("", "new", [(ADDED, "new")]),
        ("old", "", [(REMOVED, "old")]),
        ("a b c", "a c", [(SAME, "a "), (REMOVED, "b "), (SAME, "c")]),
        ("a, b", "a. b", [(SAME, "a"), (REMOVED, ", "), (ADDED, ". "), (SAME, "b")]),
        ("<b>x</b>", "<i>x</i>", None),
        (" \n a", "a\n", None),
    ],
)
def test_difference_says_what_went_and_what_came(before, after, pieces):
    found = difference(before, after)
    assert pieces is None or found == pieces
    assert "".join(text for kind, text in found if kind != ADDED) == before
    assert "".join(text for kind, text in found if kind != REMOVED) == after


def test_long_texts_that_differ_throughout_are_not_compared_word_by_word(monkeypatch):
    monkeypatch.setattr("comments.difference.SequenceMatcher", None)
    before = "start " + "old " * (MOST_WORDS + 1) + "end"
    after = "start " + "new " * 3 + "end"
    assert difference(before, after) == [
        (SAME, "start "),
        (REMOVED, "old " * (MOST_WORDS + 1)),
        (ADDED, "new " * 3),
        (SAME, "end"),
    ]
