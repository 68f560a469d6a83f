"""What one blocklist entry would have caught, had it been there before: tried on the stored comments."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from heapq import merge
from itertools import islice

from .markup import links_in, plain_text
from .models import Comment
from .moderation.rules.orders import Places, find

DAYS = 90
# Comments looked at: about a second's work, and enough to know an entry by.
LIMIT = 20_000
# Comments in memory at once.
CHUNK = 1_000
# Of the comments caught, how many of a status are shown.
SHOWN = 10
# An entry that catches more than half of all comments orders nothing in particular. Where it catches fewer
# than this, the site is too young to tell.
TELLING = 20

# All but what was deleted.
LOOKED_AT = [status for status in Comment.Status.values if status != Comment.Status.DELETED]

# The kinds of entries that look at no text: reading it takes most of the time.
TEXTLESS = ("address", "network")


class StoredFields:
    """A stored comment's fields as the entries are compared with them; its HTML is read if one asks."""

    def __init__(self, comment):
        self.author_name = comment.author_name
        self.author_email = comment.author_email
        self.author_url = comment.author_url
        self.address = comment.address
        self._comment = comment

    @cached_property
    def text(self):
        return plain_text(self._comment.body_html)

    @cached_property
    def links(self):
        return links_in(self._comment.body_html)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many comments of one status were caught, of how many."""

    caught: int
    total: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What an entry would have caught among the newest comments of the last ``DAYS`` days.

    ``spam``, ``approved``, ``waiting``, ``trash``: by what the comments are today.
    ``caught_approved``, ``caught_waiting``: the newest ``SHOWN`` of them, newest first, with their article.
    ``is_cut_short``: whether there were more than the ``LIMIT`` that were looked at.
    """

    spam: Figure
    approved: Figure
    waiting: Figure
    trash: Figure
    caught_approved: tuple[Comment, ...]
    caught_waiting: tuple[Comment, ...]
    is_cut_short: bool

    @property
    def caught(self):
        return self.spam.caught + self.approved.caught + self.waiting.caught + self.trash.caught

    @property
    def total(self):
        """All comments looked at."""
        return self.spam.total + self.approved.total + self.waiting.total + self.trash.total

    @property
    def would_match_everything(self):
        """Whether the entry is to be refused, since it catches more than half of all there is."""
        return self.caught >= TELLING and self.caught * 2 > self.total


def backtest(entry, *, now):
    """Try an entry, as the rules take it, on what was submitted in the last ``DAYS`` days.

    Matches as the rule does, comment by comment, in constant memory. Takes a number of queries that is
    bounded by LIMIT / CHUNK. Call it outside of a transaction: on SQLite everybody would wait for it.

    Raises ``ValueError`` for an entry of a kind that does not exist.
    """
    newest = newest_ids(since=now - timedelta(days=DAYS), now=now)
    totals, caught = Counter(), {status: [] for status in LOOKED_AT}
    for comment in _comments(newest[:LIMIT], with_text=entry.kind not in TEXTLESS):
        totals[comment.status] += 1
        if find(entry, Places(StoredFields(comment))) is not None:
            caught[comment.status].append(comment.pk)
    figures = {status: Figure(len(caught[status]), totals[status]) for status in caught}
    approved = caught[Comment.Status.APPROVED][:SHOWN]
    waiting = caught[Comment.Status.PENDING][:SHOWN]
    examples = with_article([*approved, *waiting])
    return Trial(
        spam=figures[Comment.Status.SPAM],
        approved=figures[Comment.Status.APPROVED],
        waiting=figures[Comment.Status.PENDING],
        trash=figures[Comment.Status.TRASH],
        caught_approved=tuple(examples[pk] for pk in approved if pk in examples),
        caught_waiting=tuple(examples[pk] for pk in waiting if pk in examples),
        is_cut_short=len(newest) > LIMIT,
    )


def newest_ids(*, since, now):
    """Return the ids of the newest comments, newest first; one more than LIMIT if there are more.

    Status by status: so each query reads no more than it needs from the index that begins with the status.
    """
    within = Comment.objects.filter(submitted_at__gt=since, submitted_at__lte=now)
    found = (
        within.filter(status=status)
        .order_by("-submitted_at", "-pk")
        .values_list("submitted_at", "pk")[: LIMIT + 1]
        for status in LOOKED_AT
    )
    # What moved from one status to another in between is found twice.
    ids = dict.fromkeys(pk for _submitted_at, pk in merge(*found, reverse=True))
    return list(islice(ids, LIMIT + 1))


def _comments(ids, *, with_text):
    """Yield the comments in the order of their ids; what has been deleted meanwhile is left out."""
    fields = ["status", "author_name", "author_email", "author_url", "address"]
    rows = Comment.objects.kept().only(*fields, *(["body_html"] if with_text else []))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = {comment.pk: comment for comment in rows.filter(pk__in=chunk)}
        yield from (found[pk] for pk in chunk if pk in found)


def with_article(ids):
    """Return the comments to be shown, by id, in one query for all."""
    return (
        Comment.objects.select_related("article")
        .defer("body", "fragment", "article__body", "article__body_html")
        .in_bulk(ids)
    )
