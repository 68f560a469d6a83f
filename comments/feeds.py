"""Comments for feed readers, at the addresses WordPress readers know."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.excerpts import excerpt_of, with_absolute_addresses
from articles.feeds import SiteFeed, feed_url
from articles.models import Article
from articles.views import former_article

from .models import Comment

ENTRIES = 20


class CommentFeed(SiteFeed):
    """The newest comments of the whole site."""

    view_name = "comments:feed"

    def title(self, shown):
        return _("Comments for %(site)s") % {"site": settings.SITE_NAME}

    def description(self, shown):
        return self.title(shown)

    def comments(self, shown):
        return Comment.objects.public()

    def items(self, shown):
        comments = self.comments(shown).select_related("article").order_by("-submitted_at", "-pk")
        return comments.defer("body", "fragment", "article__body", "article__body_html")[:ENTRIES]

    def item_title(self, comment):
        return _("Comment on %(title)s by %(name)s") % {
            "title": comment.article.title,
            "name": comment.author_name,
        }

    def item_description(self, comment):
        return excerpt_of(comment.body_html)

    # Its permalink holds wherever the article moves.
    item_guid_is_permalink = True

    def item_author_name(self, comment):
        return comment.author_name

    def item_pubdate(self, comment):
        return timezone.localtime(comment.submitted_at)

    def item_updateddate(self, comment):
        return timezone.localtime(comment.edited_at or comment.submitted_at)

    def item_extra_kwargs(self, comment):
        page_url = settings.SITE_URL + comment.article.get_absolute_url()
        return {"content": with_absolute_addresses(comment.body_html, page_url), "language": ""}


class ArticleCommentFeed(CommentFeed):
    """The newest comments on one article."""

    view_name = "comments:article_feed"

    def __call__(self, request, path):
        try:
            return super().__call__(request, path=path)
        except Http404:
            moved = former_article(Article.objects.published(), path)
            return redirect(feed_url(self.view_name, moved.path, format=self.format), permanent=True)

    def get_object(self, request, path):
        return get_object_or_404(Article.objects.published().defer("body", "body_html"), path=path)

    def arguments(self, article):
        return [article.path]

    def title(self, article):
        return _("Comments on: %(title)s") % {"title": article.title}

    def comments(self, article):
        return article.comments.approved()

    def item_title(self, comment):
        return _("By: %(name)s") % {"name": comment.author_name}
