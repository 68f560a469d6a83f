"""Which comments are of one making, across articles and time: one number that they have in common.

A campaign is nothing but this number: the id of one of the first two comments that met. When a comment has
been stored it looks for others like it, by the marks that are stored with each (``moderation.traces``); where
there are any, they get one number. Whatever it looks at ends after a fixed number of comments, so the
millionth costs what the hundredth does. docs/decisions/0024 tells how often it is right.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, OuterRef, Subquery

from . import echoes
from .batches import MOST
from .markup import links_in, plain_text
from .models import Comment, Decision
from .moderation.addresses import host
from .moderation.alike import Suspect, follow_each_other, hosts_of, own_words, say_the_same
from .moderation.traces import FEWEST_WORDS, traces, word_set

# As many as one batch may hold, so that all of a campaign can be decided at once. What then comes begins
# another one.
FULL = MOST
# Comments that change their campaign because one that came is like those of two. Two larger ones stay two.
JOINED_AT_MOST = 500

# Comments that are looked at to find the campaigns that wait.
WAITING_LOOKED_AT = 10_000

_WAITING = """
    SELECT campaign, COUNT(*) AS waiting, MAX(id) FROM (
        SELECT campaign, id FROM comments_comment WHERE status = %s AND campaign IS NOT NULL
        ORDER BY submitted_at DESC, id DESC LIMIT %s
    ) AS latest GROUP BY campaign ORDER BY waiting DESC, MAX(id) DESC LIMIT %s"""

# Any number, the same in all processes.
LOCK = 0x63616D70


@dataclass(frozen=True, slots=True)
class Alike:
    """How many other comments are like one, and how many of these everybody can read."""

    campaign: int
    others: int
    published: int


def group(comment):
    """Find the comments like a stored one, and give all of them one number.

    To be called when the comment has been committed: of two that come at once, the later to look then sees
    the other one. In a transaction of its own, that waits for nobody who decides.
    """
    mates = alike(comment)
    if not mates:
        return
    with transaction.atomic():
        _one_at_a_time()
        _join(_free(pk__in=[comment.pk, *mates]))


def group_stored(*, since=None, progress=lambda done: None):
    """Look for others like each stored comment that has none; return how many were looked at.

    ``since``: only at comments from then on. What was done stays done, so it can be broken off and called
    again.
    """
    comments = Comment.objects.filter(campaign=None).select_related("parent")
    if since:
        comments = comments.filter(submitted_at__gte=since)
    done, last = 0, 0
    while chunk := list(comments.defer("fragment", "body").filter(pk__gt=last).order_by("pk")[:200]):
        for comment in chunk:
            group(comment)
        last = chunk[-1].pk
        done += len(chunk)
        progress(done)
    return done


def count(numbers):
    """Return how many comments of each status each of these campaigns has, in one query.

    No campaign has more than FULL, and the index alone is read.
    """
    counts = defaultdict(Counter)
    numbers = {number for number in numbers if number is not None}
    if numbers:
        rows = Comment.objects.filter(campaign__in=numbers).order_by().values_list("campaign", "status")
        for number, status, found in rows.annotate(Count("pk")):
            counts[number][status] = found
    return counts


def with_alike(comments):
    """Return comments as a list, each with ``alike``: what is like it, None where nothing is. One query."""
    comments = list(comments)
    counts = count(comment.campaign for comment in comments)
    for comment in comments:
        of_all = counts.get(comment.campaign, Counter())
        published = of_all[Comment.Status.APPROVED] - (comment.status == Comment.Status.APPROVED)
        others = of_all.total() - 1
        comment.alike = Alike(comment.campaign, others, max(0, published)) if others > 0 else None
    return comments


def waiting(most):
    """Return which campaigns wait for a decision, the largest first: number, comments, the newest one's id.

    Of the latest WAITING_LOOKED_AT comments that wait. The index alone is read.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [Comment.Status.PENDING, WAITING_LOOKED_AT, most])
        return cursor.fetchall()


def alike(comment):
    """Return the ids of the comments within 90 days of one that are like it, in two queries at most.

    Near texts and equal ones; short ones, and other texts with the same link, only among what the rules took
    for spam, and by no link that people vouch for.
    """
    text, links = plain_text(comment.body_html), links_in(comment.body_html)
    marks = traces(author_name=comment.author_name, author_url=comment.author_url, text=text, links=links)
    is_suspect = _is_suspect(comment)
    near = [mark for mark in marks if mark.kind == "near"]
    host = [mark for mark in marks if mark.kind == "host" and is_suspect]
    found = _look_up(comment, near + host, with_text=len(word_set(text)) >= FEWEST_WORDS)

    same = set(found["text", 0])
    likely = echoes.most_likely([found["near", mark.digest] for mark in near], same)
    crowds = [found["host", mark.digest] for mark in host]
    others = _fetch(set(likely).union(*crowds))

    mates = same | _near(comment, [others[pk] for pk in likely if pk in others])
    for crowd in crowds:
        mates |= _followed(comment, [others[pk] for pk in crowd if pk in others])
    return mates


def _is_suspect(comment):
    """Say whether the rules took it for spam; of what no rule has looked at nobody knows."""
    return comment.rules_version > 0 and comment.spam_probability > 0.5


def _look_up(comment, marks, *, with_text):
    """Return the ids of the latest comments with each mark, and with the same text, by kind and digest."""
    since, until = (
        connection.ops.adapt_datetimefield_value(comment.submitted_at + way * echoes.WITHIN)
        for way in (-1, 1)
    )
    within = (since, until, comment.pk, echoes.LATEST_ALIKE)
    parts = [(echoes.TRACES, (mark.digest, mark.kind, *within)) for mark in marks]
    if with_text and comment.text_digest:
        parts.append((echoes.TEXTS, (comment.text_digest, *within)))
    return echoes.ask(parts) if parts else defaultdict(list)


def _fetch(pks):
    """Return these comments with what they answer and a person's last word on each, by id."""
    if not pks:
        return {}
    last_word = Decision.objects.filter(comment=OuterRef("pk"), by__isnull=False).order_by("-pk")
    return (
        Comment.objects.select_related("parent")
        .only(
            "author_name",
            "author_url",
            "body_html",
            "parent__body_html",
            "rules_version",
            "spam_probability",
            "text_digest",
        )
        .annotate(decided=Subquery(last_word.values("to_status")[:1]))
        .in_bulk(pks)
    )


def _near(comment, likely):
    """Return the ids of those whose own words are nearly the comment's own."""
    if not likely:
        return set()
    own = _own_words(comment)
    return {other.pk for other in likely if say_the_same(own, _own_words(other))}


def _own_words(comment):
    return own_words(comment.body_html, comment.parent.body_html if comment.parent else "")


def _followed(comment, crowd):
    """Return the ids of those in a crowd around one link that are the comment's own kind.

    Everybody links to some hosts: where people approved more comments with one than they called spam, it
    joins nobody.
    """
    words = Counter(other.decided for other in crowd)
    if words[Comment.Status.APPROVED] > words[Comment.Status.SPAM]:
        return set()
    return follow_each_other(_suspect(comment), map(_suspect, filter(_is_suspect, crowd)))


def _suspect(comment):
    addresses = [comment.author_url, *links_in(comment.body_html)]
    own_site = host(settings.SITE_URL).removeprefix("www.")
    return Suspect(comment.pk, comment.author_name, hosts_of(addresses, own_site), comment.text_digest)


def _one_at_a_time():
    """Let no two groupings meet in the middle, until the transaction ends. On SQLite no two writers do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _free(**which):
    """Return the campaigns of comments by id, with their rows locked; without those that others have locked.

    Somebody decides on these at this moment. To wait for many rows while holding others is how two wait for
    each other for ever; the next comment like them brings together what was left out.
    """
    rows = Comment.objects.select_for_update(skip_locked=True, no_key=True).filter(**which).order_by("pk")
    return dict(rows.values_list("pk", "campaign"))


def _join(together):
    """Give comments one number: that of the largest campaign among them, of equal ones the oldest.

    ``together``: as from ``_free``. Whoever has another number brings along all who have it.
    """
    sizes = {number: found.total() for number, found in count(together.values()).items()}
    open_ones = [number for number, size in sizes.items() if size < FULL]
    moving = [pk for pk, number in together.items() if number is None]
    if open_ones:
        number = max(open_ones, key=lambda each: (sizes[each], -each))
        moving = moving[: FULL - sizes[number]]
        size = sizes[number] + len(moving)
    else:
        number, size = min(moving, default=0), len(moving)
        if size < 2:
            return
    for other in sorted(set(open_ones) - {number}):
        if sizes[other] <= JOINED_AT_MOST and size + sizes[other] <= FULL:
            moving += _free(campaign=other)
            size += sizes[other]
    if moving:
        Comment.objects.filter(pk__in=moving).update(campaign=number)
