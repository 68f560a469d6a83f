"""How common words are on this site, beside how common they are in general."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from articles.models import Article
from articles.sanitizer import plain_text

from .moderation import words
from .moderation.background import Background
from .moderation.reading import ARTICLE_LENGTH
from .moderation.text import words as words_of

# Articles that are read: the newest. Enough to know what every article here speaks of.
ARTICLES = 50


@dataclass(frozen=True, slots=True)
class _Read:
    """The words of the newest articles. ``until``: when the newest of them was published."""

    until: datetime
    words: dict
    background: Background


_read = None


def background(article, *, now):
    """Return the table of common words with this site's own, or None if there is no table.

    ``article``: what is being answered. A process reads the newest articles once, and again when somebody
    answers a newer one; until then it costs nothing. An article that is edited later counts as it was.
    """
    global _read
    try:
        shipped = words.base_model().background
    except words.ModelError:
        return None
    # One assignment: threads see the old or the new one, never half of each.
    read = _read
    if read is None or (_is_stored(article) and article.published_at > read.until):
        read = _read = _read_articles(shipped, now=now, known=read.words if read else {})
    return read.background


def _is_stored(article):
    """Say whether it is an article of this site; an archive's comes and goes."""
    return not article._state.adding and article.published_at is not None


def forget():
    """Read anew when next asked: another site's articles are to be answered."""
    global _read
    _read = None


def _read_articles(shipped, *, now, known):
    newest = list(
        Article.objects.published(at=now)
        .order_by("-published_at", "-pk")
        .values_list("pk", "published_at")[:ARTICLES]
    )
    found = {pk: known[pk] for pk, _published_at in newest if pk in known}
    missing = [pk for pk, _published_at in newest if pk not in found]
    for article in Article.objects.filter(pk__in=missing).only("title", "body_html"):
        text = plain_text(article.body_html[: 2 * ARTICLE_LENGTH])
        found[article.pk] = frozenset(words_of(f"{article.title} {text[:ARTICLE_LENGTH]}"))
    counts = Counter(word for distinct in found.values() for word in distinct)
    until = newest[0][1] if newest else datetime.min.replace(tzinfo=UTC)
    return _Read(until, found, replace(shipped, site_counts=counts, site_texts=len(found)))
