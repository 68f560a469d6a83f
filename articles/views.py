"""The pages readers read: lists of articles, and one article.

Pages for anonymous readers depend on the address alone. See docs/architecture.md, "One page for
everybody".
"""

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from . import heads
from .finding import gone
from .models import Article, Author, Category, FormerPath, GonePath, Tag
from .neighbours import before_and_after, related
from .pages import OWN_PAGES
from .reading import read
from .share_images import image_of, image_of_site
from .visitors import signed_in_user

ARTICLES_PER_PAGE = 10


class ArticleListView(ListView):
    """A page of articles, newest first, with ways to newer and older ones.

    One article more than a page holds is fetched to know whether there are older ones, so that no
    page counts the whole table.
    """

    context_object_name = "articles"
    is_thin_alone = True
    http_method_names = ["get", "head", "options"]

    def get_queryset(self):
        return (
            Article.objects.published()
            .select_related("author")
            .prefetch_related("categories")
            .defer("body", "body_html")
        )

    def get_head(self, number):
        """Return what page ``number`` tells machines, or None where there is nothing to tell."""
        return None

    def page_url(self, number):
        """Return the address of page ``number`` of this list; the first has no number."""
        kwargs = {key: value for key, value in self.kwargs.items() if key != "page"}
        if number > 1:
            kwargs["page"] = number
        return reverse(self.request.resolver_match.view_name, kwargs=kwargs)

    def get_context_data(self, **kwargs):
        number = self.kwargs.get("page", 1)
        start = (number - 1) * ARTICLES_PER_PAGE
        # An absurd page number must not become an absurd OFFSET.
        found = (
            list(self.object_list[start : start + ARTICLES_PER_PAGE + 1]) if 0 < number < 1_000_000 else []
        )
        if not found and number != 1:
            raise Http404
        return super().get_context_data(
            object_list=found[:ARTICLES_PER_PAGE],
            page_number=number,
            newer_url=self.page_url(number - 1) if number > 1 else None,
            older_url=self.page_url(number + 1) if len(found) > ARTICLES_PER_PAGE else None,
            canonical_url=settings.SITE_URL + self.page_url(number),
            # A list of one article says nothing that the article does not.
            noindex=self.is_thin_alone and number == 1 and len(found) < 2,
            head=self.get_head(number),
            **kwargs,
        )


class HomeView(ArticleListView):
    template_name = "articles/article_list.html"
    is_thin_alone = False

    def get_head(self, number):
        return heads.of_home(number)


class CategoryView(ArticleListView):
    template_name = "articles/category_detail.html"

    def get_queryset(self):
        self.category = get_object_or_404(Category, path=self.kwargs["path"])
        return super().get_queryset().within(self.category)

    def get_context_data(self, **kwargs):
        tree = list(Category.objects.all())
        self.breadcrumbs = ancestors(self.category, tree)
        return super().get_context_data(
            category=self.category,
            category_tree=tree,
            breadcrumbs=self.breadcrumbs,
            children=[each for each in tree if each.parent_id == self.category.pk],
            **kwargs,
        )

    def get_head(self, number):
        return heads.of_category(self.category, self.breadcrumbs, number)


class TagView(ArticleListView):
    template_name = "articles/tag_detail.html"

    def get_queryset(self):
        self.tag = get_object_or_404(Tag, slug=self.kwargs["slug"])
        return super().get_queryset().tagged(self.tag)

    def get_context_data(self, **kwargs):
        return super().get_context_data(tag=self.tag, **kwargs)

    def get_head(self, number):
        return heads.of_tag(self.tag, number)


class AuthorView(ArticleListView):
    template_name = "articles/author_detail.html"

    def get_queryset(self):
        self.author = get_object_or_404(Author, slug=self.kwargs["slug"])
        return super().get_queryset().filter(author=self.author)

    def get_context_data(self, **kwargs):
        written = self.object_list.aggregate(count=Count("pk"), first_at=Min("published_at"))
        return super().get_context_data(author=self.author, written=written, **kwargs)

    def get_head(self, number):
        return heads.of_author(self.author, number)


def ancestors(category, tree):
    """Return the categories above this one, root first, out of a list of all."""
    return [each for each in tree if category.path.startswith(each.path + "/")]


@require_safe
def article_detail(request, path):
    """Show the article at this address, lead on from one that an article has left, or say that it is gone.

    Where neither is, the site may have a page of its own to show: see ``articles.pages``.
    """
    visible = Article.objects.visible_to(signed_in_user(request))
    article = visible.select_related("author").filter(path=path).first()
    if article is not None:
        return render_article(request, article)
    try:
        return redirect(former_article(visible, path), permanent=True)
    except Http404:
        if path in OWN_PAGES:
            return OWN_PAGES[path](request)
        if not is_gone(path):
            raise
    return gone(request)


def is_gone(path):
    """Tell whether there was an article at this address that has expired or was deleted. One look-up."""
    expired = Article.objects.expired().order_by()
    return (
        GonePath.objects.filter(path=path)
        .values("pk")
        .union(
            expired.filter(path=path).values("pk"),
            FormerPath.objects.filter(path=path, article__in=expired).values("pk"),
        )
        .exists()
    )


def former_article(visible, path):
    """Return the article that has left this address, if it is one of the visible. Raises Http404."""
    former = get_object_or_404(FormerPath.objects.select_related("article"), path=path, article__in=visible)
    return former.article


def render_article(request, article, *, status=200, private=False, **context):
    """Answer with the page of one article.

    Other apps answer with it too, for instance to show a form with errors in its place; what they
    put into ``context`` is for their own template tags. ``private``: the page is this visitor's
    alone, and no cache may keep it. That also holds for whoever is signed in and for articles that
    are not public.
    """
    own = Article.categories.through.objects.filter(article=article, category=OuterRef("pk"))
    tree = list(Category.objects.annotate(is_own=Exists(own)))
    categories = [category for category in tree if category.is_own]
    # The deepest shelf says most about the article.
    main = max(categories, key=lambda category: category.depth, default=None)
    tags = list(article.tags.all())
    earlier, later = before_and_after(article)
    user = signed_in_user(request)
    private = private or user is not None or not article.is_published()
    response = render(
        request,
        "articles/article_detail.html",
        {
            "article": article,
            "category_tree": tree,
            "category_list": categories,
            "breadcrumbs": [*ancestors(main, tree), main] if main else [],
            "tag_list": tags,
            "text": read(article.body_html),
            "related_list": related(article, tags=tags, category=main),
            "earlier": earlier,
            "later": later,
            "canonical_url": settings.SITE_URL + article.get_absolute_url(),
            "head": heads.of_article(article, categories=categories, tags=tags),
            # The form for a reply and another order are this page again, at addresses of their own.
            "noindex": private or not {"replytocom", "comments"}.isdisjoint(request.GET),
            "signed_in": user is not None,
            **context,
        },
        status=status,
    )
    if private:
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def share_image(request, number, digest):
    """Answer with the picture that a page is shared with, or lead on to how it looks today.

    ``number``: an article's key, or 0 for the site itself. Only what is current is ever drawn.
    """
    if number:
        article = get_object_or_404(Article.objects.published().only("title", "path"), pk=number)
        image = image_of(article)
    else:
        image = image_of_site()
    if digest != image.digest:
        return redirect(image.url)
    response = HttpResponse(image.png(), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
