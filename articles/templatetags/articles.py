"""What every page of the site shows of the articles."""

from django import template
from django.utils.safestring import mark_safe

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
