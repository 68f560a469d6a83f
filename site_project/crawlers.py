"""What crawlers are told of the site: robots.txt, and the sitemap with all its parts."""

from django.conf import settings
from django.core.paginator import EmptyPage
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.pages import OWN_PAGES
from articles.sitemaps import ArticleSitemap, AuthorSitemap, CategorySitemap, SiteSitemap, TagSitemap


class PageSitemap(SiteSitemap):
    """Pages that stand alone."""

    def items(self):
        own = [reverse("articles:detail", args=[path]) for path in OWN_PAGES]
        return [reverse("articles:home"), reverse("articles:archive"), *own, reverse("comments:data")]

    def location(self, address):
        return address


SECTIONS = {
    "pages": PageSitemap,
    "articles": ArticleSitemap,
    "categories": CategorySitemap,
    "tags": TagSitemap,
    "authors": AuthorSitemap,
}


@require_safe
def sitemap_index(request):
    """Name the parts of the sitemap."""
    parts = [
        settings.SITE_URL + reverse("sitemap_part", args=[section, number])
        for section, sitemap in SECTIONS.items()
        for number in sitemap().part_numbers
    ]
    return _xml(request, "sitemaps/index.xml", {"parts": parts})


@require_safe
def sitemap_part(request, section, number):
    """List the addresses of one part."""
    if section not in SECTIONS:
        raise Http404
    try:
        urls = SECTIONS[section]().get_urls(number)
    except EmptyPage:
        raise Http404 from None
    return _xml(request, "sitemaps/part.xml", {"urls": urls})


def _xml(request, template, context):
    response = render(request, template, context, content_type="application/xml")
    # For crawlers to follow, not for search engines to show.
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


@require_safe
def robots(request):
    """Keep crawlers from what is no page to read, and lead them to the sitemap."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        f"Disallow: {reverse('comments:post_root')}",
        # The form for a reply: the article's page again, once for each comment.
        "Disallow: /*?replytocom=",
        "Disallow: /*&replytocom=",
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
