"""Pages that a site has before anybody writes them: what it is, how it is made, and who can use it.

Each stands at an address that an article may take: whoever publishes an article there has written their own.
"""

from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from . import heads
from .models import Article, Author, Category

MAX_AUTHORS = 50

# When somebody last held the statement on accessibility against the site and its tests.
CHECKED_ON = date(2026, 11, 23)


def about(request):
    """Say who writes here, and about what."""
    published = Article.objects.published().filter(author=OuterRef("pk"))
    name = {"site_name": settings.SITE_NAME}
    return _page(
        request,
        "about",
        heads.of_page(
            _("About %(site_name)s") % name, settings.SITE_TAGLINE or _("About %(site_name)s") % name
        ),
        author_list=Author.objects.filter(Exists(published)).exclude(biography="")[:MAX_AUTHORS],
        # The navigation takes its categories from the same list.
        category_tree=list(Category.objects.filter(parent=None)),
    )


def colophon(request):
    about_it = _("How this site is set, coloured, illustrated and built.")
    return _page(request, "colophon", heads.of_page(_("Colophon"), about_it))


def accessibility(request):
    about_it = _("Which standard these pages follow, how that was checked, and what is still wanting.")
    head = heads.of_page(_("Accessibility"), about_it)
    return _page(request, "accessibility", head, checked_on=CHECKED_ON)


OWN_PAGES = {"about/": about, "colophon/": colophon, "accessibility/": accessibility}
"""The view for each address. ``articles.views.article_detail`` asks it where there is no article."""


def _page(request, name, head, **context):
    address = reverse("articles:detail", args=[f"{name}/"])
    context |= {"canonical_url": settings.SITE_URL + address, "head": head}
    return render(request, f"pages/{name}.html", context)
