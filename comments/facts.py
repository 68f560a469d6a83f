"""All that the rules need to know of a comment, gathered once from the database, before they run."""

import hashlib
import logging
import re
from collections import Counter
from functools import lru_cache

from disposable_email_domains import blocklist as DISPOSABLE_DOMAINS
from django.db.models import Count, Exists, OuterRef, Q

from articles.sanitizer import plain_text as text_of

from . import taught
from .background import background
from .blocklist import facts_in_force
from .echoes import echoes
from .markup import links_in, plain_text
from .models import Comment, Decision
from .moderation import words
from .moderation.addresses import host, registrable
from .moderation.types import CommenterRecord, Outcome, SiteShare, Submission
from .visitors import Sender

logger = logging.getLogger(__name__)

# The rule and the case by which a stored finding tells that the writer was a member of the staff.
FOUND_STAFF = ("known_commenter", "staff")
# Findings by which a writer is one whom the policy "known" publishes.
TRUSTED = {FOUND_STAFF, ("known_commenter", "good")}
# Orders are not stored with findings: they are carried out when the comment comes. The case tells them.
ORDERS = {("blocklist", "hold"): Outcome.HOLD, ("blocklist", "spam"): Outcome.SPAM}


def gather(*, article, data, visitor, now, parent=None):
    """Return the frozen facts on a comment that has not been stored yet.

    ``data``: the cleaned data of a CommentForm. ``now``: an aware datetime.
    """
    return _facts(
        article=article,
        parent=parent,
        author_name=data["author"],
        author_email=data["email"],
        author_url=data["url"],
        address=visitor.address,
        body=data["comment"],
        body_html=data["body_html"],
        honeypot=data["subject"],
        is_staff=visitor.may_moderate,
        sender_confirmed=visitor.sender is Sender.HERE,
        commenter=visitor.commenter,
        submitted_at=now,
        now=now,
    )


def recall(comment, *, now):
    """Return the same facts on a comment that is stored already, as far as they are known ``now``.

    What came since counts too: copies of its text, and what became of its writer's other comments; the
    comment itself does not, nor what a decision on it has taught. Two facts come from the time of posting.
    What stood in the hidden field is not stored, so it counts as empty: where the first verdict rested on
    it, this one is milder. And a member of the staff is who was found to be one then: signed in, which no
    later look can tell.
    """
    return _facts(
        article=comment.article,
        parent=comment.parent,
        author_name=comment.author_name,
        author_email=comment.author_email,
        author_url=comment.author_url,
        address=comment.address,
        body=comment.body,
        body_html=comment.body_html,
        honeypot="",
        is_staff=any((found.rule, found.case) == FOUND_STAFF for found in comment.findings.all()),
        sender_confirmed=comment.sender_confirmed,
        commenter=comment.commenter,
        submitted_at=comment.submitted_at,
        now=now,
        itself=comment,
    )


def _facts(
    *,
    article,
    parent,
    author_name,
    author_email,
    author_url,
    address,
    body,
    body_html,
    honeypot,
    is_staff,
    sender_confirmed,
    commenter,
    submitted_at,
    now,
    itself=None,
):
    """Make the facts of plain values. ``itself``: the comment, where it is stored: not to be counted."""
    text, links = plain_text(body_html), links_in(body_html)
    writing = words.Writing(author_name=author_name, author_url=author_url, text=text, links=links)
    lessons = _lessons(writing, now=now, without=getattr(itself, "lesson", None))
    return Submission(
        author_name=author_name,
        author_email=author_email,
        author_url=author_url,
        address=address,
        body=body,
        text=text,
        links=links,
        honeypot=honeypot,
        is_staff=is_staff,
        sender_verified=True if sender_confirmed else None,
        email_is_disposable=registrable(host(author_email)) in DISPOSABLE_DOMAINS,
        record=record_of(commenter, itself=itself),
        blocklist=facts_in_force(now=now),
        article_title=article.title,
        article_text=_article_text(article.body_html),
        parent_text=plain_text(parent.body_html) if parent else None,
        background=background(article, now=now),
        words=_base_opinion(writing),
        site_words=lessons and _site_opinion(lessons),
        site_share=lessons and SiteShare(lessons.spam, lessons.good),
        echoes=echoes(
            author_name=author_name,
            author_url=author_url,
            text=text,
            text_digest=text_digest(text),
            links=links,
            address=address,
            published_at=article.published_at,
            now=now,
            at=submitted_at,
            exclude=itself.pk if itself else None,
        ),
    )


# The comments of one article come in a row, and its text has to be read out of its HTML.
@lru_cache(maxsize=16)
def _article_text(body_html):
    return text_of(body_html)


def _base_opinion(writing):
    """Return what the shipped model says of the words, or None if its file is of no use."""
    try:
        model = words.base_model()
    except words.ModelError:
        logger.exception("The words that ship with the project are not used")
        return None
    return model.opinion(writing)


def _site_opinion(lessons):
    """Name the words as an editor reads them; several tokens may read the same."""
    shown = Counter()
    for name, points in lessons.words:
        shown[words.readable(name)] += points
    return words.Opinion(lessons.points, words.heaviest(shown))


def _lessons(writing, *, now, without=None):
    """Return what this site's editors have taught about the words, or None if that is of no use."""
    try:
        return taught.opinion(words.site_features(writing), now=now, without=without)
    except taught.UnsoundSums:
        logger.exception("What this site has learned is not used")
        return None


# Asked for when a comment is judged, and again when it is stored.
@lru_cache(maxsize=4)
def text_digest(text):
    """Return a digest that is the same for texts that differ in case, spaces and signs only.

    Where there is no word at all, the signs are what the text says.
    """
    words = re.findall(r"\w+", text.casefold()) or text.split()
    return hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest()


def record_of(commenter, *, itself=None):
    """Return what became of this commenter's other comments, or None for whoever proved nothing.

    Only what a person declined counts against the writer: the system's guesses are no record. What was
    deleted since counts as it did before.
    ``itself``: the comment that is asked about, where it is stored: it is no record of itself.
    """
    if commenter is None:
        return None
    status = Comment.Status
    said = Decision.objects.by_people().filter(comment=OuterRef("pk"))
    declined_by_a_person = Q(status__in=[status.SPAM, status.TRASH]) & Q(
        Exists(said.filter(to_status=OuterRef("status")))
    ) | Q(status=status.DELETED) & Q(Exists(said.filter(to_status__in=[status.SPAM, status.TRASH])))
    others = commenter.comments.exclude(pk=itself.pk) if itself else commenter.comments
    counts = others.aggregate(
        approved=Count("pk", filter=Q(status=status.APPROVED)),
        declined=Count("pk", filter=declined_by_a_person),
    )
    return CommenterRecord(**counts)
