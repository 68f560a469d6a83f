"""The comments of an article as a page shows them: a stretch of the thread, nested.

The thread's order is stored (``Comment.place``), so a page is a slice of an index, whatever hangs
from what. What a slice cannot know is what stood before it, so each comment that comes without the
one it answers says so: by a line "In reply to" where that one is on another page, by a placeholder
where it is gone.

A thread has two orders: as it was written, or with its newest threads first. Replies follow what they
answer in both.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, Subquery
from django.db.models.functions import Left
from django.http import Http404
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, mark_safe
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import MAX_DEPTH, PLACE_WIDTH, Comment

# What an address says where the newest threads stand first; any other value says nothing.
ORDER_VAR, NEWEST_FIRST = "comments", "newest"
# Sorts behind every hexadecimal digit, in every collation.
BEHIND = "g"


def asks_for_newest(request):
    return request.GET.get(ORDER_VAR) == NEWEST_FIRST


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of an article's approved comments.

    ``comments``: in the thread's order, with no more than a page needs of each.
    ``earlier``: by place, the comments on earlier pages that the first one here hangs from.
    ``answered``: comments on earlier pages that some here answer while standing beside them.
    """

    article: object
    number: int
    total: int
    comments: list
    earlier: dict
    answered: list
    newest_first: bool = False

    @property
    def page_count(self):
        return max(1, -(-self.total // settings.COMMENTS_PER_PAGE))

    def url(self, number, **query):
        """Return the address of a page in the same order; ``query``: what it says besides."""
        return page_url(self.article, number, newest_first=self.newest_first, **query)

    @property
    def canonical_url(self):
        """The address under which search engines may know the page: in the order of writing."""
        return page_url(self.article, self.number)

    @property
    def previous_url(self):
        return self.url(self.number - 1) + "#comments" if self.number > 1 else None

    @property
    def next_url(self):
        return self.url(self.number + 1) + "#comments" if self.number < self.page_count else None

    @property
    def oldest_first_url(self):
        return page_url(self.article, 1) + "#comments"

    @property
    def newest_first_url(self):
        return page_url(self.article, 1, newest_first=True) + "#comments"

    @property
    def heading(self):
        """The words above the comments; none where there are none."""
        if not self.total:
            return ""
        # Translators: languages that use the first form for 21 as well write %(count)s there.
        return ngettext("One thought on “%(title)s”", "%(count)s thoughts on “%(title)s”", self.total) % {
            "count": number_format(self.total, force_grouping=True),
            "title": self.article.title,
        }


def page_url(article, number, *, newest_first=False, **query):
    """Return the address of one page of an article's comments."""
    path = article.path
    url = article.get_absolute_url() if number == 1 else reverse("comments:page", args=[path, number])
    if newest_first:
        query = {ORDER_VAR: NEWEST_FIRST} | query
    return f"{url}?{urlencode(query)}" if query else url


def load_page(article, number=1, *, newest_first=False):
    """Fetch one page of an article's comments. Raises Http404 for a page that there is not."""
    size = settings.COMMENTS_PER_PAGE
    # An absurd number must not become an absurd OFFSET.
    if not 0 < number < 1_000_000:
        raise Http404
    start = (number - 1) * size
    approved = Comment.objects.filter(article=article).approved()
    total = approved.order_by().values("article").annotate(number=Count("pk")).values("number")
    shown = ordered(approved, newest_first)[start : start + size]
    if newest_first:
        # No index has this order, so the ids alone are sorted, not what pages show.
        shown = ordered(Comment.objects.filter(pk__in=shown.values("pk")), newest_first)
    comments = list(
        shown.annotate(total=Subquery(total)).only(
            "pk", "status", "place", "parent_id", "author_name", "submitted_at", "body_html", "fragment"
        )
    )
    if not comments and number != 1:
        raise Http404
    earlier, answered = _before(approved, comments) if number > 1 else ({}, [])
    total = comments[0].total if comments else 0
    return ThreadPage(article, number, total, comments, earlier, answered, newest_first)


def ordered(comments, newest_first):
    """Return a queryset of one article's comments in the thread's order."""
    if newest_first:
        return comments.order_by(Left("place", PLACE_WIDTH).desc(), "place")
    return comments.order_by("place")


def in_order(comments, newest_first):
    """Return a list of one article's comments in the thread's order."""
    comments = sorted(comments, key=lambda each: each.place)
    if newest_first:
        comments.sort(key=lambda each: each.place[:PLACE_WIDTH], reverse=True)
    return comments


def before(place, newest_first):
    """Return the condition that a comment stands before a place."""
    if not newest_first:
        return Q(place__lt=place)
    root = place[:PLACE_WIDTH]
    return Q(place__gte=root + BEHIND) | Q(place__gte=root, place__lt=place)


def behind(place, newest_first):
    """Return the condition that a comment stands behind a place."""
    if not newest_first:
        return Q(place__gt=place)
    root = place[:PLACE_WIDTH]
    return Q(place__lt=root) | Q(place__gt=place, place__lt=root + BEHIND)


def page_number(comment, *, newest_first=False):
    """Return which page of its article's thread a comment is on, or would be on if it is not approved."""
    approved = Comment.objects.filter(article=comment.article_id).approved()
    before_it = approved.filter(before(comment.place, newest_first)).count()
    if comment.status != Comment.Status.APPROVED and before_it == approved.count():
        # Behind the last one there may be no further page.
        before_it -= 1
    return max(before_it, 0) // settings.COMMENTS_PER_PAGE + 1


def render_thread(page, *, is_open, bars=None):
    """Join the stored fragments of a page into nested lists.

    ``is_open``: whether one may reply. ``bars``: what stands below each comment, by its id, for moderators.
    """
    writer = _Writer(page, is_open, bars or {})
    html = "".join(writer.node(root, above=None) for root in _nest(page.comments))
    return mark_safe(f'<ol class="comment-list">{html}</ol>') if html else ""  # noqa: S308 - stored fragments


@dataclass(slots=True)
class _Node:
    """A place in the thread; ``comment`` is None where its comment is not on this page."""

    place: str
    comment: Comment | None
    children: list

    def replies(self):
        """Return how many comments stand below, on this page."""
        return sum((child.comment is not None) + child.replies() for child in self.children)


def _nest(comments):
    roots, nodes = [], {}
    for comment in comments:
        siblings = roots
        for end in range(PLACE_WIDTH, len(comment.place) + 1, PLACE_WIDTH):
            place = comment.place[:end]
            if place not in nodes:
                nodes[place] = _Node(place, None, [])
                siblings.append(nodes[place])
            siblings = nodes[place].children
        nodes[comment.place].comment = comment
    return roots


class _Writer:
    """Writes the nodes of one page; what is the same for all of them is made once."""

    def __init__(self, page, is_open, bars):
        self.is_open = is_open
        self.bars = bars
        self.earlier = page.earlier
        self.order = f"?{ORDER_VAR}={NEWEST_FIRST}" if page.newest_first else ""
        self.answered = {each.pk: (self.permalink(each), each.author_name) for each in page.answered}
        self.answered |= {each.pk: (f"#comment-{each.pk}", each.author_name) for each in page.comments}
        # Only the comment is still to be named.
        self.reply_url = page.url(page.number, replytocom="")
        self.reply = _("Reply")
        self.reply_to = _("Reply to %(name)s")
        self.quote = _("Quote")
        self.quote_from = _("Quote %(name)s")
        self.replies = {}

    def node(self, node, *, above):
        """``above``: the comment that this one hangs from in the list, if it is on the page."""
        depth = len(node.place) // PLACE_WIDTH
        comment = node.comment
        children = "".join(self.node(child, above=comment) for child in node.children)
        if children:
            children = (
                f'<details class="replies" open><summary>{self.summary(node)}</summary>'
                f'<ol class="children">{children}</ol></details>'
            )
        if comment is None:
            kind, text = self.stand_in(self.earlier.get(node.place))
            return f'<li class="comment depth-{depth} {kind}"><p>{text}</p>{children}</li>'
        approved = comment.status == Comment.Status.APPROVED
        return (
            f'<li id="comment-{comment.pk}" class="comment depth-{depth}">'
            f'<article id="div-comment-{comment.pk}" class="comment-body">'
            f"{self.context(comment, above)}{comment.fragment}</article>"
            f"{self.reply_link(comment) if self.is_open and approved else ''}"
            f"{self.bars.get(comment.pk, '')}{children}</li>"
        )

    def context(self, comment, above):
        """Name whom a comment answers where the thread is as deep as it gets and it stands beside them."""
        if comment.parent_id not in self.answered or (above and comment.parent_id == above.pk):
            return ""
        url, name = self.answered[comment.parent_id]
        link = format_html(_('In reply to <a href="{url}"><bdi>{name}</bdi></a>'), url=url, name=name)
        return f'<p class="comment-context">{link}</p>'

    def reply_link(self, comment):
        return format_html(
            '<div class="reply"><a rel="nofollow" class="comment-reply-link" href="{}{}#respond" '
            'data-reply="{}" data-reply-name="{}" aria-label="{}">{}</a> '
            '<a rel="nofollow" class="comment-reply-link" href="{}{}&amp;quote=1#respond" '
            'data-quote aria-label="{}">{}</a></div>',
            self.reply_url,
            comment.pk,
            comment.pk,
            comment.author_name,
            self.reply_to % {"name": comment.author_name},
            self.reply,
            self.reply_url,
            comment.pk,
            self.quote_from % {"name": comment.author_name},
            self.quote,
        )

    def summary(self, node):
        """Say how many replies are folded away with the ones below a comment, in words."""
        number = node.replies()
        if number not in self.replies:
            words = ngettext("%(count)s reply", "%(count)s replies", number)
            self.replies[number] = words % {"count": number_format(number, force_grouping=True)}
        return self.replies[number]

    def stand_in(self, earlier):
        if earlier is None:
            return "comment-removed", _("This comment has been removed.")
        return "comment-earlier", format_html(
            _('Continues from <a href="{url}"><bdi>{name}</bdi></a> on an earlier page.'),
            url=self.permalink(earlier),
            name=earlier.author_name,
        )

    def permalink(self, comment):
        """Return the address that leads to a comment on another page, in the order of this one."""
        return comment.get_absolute_url() + self.order


def _before(approved, comments):
    """Return what the comments of a page need of earlier pages, as ``earlier`` and ``answered``."""
    first = comments[0].place
    above = [first[:end] for end in range(PLACE_WIDTH, len(first), PLACE_WIDTH)]
    here = {comment.pk for comment in comments}
    parents = {
        comment.parent_id
        for comment in comments
        if comment.depth == MAX_DEPTH and comment.parent_id and comment.parent_id not in here
    }
    if not above and not parents:
        return {}, []
    found = list(approved.filter(Q(place__in=above) | Q(pk__in=parents)).only("pk", "place", "author_name"))
    return {each.place: each for each in found if each.place in above}, [
        each for each in found if each.pk in parents and each.place not in above
    ]
