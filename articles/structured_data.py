"""What a page says of itself in schema.org's words, as JSON-LD.

Nodes name each other by ``@id``, so that each thing is told once on a page.
"""

import json

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from .excerpts import excerpt_of
from .share_images import HEIGHT, WIDTH

# Within a script element no text may end it, nor open a comment.
_ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})
HEADLINE_LENGTH = 110


def script(nodes):
    """Return nodes as the script element that carries them: data, which nothing runs."""
    graph = {"@context": "https://schema.org", "@graph": nodes}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


def site_id(fragment):
    return f"{settings.SITE_URL}/#{fragment}"


def site_nodes():
    """Return the site, who publishes it, and where it can be searched."""
    home = settings.SITE_URL + reverse("articles:home")
    publisher = {
        "@type": "Organization",
        "@id": site_id("publisher"),
        "name": settings.SITE_NAME,
        "url": home,
    }
    if settings.SITE_PROFILES:
        publisher["sameAs"] = list(settings.SITE_PROFILES)
    site = {
        "@type": "WebSite",
        "@id": site_id("site"),
        "name": settings.SITE_NAME,
        "url": home,
        "inLanguage": get_language(),
        "publisher": {"@id": site_id("publisher")},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{settings.SITE_URL}/search/?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    if settings.SITE_TAGLINE:
        site["description"] = settings.SITE_TAGLINE
    return [site, publisher]


def person_node(author):
    url = settings.SITE_URL + author.get_absolute_url()
    node = {"@type": "Person", "@id": f"{url}#person", "name": author.name, "url": url}
    if author.biography:
        node["description"] = author.biography
    return node


def breadcrumb_node(url, steps):
    """``steps``: pairs of a name and an address on this site, from below the home page to the page itself."""
    steps = [(settings.SITE_NAME, reverse("articles:home")), *steps]
    return {
        "@type": "BreadcrumbList",
        "@id": f"{url}#breadcrumbs",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": settings.SITE_URL + path}
            for position, (name, path) in enumerate(steps, 1)
        ],
    }


def article_node(article, *, image_url, categories, tags, discussion):
    """``discussion``: what another app says of the article's comments, in the same words."""
    url = settings.SITE_URL + article.get_absolute_url()
    node = {
        "@type": "BlogPosting",
        "@id": f"{url}#article",
        "url": url,
        "mainEntityOfPage": url,
        "isPartOf": {"@id": site_id("site")},
        "headline": article.title[:HEADLINE_LENGTH],
        "description": article.standfirst or excerpt_of(article.body_html),
        "inLanguage": article.language or get_language(),
        "datePublished": machine_time(article.published_at),
        "dateModified": machine_time(max(article.updated_at, article.published_at)),
        "author": person_node(article.author),
        "publisher": {"@id": site_id("publisher")},
        "image": {"@type": "ImageObject", "url": image_url, "width": WIDTH, "height": HEIGHT},
    }
    if categories:
        node["articleSection"] = [category.name for category in categories]
    if tags:
        node["keywords"] = [tag.name for tag in tags]
    return node | discussion


def list_node(url, name, description, *, about=None):
    """Return the page of a category, a tag or an author; ``about``: the person whose page it is."""
    node = {
        "@type": "ProfilePage" if about else "CollectionPage",
        "@id": f"{url}#page",
        "url": url,
        "name": name,
        "description": description,
        "isPartOf": {"@id": site_id("site")},
    }
    return node | {"mainEntity": about} if about else node


def machine_time(moment):
    """Return a time with its zone, and no finer than seconds."""
    return timezone.localtime(moment).isoformat(timespec="seconds")
