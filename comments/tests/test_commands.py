from io import StringIO

import pytest
from django.core.management import call_command

from comments.markup import SANITIZER_VERSION
from comments.models import Comment
from tests.factories import make_article, make_comment

pytestmark = pytest.mark.django_db


def resanitize(*options):
    output = StringIO()
    call_command("resanitize_comments", *options, stdout=output)
    return output.getvalue()


def stale(article, **fields):
    """A comment as an older sanitiser left it."""
    comment = make_comment(article, body="Heat <b>helps</b>.", **fields)
    Comment.objects.filter(pk=comment.pk).update(
        body_html="<p>old</p>", fragment="old" if comment.fragment else "", sanitizer_version=0
    )
    return comment


@pytest.mark.parametrize("status", ["pending", "approved", "spam", "trash"])
def test_what_an_older_sanitiser_made_is_made_anew_from_the_source(status):
    comment = stale(make_article(), status=status)
    assert "1 comments made anew, 1 of them look different now." in resanitize()
    comment.refresh_from_db()
    assert comment.body_html == "<p>Heat <b>helps</b>.</p>"
    assert comment.sanitizer_version == SANITIZER_VERSION
    # Only what readers see is kept ready for pages.
    assert ("<b>helps</b>" in comment.fragment) == (status == "approved")


def test_what_changes_meanwhile_is_rendered_as_it_is_then(monkeypatch):
    """An editor approves a comment between the command's look at the list and its turn."""
    comment = stale(make_article(), status="pending")
    real = Comment.objects.select_for_update

    def approve_first():
        Comment.objects.filter(pk=comment.pk, status="pending").update(status="approved")
        return real()

    monkeypatch.setattr(Comment.objects, "select_for_update", approve_first)
    resanitize()
    comment.refresh_from_db()
    assert "<b>helps</b>" in comment.fragment


def test_what_is_deleted_meanwhile_is_passed_over(monkeypatch):
    comment = stale(make_article())
    real = Comment.objects.select_for_update

    def delete_first():
        Comment.objects.filter(pk=comment.pk).delete()
        return real()

    monkeypatch.setattr(Comment.objects, "select_for_update", delete_first)
    assert "0 comments made anew" in resanitize()


def test_status_place_and_history_stay_as_they_are():
    article = make_article()
    comment = stale(article, parent=make_comment(article))
    before = Comment.objects.values("status", "place", "submitted_at", "body").get(pk=comment.pk)
    resanitize()
    assert Comment.objects.values(*before).get(pk=comment.pk) == before
    assert not comment.decisions.exists()


def test_what_this_sanitiser_made_is_left_alone():
    comment = make_comment(make_article())
    Comment.objects.filter(pk=comment.pk).update(body_html="<p>by this version</p>")
    assert "0 comments made anew" in resanitize()
    comment.refresh_from_db()
    assert comment.body_html == "<p>by this version</p>"


def test_all_renews_every_comment_and_its_fragment_and_counts_what_changed():
    article = make_article()
    make_comment(article)
    comment = make_comment(article)
    resanitize("--all")
    Comment.objects.filter(pk=comment.pk).update(fragment="as the template was once")
    assert "2 comments made anew, 1 of them look different now." in resanitize("--all")
    comment.refresh_from_db()
    assert comment.body_html in comment.fragment


def test_those_that_changed_are_named_on_request():
    comment = stale(make_article())
    assert f"comment {comment.pk} looks different now" in resanitize("--verbosity=2")
