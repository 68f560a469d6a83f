"""What the site remembers of comments like one that has come: the same words, links, networks.

Every look-up ends after a fixed number of the latest comments, so a link that 50,000 of them share costs no
more than a rare one.
"""

import re
from collections import Counter, defaultdict
from datetime import UTC, timedelta
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from django.db import connection
from django.utils.timezone import is_aware, make_aware

from .markup import links_in, plain_text
from .models import Comment, CommentTrace
from .moderation.addresses import without_addresses
from .moderation.text import fold, words
from .moderation.traces import FEWEST_WORDS, NEAR, similarity, telling, traces, word_set
from .moderation.types import Echoes
from .rows import insert

WITHIN = timedelta(days=90)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

_TAG = re.compile(r"<[^>]*>")

# Comments that are looked at for each mark.
LATEST = 50
# And where a few tell as much: of those that share a link, or a mark of their words, which are then compared.
LATEST_ALIKE = 16

# Comments whose words are compared, the dearest of all steps: those that share several marks, and a few of
# those that share a single one, and only where few have it; in the marks of common words strangers meet.
# After so many strangers, what is left is taken for strangers too. Counted on 8,817 real comments: 464 near
# ones are found so with 1.4 comparisons a comment, and 470 with 2.1 if all four are compared.
COMPARED = 4
STRANGERS = 3
COMPARED_ONCE = 2
RARE = 10

# Where counting the comments of an hour or a day ends.
COUNTED = 200


def remember(comment):
    """Store the traces of a comment, in the transaction that stores its text."""
    made = traces(
        author_name=comment.author_name,
        author_url=comment.author_url,
        text=plain_text(comment.body_html),
        links=links_in(comment.body_html),
    )
    submitted_at = connection.ops.adapt_datetimefield_value(comment.submitted_at)
    insert(
        CommentTrace,
        ["comment_id", "kind", "digest", "submitted_at"],
        ((comment.pk, trace.kind, trace.digest, submitted_at) for trace in made),
    )


def echoes(
    *,
    author_name,
    author_url,
    text,
    text_digest,
    links,
    address,
    published_at,
    now,
    at=None,
    exclude=None,
):
    """Return what the 90 days before ``now`` hold of comments like this one, in two queries.

    ``address``: shortened. ``published_at``: the article's. ``at``: when the comment came, where that is
    not now: what other comments say is remembered up to now, but rhythm is what came before it.
    ``exclude``: the comment's own id, where it is stored already.
    """
    at = at or now
    marks = traces(author_name=author_name, author_url=author_url, text=text, links=links)
    found = _look_up(marks, text_digest=text_digest, address=address, now=now, at=at, exclude=exclude or 0)

    same = set(found["text", 0])
    likely = most_likely([found["near", mark.digest] for mark in marks if mark.kind == "near"], same)
    hosts = {mark.digest: set(found["host", mark.digest]) for mark in marks if mark.kind == "host"}
    last = found["last", 0]
    comments = _fetch(same.union(likely, last, *hosts.values()), likely)

    near = _near(text, [comments[pk] for pk in likely if pk in comments], text_digest)
    return Echoes(
        same_text=len(same),
        same_text_spam=_decided(comments, same, Comment.Status.SPAM),
        same_text_good=_decided(comments, same, Comment.Status.APPROVED),
        near_text=len(near),
        near_spam=_decided(comments, near, Comment.Status.SPAM),
        near_good=_decided(comments, near, Comment.Status.APPROVED),
        **_host_echoes(comments, hosts.values(), author_name),
        network_hour=sum(found["hour", 0]) if address else None,
        network_day=sum(found["day", 0]) if address else None,
        site_hour=sum(found["site", 0]),
        article_age_days=max(0, (at - published_at).days) if published_at else None,
        seconds_since_last_here=next(
            (_seconds(comments[pk].submitted_at, at) for pk in last if pk in comments), None
        ),
    )


# Parts of one compound. Each answers with rows of: what was looked for, its digest, a comment or a count.
TRACES = """
    SELECT kind, digest, comment_id AS found FROM comments_commenttrace
    WHERE digest = %s AND kind = %s AND submitted_at > %s AND submitted_at <= %s AND comment_id <> %s
    ORDER BY submitted_at DESC LIMIT %s"""
TEXTS = """
    SELECT 'text', 0, id FROM comments_comment
    WHERE text_digest = %s AND submitted_at > %s AND submitted_at <= %s AND id <> %s
    ORDER BY submitted_at DESC LIMIT %s"""
_LAST = """
    SELECT 'last', 0, id FROM comments_comment
    WHERE address = %s AND submitted_at > %s AND submitted_at <= %s AND id <> %s
    ORDER BY submitted_at DESC LIMIT 1"""
_COUNT = """
    SELECT '{}', 0, COUNT(*) FROM (
        SELECT 1 FROM comments_comment
        WHERE {} AND submitted_at > %s AND submitted_at <= %s AND id <> %s LIMIT %s
    ) AS counted"""
_HOUR = _COUNT.format("hour", "address = %s")
_DAY = _COUNT.format("day", "address = %s")
# All the statuses there are: so the index of the queue serves, which begins with them.
_SITE = _COUNT.format("site", "status IN ({})".format(", ".join(["%s"] * len(Comment.Status.values))))


class Echo(NamedTuple):
    """A stored comment. ``decided``: a person's last word, as ``Decision.objects.by_people()`` has it.

    ``html``: empty where it is not compared. ``submitted_at``: as the database gives it.
    """

    pk: int
    author_name: str
    text_digest: str
    submitted_at: object
    decided: str | None
    html: str


_COMMENTS = """
    SELECT comment.id, author_name, text_digest, submitted_at,
        (
            SELECT to_status FROM comments_decision AS word
            WHERE comment_id = comment.id AND by_id IS NOT NULL
                AND from_status <> '' AND to_status <> 'deleted' AND COALESCE(undoes_id, 0) = 0
                AND NOT EXISTS (SELECT 1 FROM comments_decision WHERE undoes_id = word.id)
            ORDER BY id DESC LIMIT 1
        ) AS decided,
        CASE WHEN comment.id IN ({}) THEN body_html ELSE '' END AS html
    FROM comments_comment AS comment WHERE comment.id IN ({})"""


def _look_up(marks, *, text_digest, address, now, at, exclude):
    """Return what was found: comments' ids or a count, by kind and digest (0 where the kind has none).

    In SQL of our own: SQLite takes no limited part in a compound as Django writes it, and to ask part by
    part takes several times as long.
    """
    since, until, came, hour, day, season = (
        connection.ops.adapt_datetimefield_value(moment)
        for moment in (now - WITHIN, now, at, at - HOUR, at - DAY, at - WITHIN)
    )
    parts = [
        (TRACES, (mark.digest, mark.kind, since, until, exclude, LATEST_ALIKE))
        for mark in marks
        if mark.kind != "name"
    ]
    parts.append((TEXTS, (text_digest, since, until, exclude, LATEST)))
    parts.append((_SITE, (*Comment.Status.values, hour, came, exclude, COUNTED)))
    if address:
        parts.append((_HOUR, (address, hour, came, exclude, COUNTED)))
        parts.append((_DAY, (address, day, came, exclude, COUNTED)))
        parts.append((_LAST, (address, season, came, exclude)))
    return ask(parts)


def ask(parts):
    """Return what parts find, by kind and digest, in one query. ``parts``: pairs of SQL and its values."""
    compound = " UNION ALL ".join(
        f"SELECT * FROM ({sql}) AS part_{number}"  # noqa: S608 - parts are constants, values are parameters
        for number, (sql, _values) in enumerate(parts)
    )
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(compound, [value for _sql, values in parts for value in values])
        for kind, digest, answer in cursor.fetchall():
            found[kind, digest].append(answer)
    return found


def most_likely(meetings, same):
    """Return the comments that may be near ones, by the marks they share, the likeliest first.

    A mark that few have tells more than one that many have: it counts as its share of a whole one.
    """
    shared = Counter(pk for pks in meetings for pk in pks if pk not in same)
    weight = defaultdict(float)
    for pks in meetings:
        for pk in pks:
            weight[pk] += 1 / len(pks)
    several = [pk for pk, count in shared.items() if count > 1]
    several = sorted(several, key=lambda pk: (-weight[pk], -pk))[:COMPARED]
    rare = {pk for pks in meetings if len(pks) <= RARE for pk in pks if shared[pk] == 1}
    return several + sorted(rare, reverse=True)[: min(COMPARED_ONCE, COMPARED - len(several))]


def _fetch(pks, likely):
    """Return these comments by id."""
    if not pks:
        return {}
    sql = _COMMENTS.format(", ".join(["%s"] * len(likely)) or "NULL", ", ".join(["%s"] * len(pks)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*likely, *pks])
        return {row[0]: Echo._make(row) for row in cursor.fetchall()}


def _seconds(stored, at):
    """Return the whole seconds from a moment, as the database gave it, to another."""
    moment = Comment._meta.get_field("submitted_at").to_python(stored)
    # SQLite keeps a text, in UTC and without saying so.
    return int((at - (moment if is_aware(moment) else make_aware(moment, UTC))).total_seconds())


def _near(text, comments, text_digest):
    """Return which comments are near to a text, by their words, without being the same.

    ``comments``: the likeliest first.
    """
    own_words, near, strangers = word_set(text), set(), 0
    for other in comments:
        if other.text_digest == text_digest:
            continue
        other_words = _words_of(other.html)
        if len(other_words) >= FEWEST_WORDS and similarity(own_words, other_words) >= NEAR:
            near.add(other.pk)
        elif (strangers := strangers + 1) == STRANGERS:
            break
    return near


# The comments of a campaign are near to the same ones, one after another.
@lru_cache(maxsize=64)
def _words_of(html):
    # Without a parser, which would take most of the time: the tags are our own, and only words count.
    text = unescape(_TAG.sub(" ", html))
    return telling(frozenset(words(without_addresses(text))))


def _decided(comments, pks, status):
    return sum(1 for pk in pks if pk in comments and comments[pk].decided == status)


def _host_echoes(comments, hosts, author_name):
    """Return the fields on hosts: of the one that speaks most against the writer.

    Everybody links to some hosts. No list names them: where people approved more comments with a host than
    they called spam, they vouch for it, and it is no campaign. One such link hides no other.
    """
    own = fold(author_name)
    tallies = []
    for pks in hosts:
        seen = [pk for pk in pks if pk in comments]
        names = {fold(comments[pk].author_name) for pk in seen} - {own}
        spam = _decided(comments, seen, Comment.Status.SPAM)
        good = _decided(comments, seen, Comment.Status.APPROVED)
        tallies.append((spam, good, len(names), len(seen)))
    if not tallies:
        return {}
    doubtful = [tally for tally in tallies if tally[1] <= tally[0]] or tallies
    _spam, _good, names, count = max(doubtful, key=lambda tally: tally[2:])
    spam, good, *_rest = max(tallies, key=lambda tally: (tally[0] - tally[1], tally[0]))
    return {"host_comments": count, "host_names": names, "host_spam": spam, "host_good": good}
