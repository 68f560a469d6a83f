"""How an editor changes a comment: what it said before is kept, and what hangs on its words made anew.

What the rules found stays as it is, since they said it of the original.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from . import echoes, editors, learning
from .facts import text_digest
from .fragments import comment_time
from .markup import plain_text, sanitize
from .models import Comment, CommentEdit, CommentTrace


class Gone(Exception):
    """The comment that was to be changed has been deleted."""


class EditedMeanwhile(Exception):
    """Somebody else has changed the comment since the editor saw it. The message says who and when."""


def edit(comment_id, written, *, by, seen_status, seen_edit, now):
    """Change what a comment says; return whether anything was changed.

    ``written``: a value for each of CommentEdit.WRITTEN, cleaned. ``seen_status``: as the editor saw the
    comment; ``seen_edit``: the id of the last edit that the editor saw, None where they saw none.
    Raises EditedMeanwhile, InvalidTransition if somebody has decided meanwhile, and Gone.
    """
    with transaction.atomic():
        # Before the comment's row, as every move does.
        learning.lock()
        comment = Comment.objects.select_for_update(no_key=True).filter(pk=comment_id).first()
        if comment is None:
            raise Gone
        before = written_in(comment)
        if written == before:
            # Nothing is lost, whatever was seen; and a form that comes twice finds its own work.
            return False
        _check_unchanged(comment, seen_status, seen_edit)
        CommentEdit.objects.create(comment=comment, by=by, edited_at=now, **before)
        is_original = written == written_in(comment.edits.first())
        comment.rewrite(
            **written,
            text_digest=text_digest(plain_text(sanitize(written["body"]))),
            edited_at=None if is_original else now,
            edited_by=None if is_original else by,
        )
        CommentTrace.objects.filter(comment=comment).delete()
        echoes.remember(comment)
    return True


def put_back(comment_id, *, by, seen_status, seen_edit, now):
    """Let a comment say again what its writer sent, by one more edit; return whether anything was changed.

    Raises the same as ``edit``.
    """
    original = CommentEdit.objects.filter(comment=comment_id).first()
    if original is None:
        return False
    return edit(
        comment_id, written_in(original), by=by, seen_status=seen_status, seen_edit=seen_edit, now=now
    )


def written_in(version):
    """Return what an editor may change of a comment, from the comment or from one of its edits."""
    return {name: getattr(version, name) for name in CommentEdit.WRITTEN}


def last_edit_id(comment_id):
    """Return the id of a comment's last edit, None where nobody has changed it."""
    edits = CommentEdit.objects.filter(comment=comment_id).order_by("-pk")
    return edits.values_list("pk", flat=True).first()


def _check_unchanged(comment, seen_status, seen_edit):
    last = comment.edits.select_related("by__author").order_by("-pk").first()
    if last and last.pk != seen_edit:
        raise EditedMeanwhile(
            _("%(who)s was quicker and edited this comment on %(when)s.")
            % {"who": editors.public_name(last.by), "when": comment_time(last.edited_at)}
        )
    comment.expect(seen_status)
