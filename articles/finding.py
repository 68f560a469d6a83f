"""The ways to an article other than its address: the search, and what is shown where no article is.

The search's page depends on its address alone, as every page for readers does.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Max, Min
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from . import heads
from .models import Article, Category
from .search import LONGEST, MOST, MOST_WORDS, find
from .snippets import marked, passage
from .text import clean_line

RESULTS_PER_PAGE = 10
SUGGESTIONS = 5
# What names nothing in an address: how pages are counted and dressed up by many programs.
_NO_WORDS = frozenset(
    ("amp", "author", "category", "feed", "htm", "html", "index", "page", "php", "tag", "www")
)


@require_safe
def search(request):
    """Show the articles that have the words of ``q``, among those of ``category`` and ``year``."""
    tree = list(Category.objects.all())
    query = clean_line(request.GET.get("q", "")[: LONGEST + 1])
    category = next((each for each in tree if each.path == request.GET.get("category")), None)
    years = _years()
    year = next((each for each in years if str(each) == request.GET.get("year")), None)
    articles = Article.objects.published()
    if category:
        articles = articles.within(category)
    if year:
        articles = articles.of_period(year)
    found = find(query, articles)
    number = _page_number(request)
    start = (number - 1) * RESULTS_PER_PAGE
    ids = found.ids[start : start + RESULTS_PER_PAGE]
    if number > 1 and not ids:
        raise Http404

    def page_url(number):
        chosen = {"q": query, "category": category and category.path, "year": year}
        chosen["page"] = number if number > 1 else None
        return (
            f"{reverse('articles:search')}?{urlencode({key: each for key, each in chosen.items() if each})}"
        )

    return render(
        request,
        "articles/search.html",
        {
            "query": query,
            "found": found,
            "count": len(found.ids),
            "results": _results(ids, found.stems),
            "category": category,
            "year": year,
            "years": years,
            "category_tree": tree,
            "limits": {"characters": LONGEST, "words": MOST_WORDS, "articles": MOST},
            "page_number": number,
            "newer_url": page_url(number - 1) if number > 1 else None,
            "older_url": page_url(number + 1) if len(found.ids) > start + RESULTS_PER_PAGE else None,
            "head": heads.of_page(
                _("Search"),
                _(
                    "Title, standfirst and text of every article are searched. Forms of a word are found by "
                    "themselves, and a slip of the finger is forgiven."
                ),
            ),
            "noindex": True,
        },
    )


@require_safe
def opensearch(request):
    """Tell browsers how to search here from their address bar."""
    return render(
        request,
        "articles/opensearch.xml",
        {"search_url": settings.SITE_URL + reverse("articles:search")},
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )


def not_found(request):
    """Answer that there is nothing here, with the articles that the address may have meant."""
    return _answer(request, "404.html", 404)


def gone(request):
    """Answer that there was an article here, and is none any more."""
    return _answer(request, "410.html", 410)


def _answer(request, template, status):
    suggestions = suggest(request.path)
    return render(request, template, {"suggestions": suggestions, "noindex": True}, status=status)


def suggest(address):
    """Return the articles that have most of an address's words, best first; none for that of a file.

    What asks for files that never were here is a program, and there are many: it costs no look-up.
    """
    *folders, last = address.strip("/").split("/")
    if "." in last and not last.endswith((".html", ".htm")):
        return []
    words = " ".join([*folders, last])[:LONGEST]
    words = "".join(char if char.isalnum() or char > "\u0300" else " " for char in words).split()
    words = [word for word in words if not word.isdecimal() and word.lower() not in _NO_WORDS]
    if not words:
        return []
    found = find(" ".join(words), any_word=True, limit=SUGGESTIONS)
    return _in_order(found.ids, "path", "title", "language")


def _results(ids, stems):
    """Return the articles of a page of results, with title and passage as they are shown."""
    fields = ("path", "title", "standfirst", "body_html", "language", "published_at", "author")
    articles = _in_order(ids, *fields, "author__name", "author__slug", related=["author"])
    return [
        {
            "article": article,
            "title": marked(article.title, article, stems),
            "passage": passage(article, stems),
        }
        for article in articles
    ]


def _in_order(ids, *fields, related=()):
    """Return the articles with these ids, in their order; no look-up for none."""
    if not ids:
        return []
    articles = Article.objects.filter(pk__in=ids).only(*fields)
    if related:
        articles = articles.select_related(*related)
    by_id = {article.pk: article for article in articles}
    return [by_id[pk] for pk in ids if pk in by_id]


def _years():
    """Return the years from the newest article's to the oldest's; some between may have none."""
    ends = Article.objects.published().aggregate(first=Min("published_at"), last=Max("published_at"))
    if ends["first"] is None:
        return []
    first, last = (timezone.localtime(ends[end]).year for end in ("first", "last"))
    return list(range(last, first - 1, -1))


def _page_number(request):
    """Return which page is asked for. Raises Http404 for what is none."""
    typed = request.GET.get("page", "1")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 4 and int(typed)):
        raise Http404
    return int(typed)
