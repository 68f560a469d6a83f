"""Judges an archive's comments as if they came now: by the site's own code, without touching the site."""

import hashlib
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.utils import ConnectionHandler

from articles.markup import MAX_MARKUP, sanitize_article
from articles.models import Article, Author
from articles.text import clean_line, clean_text

from . import background
from .archive import read_row_at
from .facts import gather
from .forms import NAME_LENGTH, URL_LENGTH, CommentForm
from .intake import as_comment, store
from .markup import MAX_LENGTH, sanitize
from .models import Comment
from .moderation.pipeline import POLICIES, decide, judge
from .moderation.types import Outcome
from .policy import in_force
from .visitors import Sender, Visitor

# Enough to know what an article is about.
ARTICLE_LENGTH = 20_000
TITLE_LENGTH = Article._meta.get_field("title").max_length
# Comments without a time come one by one, at a pace that is nobody's campaign.
PACE = timedelta(hours=1)
NO_TIME_AT_ALL = datetime(2000, 1, 1, tzinfo=UTC)

# An archive says nothing of these: a reader with a browser of today whom nobody knows.
STRANGER = Visitor(address=None, sender=Sender.HERE, user=None, commenter=None)


@contextmanager
def site_in_memory():
    """Let everything inside happen on an empty site of its own, which is gone afterwards.

    The connection takes the default one's place for this thread, whatever database that leads to; no query
    reaches the other. What waits for a commit (mail, outside opinions) never happens, as there is none.
    """
    outside = connections[DEFAULT_DB_ALIAS]
    # To SQLite a database without a name is a private one, which lives in memory and moves to an unnamed
    # temporary file as far as it outgrows the cache: so a large archive doesn't take all the memory.
    unnamed = {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:"}
    inside = ConnectionHandler({DEFAULT_DB_ALIAS: unnamed})[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = inside
    _forget()
    try:
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        connections[DEFAULT_DB_ALIAS] = outside
        _forget()
        inside.close()


def _forget():
    """Let go of what this process remembers of a database that it no longer asks."""
    # Django remembers the numbers of content types, which are other ones elsewhere.
    ContentType.objects.clear_cache()
    background.forget()


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one comment.

    ``outcomes``: one for each of POLICIES, from the same findings. ``cpu_ms``: milliseconds of processor
    time for gathering the facts and judging.
    """

    is_spam: bool
    probability: float
    outcomes: tuple[Outcome, ...]
    source: str
    language: str
    cpu_ms: float


def in_time_order(rows):
    """Return when each row is to come and the offset of its line, in that order.

    Rows without a time follow in the order of the file, PACE apart.
    """
    dated, undated = [], []
    for row in rows:
        if row.created:
            dated.append((row.created, row.offset))
        else:
            undated.append(row.offset)
    dated.sort(key=lambda moment: moment[0])
    last = dated[-1][0] if dated else NO_TIME_AT_ALL
    return dated + [(last + number * PACE, offset) for number, offset in enumerate(undated, start=1)]


def play(stream, moments, *, learn):
    """Let the comments of one file come to a new site; return a list of Judged in the same order.

    ``moments``: as from ``in_time_order``. Each is judged and then stored as one that waits. With ``learn``
    an editor then decides on it, as its label says, before the next one comes.
    """
    with site_in_memory():
        author = Author.objects.create(name="Archive", slug="archive")
        editor = get_user_model().objects.create_superuser("editor")
        stored_article = lru_cache(maxsize=256)(_store_article)
        return [
            _receive(
                read_row_at(stream, offset), stored_article, now=now, author=author, editor=learn and editor
            )
            for now, offset in moments
        ]


def witness(stream, moments):
    """Yield each row of a file with the facts on it, as a new site would have gathered them.

    Comments come and are stored in this order, and nobody decides on any. To be read to the end: until then
    the site in memory stands in for the other.
    """
    with site_in_memory():
        author = Author.objects.create(name="Archive", slug="archive")
        stored_article = lru_cache(maxsize=256)(_store_article)
        for now, offset in moments:
            row = read_row_at(stream, offset)
            article = stored_article(row.article_title, row.article_text, author, now)
            data = form_data(row)
            submission = gather(article=article, data=data, visitor=STRANGER, now=now)
            yield row, submission
            verdict = decide((), policy="hold", trusted=False)
            store(as_comment(article, data, verdict, parent=None, visitor=STRANGER, now=now), verdict)


def _receive(row, stored_article, *, now, author, editor):
    """Judge and store one comment, and let the editor decide on it, if there is one."""
    article = stored_article(row.article_title, row.article_text, author, now)
    data = form_data(row)
    started = time.process_time()
    submission = gather(article=article, data=data, visitor=STRANGER, now=now)
    verdict = judge(submission, policy="hold")
    cpu_ms = (time.process_time() - started) * 1000
    comment = as_comment(article, data, verdict, parent=None, visitor=STRANGER, now=now)
    # Whatever the verdict, so that an editor who agrees has something to decide, too.
    comment.status = Comment.Status.PENDING
    store(comment, verdict)
    is_spam = row.label == "spam"
    if editor:
        move = comment.mark_spam if is_spam else comment.approve
        move(by=editor)
    return Judged(
        is_spam=is_spam,
        probability=verdict.probability,
        outcomes=tuple(
            decide(verdict.findings, policy=policy, trusted=submission.is_trusted).outcome
            for policy in POLICIES
        ),
        source=row.source,
        language=row.lang or "und",
        cpu_ms=cpu_ms,
    )


def judge_row(row, *, now, policy=None):
    """Return this site's verdict on a comment that is stored nowhere.

    ``policy``: instead of the one in force.
    ``now``: when it comes, if the row doesn't say.
    """
    now = row.created or now
    article = article_of(row.article_title, row.article_text, now)
    submission = gather(article=article, data=form_data(row), visitor=STRANGER, now=now)
    site = in_force()
    return judge(submission, policy=policy or site.policy, thresholds=site.thresholds)


def article_of(title, text, published_at):
    """Return an article that is not stored, nor can be mistaken for one that is.

    Its id is made of its text, below zero: what belongs to it can be asked for, and there is nothing.
    """
    title = clean_line(title)[:TITLE_LENGTH]
    body = clean_text(text)[:ARTICLE_LENGTH]
    if body.count("<") + body.count("&") > MAX_MARKUP:
        body = re.sub(r"[<&]", " ", body)
    digest = hashlib.sha256(f"{title}\n{body}".encode()).digest()
    number = 1 + int.from_bytes(digest[:7])
    return Article(
        pk=-number,
        title=title,
        path=f"{number}/",
        body=body,
        body_html=sanitize_article(body),
        status=Article.Status.PUBLISHED,
        published_at=published_at,
    )


def _store_article(title, text, author, now):
    article = article_of(title, text, now)
    known = Article.objects.filter(pk=article.pk).first()
    if known:
        return known
    article.author = author
    article.save(force_insert=True)
    return article


def form_data(row):
    """Return what a CommentForm would make of a row: its cleaned data.

    What is too long is cut, and what the form would refuse in a field is left out, as a visitor would who
    is asked to mend it. Markup around nothing passes.
    """
    text = clean_text(row.body).strip()[:MAX_LENGTH]
    # Archives keep the domain at most, and two writers with one domain are still two.
    person = hashlib.sha256(row.author.casefold().encode("utf-8", "replace")).hexdigest()[:12]
    email = f"{person}@{row.email_domain}" if row.email_domain else ""
    return {
        "comment": text,
        "body_html": sanitize(text),
        "author": clean_line(row.author)[:NAME_LENGTH],
        "email": _cleaned("email", email),
        "url": _cleaned("url", row.author_url[:URL_LENGTH]),
        "remember": False,
        "subject": "",
        "comment_parent": None,
        "revision": None,
    }


def _cleaned(name, value):
    try:
        return CommentForm.base_fields[name].clean(value.replace("\x00", ""))
    except ValidationError:
        return ""
