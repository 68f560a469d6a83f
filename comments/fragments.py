"""The HTML of one comment, made once when the comment becomes visible and stored beside it.

A page joins what is stored, so it must hold for every reader and every page: no count, no relative
time, nothing of the visitor. What does depend on the page (nesting, the reply link) is
``comments.thread``'s.
"""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def render_fragment(comment):
    return render_to_string("comments/_comment.html", {"comment": comment}).strip()


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
