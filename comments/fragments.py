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
    local = timezone.localtime(moment)
    # Django writes “a.m.”; blogs write “am”.
    clock = date_format(local, "TIME_FORMAT").replace(".m.", "m")
    return _("%(date)s at %(time)s") % {"date": date_format(local, "DATE_FORMAT"), "time": clock}
