"""Comments for feed readers, at the addresses WordPress readers know."""

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.feeds import SiteFeed
from articles.models import Article

from .models import Comment

ENTRIES = 20


class CommentFeed(SiteFeed):
    """The newest comments of the whole site."""

    def feed_url(self):
        return settings.SITE_URL + reverse("comments:feed")

    def title(self):
        return _("Comments for %(site)s") % {"site": settings.SITE_NAME}

    description = title

    def items(self):
        return Comment.objects.public().select_related("article").order_by("-submitted_at")[:ENTRIES]

    def item_title(self, comment):
        return _("Comment on %(title)s by %(name)s") % {
            "title": comment.article.title,
            "name": comment.author_name,
        }

    def item_description(self, comment):
        return comment.body_html

    def item_author_name(self, comment):
        return comment.author_name

    def item_pubdate(self, comment):
        return comment.submitted_at


class ArticleCommentFeed(CommentFeed):
    """The newest comments on one article."""

    def get_object(self, request, path):
        return get_object_or_404(Article.objects.published(), path=path)

    def title(self, article):
        return _("Comments on: %(title)s") % {"title": article.title}

    description = title

    def feed_url(self, article):
        return settings.SITE_URL + reverse("comments:article_feed", args=[article.path])

    def link(self, article):
        return settings.SITE_URL + article.get_absolute_url()

    def items(self, article):
        return article.comments.approved().select_related("article").order_by("-submitted_at")[:ENTRIES]

    def item_title(self, comment):
        return _("By: %(name)s") % {"name": comment.author_name}
