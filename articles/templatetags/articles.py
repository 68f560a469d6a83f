"""What every page of the site shows of the articles."""

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ..cover_art import cover_svg
from ..models import Category

register = template.Library()


@register.inclusion_tag("includes/_category_nav.html", takes_context=True)
def category_nav(context):
    """List the categories at the root. Uses the page's own tree where a view has fetched it."""
    tree = context.get("category_tree")
    if tree is None:
        tree = Category.objects.filter(parent=None)
    return {"categories": [category for category in tree if category.parent_id is None]}


@register.simple_tag
def cover_art(article):
    """Draw the article's cover, the same for the same address."""
    return mark_safe(cover_svg(article.path))  # noqa: S308 - drawn here, from numbers alone


@register.filter
def machine_time(moment):
    """Return a time as ``<time datetime>`` takes it: with its zone, and no finer than seconds."""
    return timezone.localtime(moment).isoformat(timespec="seconds")


@register.filter
def boxed_tables(body_html):
    """Let each table of an article scroll in a box of its own, by keyboard too, so that a wide one
    does not widen the page.

    ``body_html``: what the sanitiser made. In it ``<`` stands at the beginning of tags and nowhere
    else, so what is found are real tables.
    """
    box = format_html('<div class="table" role="region" tabindex="0" aria-label="{}">', _("Table"))
    boxed = body_html.replace("<table", f"{box}<table").replace("</table>", "</table></div>")
    return mark_safe(boxed)  # noqa: S308 - the sanitiser's HTML, with our own around it
