"""Articles for feed readers, at the addresses WordPress readers know.

Each feed is there in three formats: RSS at its own address, Atom and JSON Feed one step below.
"""

import hashlib
import time
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.cache import cache
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _

from .excerpts import excerpt_of, with_absolute_addresses
from .feed_formats import FORMATS
from .models import Article, Author, Category, Tag
from .search import LONGEST, find
from .text import clean_line

ENTRIES = 10
# For how long it is remembered when a feed has changed.
REMEMBERED_SECONDS = 30 * 24 * 3600


class SiteFeed(Feed):
    """A feed whose addresses are those of the site, by whatever name it was asked for.

    ``view_name``: the address of its RSS. ``format``: a name in ``FORMATS``.
    """

    view_name = ""

    def __init__(self, format="rss"):
        self.format = format
        self.feed_type = FORMATS[format]

    def __call__(self, request, *args, **kwargs):
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = super().__call__(request, *args, **kwargs)
        digest = hashlib.sha256(response.content).hexdigest()[:32]
        changed = changed_at(self.own_address(request), digest)
        response["ETag"] = f'"{digest}"'
        response["Last-Modified"] = http_date(changed)
        return get_conditional_response(request, response["ETag"], changed, response)

    def own_address(self, request):
        """Return what tells this feed from all others, of what was asked for."""
        return request.path

    def link(self, shown):
        """Return the page that this is the feed of."""
        return settings.SITE_URL + (shown.get_absolute_url() if shown else reverse("articles:home"))

    def feed_url(self, shown):
        return settings.SITE_URL + feed_url(self.view_name, *self.arguments(shown), format=self.format)

    # No two feeds are the same one, even where they are about the same page.
    feed_guid = feed_url

    def arguments(self, shown):
        """Return what stands in the address of this feed."""
        return []

    def item_link(self, item):
        return settings.SITE_URL + item.get_absolute_url()


def changed_at(address, digest):
    """Return since when this process has known a feed to be as it is, in seconds since 1970.

    The rows do not tell: an article may be withdrawn, an author renamed. So it is remembered, and
    where it has been forgotten the feed counts as new, which costs a reader one transfer at most.
    """
    key = f"articles.feeds.changed:{hashlib.sha256(address.encode()).hexdigest()}"
    known, changed = cache.get(key, (None, 0))
    if known != digest:
        changed = int(time.time())
        cache.set(key, (digest, changed), REMEMBERED_SECONDS)
    return changed


def feed_url(view_name, *args, format="rss"):
    """Return the address of a feed: of its RSS, or one step below it of another format."""
    return reverse(view_name, args=args) + ("" if format == "rss" else f"{format}/")


def feed_paths(route, feed, name):
    """Return the routes of a feed in all its formats; ``name`` is the address of its RSS."""
    return [
        path(route, feed("rss"), name=name),
        *(path(f"{route}{format}/", feed(format)) for format in FORMATS if format != "rss"),
    ]


class ArticleFeed(SiteFeed):
    """The newest articles, in full."""

    view_name = "articles:feed"

    def title(self, shown):
        return settings.SITE_NAME

    def description(self, shown):
        return settings.SITE_TAGLINE or settings.SITE_NAME

    def articles(self, shown):
        return Article.objects.published()

    def items(self, shown):
        articles = self.articles(shown).select_related("author")
        return articles.prefetch_related("categories", "tags")[:ENTRIES]

    def item_title(self, article):
        return article.title

    def item_description(self, article):
        return article.standfirst or excerpt_of(article.body_html)

    def item_guid(self, article):
        """A name that the article keeps wherever it moves, and whatever is changed in it (RFC 4151)."""
        return (
            f"tag:{urlsplit(settings.SITE_URL).hostname},{article.created_at:%Y-%m-%d}:article-{article.pk}"
        )

    item_guid_is_permalink = False

    def item_author_name(self, article):
        return article.author.name

    def item_author_link(self, article):
        return settings.SITE_URL + article.author.get_absolute_url()

    def item_pubdate(self, article):
        return timezone.localtime(article.published_at)

    def item_updateddate(self, article):
        # What was written before its minute came is news from that minute on.
        return timezone.localtime(max(article.updated_at, article.published_at))

    def item_categories(self, article):
        return [each.name for each in (*article.categories.all(), *article.tags.all())]

    def item_extra_kwargs(self, article):
        return {
            "content": with_absolute_addresses(
                article.body_html, settings.SITE_URL + article.get_absolute_url()
            ),
            "language": article.language,
        }


class CategoryFeed(ArticleFeed):
    """The newest articles in a category and in those below it."""

    view_name = "articles:category_feed"

    def get_object(self, request, path):
        return get_object_or_404(Category, path=path)

    def arguments(self, category):
        return [category.path]

    def title(self, category):
        return f"{category.name} · {settings.SITE_NAME}"

    def description(self, category):
        return category.description or self.title(category)

    def articles(self, category):
        return super().articles(category).within(category)


class TagFeed(ArticleFeed):
    """The newest articles with a tag."""

    view_name = "articles:tag_feed"

    def get_object(self, request, slug):
        return get_object_or_404(Tag, slug=slug)

    def arguments(self, tag):
        return [tag.slug]

    def title(self, tag):
        return f"{tag.name} · {settings.SITE_NAME}"

    def description(self, tag):
        return _("Articles about “%(tag)s”.") % {"tag": tag.name}

    def articles(self, tag):
        return super().articles(tag).tagged(tag)


class AuthorFeed(ArticleFeed):
    """The newest articles of an author."""

    view_name = "articles:author_feed"

    def get_object(self, request, slug):
        return get_object_or_404(Author, slug=slug)

    def arguments(self, author):
        return [author.slug]

    def title(self, author):
        return f"{author.name} · {settings.SITE_NAME}"

    def description(self, author):
        return author.biography or _("Articles by %(name)s.") % {"name": author.name}

    def articles(self, author):
        return super().articles(author).filter(author=author)


class SearchFeed(ArticleFeed):
    """The newest articles that have all words of a search, to hear of the next one."""

    view_name = "articles:search_feed"

    def __call__(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    def get_object(self, request):
        return _asked(request)

    def own_address(self, request):
        return f"{request.path}?{_asked(request)}"

    def link(self, query):
        return f"{settings.SITE_URL}{reverse('articles:search')}?{urlencode({'q': query})}"

    def feed_url(self, query):
        address = feed_url(self.view_name, format=self.format)
        return f"{settings.SITE_URL}{address}?{urlencode({'q': query})}"

    feed_guid = feed_url

    def title(self, query):
        asked = _("Search for “%(query)s”") % {"query": query}
        return f"{asked} · {settings.SITE_NAME}"

    description = title

    def articles(self, query):
        """Without what the search's page has in store for words that no article has: nothing is new there."""
        found = find(query)
        is_whole = not (found.replaced or found.unknown or found.is_partial)
        return super().articles(query).filter(pk__in=found.ids if is_whole else [])


def _asked(request):
    return clean_line(request.GET.get("q", "")[: LONGEST + 1])
