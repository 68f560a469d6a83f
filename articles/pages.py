"""Pages that a site has before anybody writes them: what it is, how it is made, and who can use it.

Each stands at an address that an article may take: whoever publishes an article there has written their own.
"""

from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.shortcuts import render
from django.urls import reverse

from .models import Article, Author, Category

MAX_AUTHORS = 50

# When somebody last held the statement on accessibility against the site and its tests.
CHECKED_ON = date(2026, 11, 23)


def about(request):
    """Say who writes here, and about what."""
    published = Article.objects.published().filter(author=OuterRef("pk"))
    return _page(
        request,
        "about",
        author_list=Author.objects.filter(Exists(published)).exclude(biography="")[:MAX_AUTHORS],
        # The navigation takes its categories from the same list.
        category_tree=list(Category.objects.filter(parent=None)),
    )


def colophon(request):
    return _page(request, "colophon")


def accessibility(request):
    return _page(request, "accessibility", checked_on=CHECKED_ON)


OWN_PAGES = {"about/": about, "colophon/": colophon, "accessibility/": accessibility}
"""The view for each address. ``articles.views.article_detail`` asks it where there is no article."""


def _page(request, name, **context):
    address = reverse("articles:detail", args=[f"{name}/"])
    context["canonical_url"] = settings.SITE_URL + address
    return render(request, f"pages/{name}.html", context)
