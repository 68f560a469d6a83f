"""Articles for feed readers, at the address WordPress readers know."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse

from .models import Article

ENTRIES = 10


class SiteFeed(Feed):
    """A feed whose addresses are those of the site, by whatever name it was asked for."""

    def link(self):
        return settings.SITE_URL + reverse("articles:home")

    def item_link(self, item):
        return settings.SITE_URL + item.get_absolute_url()


class ArticleFeed(SiteFeed):
    """The newest articles, in full."""

    def feed_url(self):
        return settings.SITE_URL + reverse("articles:feed")

    def title(self):
        return settings.SITE_NAME

    def description(self):
        return settings.SITE_TAGLINE or settings.SITE_NAME

    def items(self):
        return Article.objects.published().select_related("author").prefetch_related("categories")[:ENTRIES]

    def item_title(self, article):
        return article.title

    def item_description(self, article):
        return article.body_html

    def item_author_name(self, article):
        return article.author.name

    def item_pubdate(self, article):
        return article.published_at

    def item_updateddate(self, article):
        return article.updated_at

    def item_categories(self, article):
        return [category.name for category in article.categories.all()]
