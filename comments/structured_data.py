"""A page of comments in schema.org's words, for the node of the article that they stand under."""

from django.conf import settings
from django.utils import timezone

from articles.excerpts import plain_text, shorten

from .models import PLACE_WIDTH

MOST = 50
"""Comments, however many stand on a page."""

TEXT_LENGTH = 300
"""Characters of each comment: enough to tell what it says, and no second copy of a long thread."""


def discussion(page):
    """Return what a ``ThreadPage`` adds to its article: replies lie within what they stand under."""
    article_url = settings.SITE_URL + page.article.get_absolute_url()
    said = {"commentCount": page.total, "discussionUrl": f"{article_url}#comments"}
    comments = page.comments[:MOST]
    nodes = {comment.place: _node(comment) for comment in comments}
    threads = []
    for comment in comments:
        # By place, as on the page: whatever hangs from what, that is a few levels deep and no more.
        above = nodes.get(comment.place[:-PLACE_WIDTH])
        siblings = above.setdefault("comment", []) if above else threads
        siblings.append(nodes[comment.place])
    return said | {"comment": threads} if threads else said


def _node(comment):
    return {
        "@type": "Comment",
        "url": settings.SITE_URL + comment.get_absolute_url(),
        "author": {"@type": "Person", "name": comment.author_name},
        "datePublished": timezone.localtime(comment.submitted_at).isoformat(timespec="seconds"),
        "text": shorten(plain_text(comment.body_html), TEXT_LENGTH),
    }
