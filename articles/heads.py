"""What the head of a page tells machines: search engines, feed readers, and whoever shows a shared link.

A view hands a ``Head`` to its template as ``head``; the tag ``page_head`` writes it down.
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from . import structured_data
from .excerpts import excerpt_of, shorten
from .feeds import feed_url
from .share_images import image_of, image_of_site

DESCRIPTION_LENGTH = 160


@dataclass(frozen=True)
class Head:
    """``feeds``: pairs of a title and the address of the RSS. ``properties``: more of Open Graph's."""

    title: str
    description: str
    image_url: str
    kind: str = "website"
    language: str = ""
    feeds: tuple = ()
    properties: tuple = ()
    nodes: list = field(default_factory=list)

    @property
    def locale(self):
        return to_locale(self.language or get_language())


def _described(text, page_number=1):
    """Return a description as long as search engines show, told apart from those of other pages."""
    text = shorten(" ".join(text.split()), DESCRIPTION_LENGTH)
    if page_number == 1:
        return text
    page = _("Page %(page_number)s") % {"page_number": page_number}
    return f"{text} ({page})"


def of_article(article, *, categories, tags):
    properties = [
        ("article:published_time", structured_data.machine_time(article.published_at)),
        (
            "article:modified_time",
            structured_data.machine_time(max(article.updated_at, article.published_at)),
        ),
        ("article:author", settings.SITE_URL + article.author.get_absolute_url()),
        *(("article:section", category.name) for category in categories[:1]),
        *(("article:tag", tag.name) for tag in tags),
    ]
    return Head(
        title=article.title,
        description=_described(article.standfirst or excerpt_of(article.body_html)),
        image_url=image_of(article).url,
        kind="article",
        language=article.language,
        properties=tuple(properties),
    )


def of_home(page_number):
    return Head(
        title=settings.SITE_NAME,
        description=_described(
            settings.SITE_TAGLINE or _("The latest articles of %(site)s.") % {"site": settings.SITE_NAME},
            page_number,
        ),
        image_url=image_of_site().url,
        nodes=structured_data.site_nodes(),
    )


def of_page(title, description):
    """Return the head of a page that stands alone."""
    return Head(title, _described(description), image_of_site().url, nodes=structured_data.site_nodes())


def of_category(category, breadcrumbs, page_number):
    text = category.description or _("Articles about %(topic)s.") % {"topic": category.name}
    steps = [(each.name, each.get_absolute_url()) for each in (*breadcrumbs, category)]
    return _of_list(
        category, text, page_number, steps, reverse("articles:category_feed", args=[category.path])
    )


def of_tag(tag, page_number):
    text = _("Articles about “%(tag)s”.") % {"tag": tag.name}
    steps = [(tag.name, tag.get_absolute_url())]
    return _of_list(tag, text, page_number, steps, feed_url("articles:tag_feed", tag.slug))


def of_author(author, page_number):
    text = author.biography or _("Articles by %(name)s.") % {"name": author.name}
    steps = [(author.name, author.get_absolute_url())]
    feed = feed_url("articles:author_feed", author.slug)
    return _of_list(author, text, page_number, steps, feed, person=structured_data.person_node(author))


def _of_list(shown, text, page_number, steps, feed, *, person=None):
    url = settings.SITE_URL + shown.get_absolute_url()
    description = _described(text, page_number)
    return Head(
        title=shown.name,
        description=description,
        image_url=image_of_site().url,
        kind="profile" if person else "website",
        feeds=((f"{shown.name} · {settings.SITE_NAME}", feed),),
        nodes=[
            structured_data.list_node(url, shown.name, description, about=person),
            structured_data.breadcrumb_node(url, steps),
            *structured_data.site_nodes(),
        ],
    )
