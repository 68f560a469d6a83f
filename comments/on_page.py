"""What moderators see on an article's page: what waits, in its place, and buttons below each comment."""

from dataclasses import replace

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from .batches import key_of, sensible_moves
from .fragments import comment_time, render_fragment
from .models import Comment
from .thread import before, behind, in_order, ordered

# So many waiting comments stand in a page's stretch of the thread; the queue has all of them.
MOST_HELD = 50
# What the address of an article says after a decision: which comment is shown, whatever it is now.
DECIDED_VAR = "decided"


def for_moderators(page, request):
    """Return a page of a thread with what waits there, whether more waits, and the bar below each comment.

    The bars are HTML, by the comments' ids.
    """
    decided = key_of(request.GET.get(DECIDED_VAR, ""))
    page, more = with_held(page, decided=decided)
    return page, more, {each.pk: bar(each, request, decided) for each in page.comments}


def with_held(page, *, decided=None):
    """Return a page with the comments that wait in its stretch of the thread, and whether more do.

    ``decided``: the id of a comment that is shown as well, if it belongs to this stretch.
    """
    stretch = _stretch(page).with_writers()
    held = list(ordered(stretch.filter(status=Comment.Status.PENDING), page.newest_first)[: MOST_HELD + 1])
    more = len(held) > MOST_HELD
    held = held[:MOST_HELD]
    if decided is not None and decided not in {comment.pk for comment in (*page.comments, *held)}:
        held += stretch.filter(pk=decided)
    for comment in held:
        comment.fragment = render_fragment(comment)
    return replace(page, comments=in_order([*page.comments, *held], page.newest_first)), more


def _stretch(page):
    """Return the article's comments from the first of a page to the first of the next, whatever they are."""
    newest_first = page.newest_first
    comments = Comment.objects.filter(article=page.article)
    if page.number > 1:
        comments = comments.filter(behind(page.comments[0].place, newest_first))
    if page.number < page.page_count:
        after = comments.approved().filter(behind(page.comments[-1].place, newest_first))
        following = ordered(after, newest_first).values_list("place", flat=True).first()
        comments = comments.filter(before(following, newest_first)) if following else comments
    return comments


def bar(comment, request, decided):
    """Return the form that stands below one comment."""
    context = {
        "comment": comment,
        "moves": sensible_moves(comment),
        "last_word": last_word(comment) if comment.pk == decided else "",
    }
    return render_to_string("comments/_moderate.html", context, request=request)


def last_word(comment):
    """Say who decided on a comment last, and when; empty where no person has."""
    decision = comment.decisions.select_related("by").order_by("-pk").first()
    if decision is None or decision.by is None:
        return ""
    return _("“%(status)s” since %(when)s, decided by %(who)s.") % {
        "status": decision.get_to_status_display(),
        "who": decision.by,
        "when": comment_time(decision.decided_at),
    }
