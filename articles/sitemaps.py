"""What is worth a crawler's visit, in parts of a size that stays cheap however many articles there are.

A part is a stretch of keys, not of a sorted list: finding it reads only its own rows, and an article
stays in its part, so that a new one changes none of the others.
"""

from collections import defaultdict

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import EmptyPage
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone

from .excerpts import pictures_in
from .models import Article, Author, Category, Tag
from .share_images import image_of

ROWS = 500
"""Articles, or other rows, in one part. The format allows 50,000."""

MOST_PICTURES = 100
"""Of one article. The format allows 1,000."""


class SiteSitemap(Sitemap):
    """A sitemap whose addresses are the site's, by whatever name it was asked for."""

    def get_protocol(self, protocol=None):
        return settings.SITE_URL.partition("://")[0]

    def get_domain(self, site=None):
        return settings.SITE_URL.partition("://")[2]

    @property
    def part_numbers(self):
        return list(self.paginator.page_range)


class KeyedSitemap(SiteSitemap):
    """A sitemap of rows, divided by their keys."""

    @property
    def paginator(self):
        return KeyPages(self.items())

    @property
    def part_numbers(self):
        """Which parts there are."""
        parts = self.items().order_by().values_list((F("pk") - 1) / ROWS + 1, flat=True)
        return sorted(parts.distinct())


class KeyPages:
    """What a sitemap asks of a paginator, by key: page 1 has the keys from 1 to ``ROWS``."""

    def __init__(self, rows):
        self.rows = rows

    def page(self, number):
        last = number * ROWS
        self.object_list = list(self.rows.filter(pk__gt=last - ROWS, pk__lte=last).order_by("pk"))
        if not self.object_list:
            raise EmptyPage
        return self


class ArticleSitemap(KeyedSitemap):
    """Each published article, when it was changed last, and its pictures."""

    def items(self):
        return Article.objects.published().only("title", "path", "body_html", "published_at", "updated_at")

    @property
    def part_numbers(self):
        """Read off the index alone, which does not know what has expired; few articles ever do."""
        public = Article.objects.filter(status=Article.Status.PUBLISHED, published_at__lte=timezone.now())
        return sorted(public.order_by().values_list((F("pk") - 1) / ROWS + 1, flat=True).distinct())

    def lastmod(self, article):
        return max(article.updated_at, article.published_at)

    def get_urls(self, page=1, site=None, protocol=None):
        urls = super().get_urls(page, site, protocol)
        for url in urls:
            article = url["item"]
            url["images"] = [image_of(article).url, *pictures_in(article.body_html)][:MOST_PICTURES]
        return urls


class ListSitemap(KeyedSitemap):
    """Lists that are not thin: one of a single article says nothing that the article does not."""

    model = None

    def rows_of(self, owner):
        """Return the keys of the articles on the list of ``owner``, an outer row, as a query."""
        raise NotImplementedError

    def items(self):
        # Two are enough to be there; how many more there are, nobody needs to count.
        articles = self.rows_of(OuterRef("pk"))
        another = Exists(articles.exclude(article=OuterRef("first")))
        return self.model.objects.alias(first=Subquery(articles[:1])).filter(another)


def is_public():
    """Ask of a row that joins an article to a list, one by one: a list of all that is public is long."""
    return Exists(Article.objects.published().filter(pk=OuterRef("article")))


class CategorySitemap(KeyedSitemap):
    def items(self):
        """Like the other lists, though a category also shows what stands below it."""
        shelved = Article.categories.through.objects.filter(is_public(), category=OuterRef("pk")).values(
            "article"
        )
        another = shelved.exclude(article=OuterRef("first"))
        tree = Category.objects.annotate(first=Subquery(shelved[:1])).annotate(other=Subquery(another[:1]))
        shown = defaultdict(set)
        for path, *found in tree.values_list("path", "first", "other"):
            slugs = path.split("/")
            for depth in range(len(slugs)):
                shown["/".join(slugs[: depth + 1])].update(found)
        return Category.objects.filter(
            path__in=[path for path, found in shown.items() if len(found - {None}) > 1]
        )


class TagSitemap(ListSitemap):
    model = Tag

    def rows_of(self, owner):
        return Article.tags.through.objects.filter(is_public(), tag=owner).values("article")


class AuthorSitemap(ListSitemap):
    model = Author

    def rows_of(self, owner):
        return Article.objects.published().filter(author=owner).order_by().values(article=F("pk"))
