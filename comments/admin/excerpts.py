"""The first of many comments, each as one line to know it by."""

from django.urls import reverse
from django.utils.text import Truncator

from ..markup import plain_text
from ..models import Comment

SHOWN = 20
EXCERPT_LENGTH = 120


def first_of(keys):
    """Return the first of the comments, in this order, as far as they are there.

    ``keys``: may be more than there is room for; only as many are asked for as are shown.
    """
    shown = list(keys)[:SHOWN]
    comments = Comment.objects.only("author_name", "body_html", "status").in_bulk(shown)
    return [
        {
            "pk": pk,
            "url": reverse("admin:comments_comment_change", args=[pk]),
            "name": comments[pk].author_name,
            "excerpt": Truncator(plain_text(comments[pk].body_html)).chars(EXCERPT_LENGTH),
            "status": comments[pk].status,
        }
        for pk in shown
        if pk in comments
    ]
