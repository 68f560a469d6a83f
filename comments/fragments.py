"""The HTML of one comment, made once when the comment becomes visible and stored beside it.

A page joins what is stored, so it must hold for every reader and every page: no count, no relative
time, nothing of the visitor. What does depend on the page (nesting, the reply link) is
``comments.thread``'s.
"""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from .languages import direction_of, tag_of


def render_fragment(comment):
    """Return the HTML of a comment, in the language of the site, whoever has it made.

    A mark beside the name needs what ``CommentQuerySet.with_writers`` tells; without, there is none.
    """
    with override(settings.LANGUAGE_CODE):
        context = {"comment": comment, "mark": mark_of(comment)} | words_of(comment)
        return render_to_string("comments/_comment.html", context).strip()


def mark_of(comment):
    """Say what the writer is to this site, as far as they proved it by signing in; no name proves it."""
    writer = getattr(comment, "staff_writer", None)
    if writer is None:
        return ""
    if writer == comment.article_writer:
        return pgettext("beside the name above a comment", "Author")
    return pgettext("beside the name above a comment", "Editor")


def words_of(comment):
    """Return the language of a comment where pages have to say it, and the direction of its text."""
    tag = tag_of(comment.language)
    own = settings.LANGUAGE_CODE.split("-")[0]
    return {"language": "" if tag == own else tag, "direction": direction_of(comment.language)}


def comment_time(moment):
    """Return a time as readers know it from blogs: “March 20, 2017 at 7:31 am”.

    ``moment``: an aware datetime; shown in the site's time zone.
    """
    date = date_format(timezone.localtime(moment), "DATE_FORMAT")
    return _("%(date)s at %(time)s") % {"date": date, "time": clock_time(moment)}


def clock_time(moment):
    """Return the time of day alone, in the site's time zone: “7:31 am”."""
    # Django writes “a.m.”; blogs write “am”.
    return date_format(timezone.localtime(moment), "TIME_FORMAT").replace(".m.", "m")
