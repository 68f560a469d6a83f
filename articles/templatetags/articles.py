"""What every page of the site shows of the articles."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ..cover_art import cover_svg, frieze_svg
from ..models import Category
from ..structured_data import article_node, breadcrumb_node, machine_time, script, site_nodes

register = template.Library()


@register.inclusion_tag("includes/_category_nav.html", takes_context=True)
def category_nav(context):
    """List the categories at the root. Uses the page's own tree where a view has fetched it."""
    tree = context.get("category_tree")
    if tree is None:
        tree = Category.objects.filter(parent=None)
    return {"categories": [category for category in tree if category.parent_id is None]}


@register.inclusion_tag("includes/_page_head.html", takes_context=True)
def page_head(context):
    """Write down what the head of a page tells machines; a view says it in ``head``, for some pages."""
    head = context.get("head")
    return {
        "head": head,
        "structured_data": script(head.nodes) if head and head.nodes else "",
        "canonical_url": context.get("canonical_url"),
        "noindex": context.get("noindex", False),
        "profiles": settings.SITE_PROFILES,
        "site_name": settings.SITE_NAME,
    }


@register.simple_tag(takes_context=True)
def article_data(context, discussion):
    """Tell machines of the article, and of what another app says is discussed under it."""
    article = context["article"]
    if context.get("noindex"):
        return ""
    url = settings.SITE_URL + article.get_absolute_url()
    categories = context["breadcrumbs"]
    steps = [(each.name, each.get_absolute_url()) for each in categories]
    node = article_node(
        article,
        image_url=context["head"].image_url,
        categories=context["category_list"],
        tags=context["tag_list"],
        discussion=discussion,
    )
    breadcrumbs = breadcrumb_node(url, [*steps, (article.title, article.get_absolute_url())])
    return script([node, breadcrumbs, *site_nodes()])


@register.simple_tag
def cover_art(article):
    """Draw the article's cover, the same for the same address."""
    return mark_safe(cover_svg(article.path))  # noqa: S308 - drawn here, from numbers alone


register.filter("machine_time", machine_time)


@register.simple_tag
def frieze(url):
    """Draw the band above the list at this address, the same one on each of its pages."""
    return mark_safe(frieze_svg(url))  # noqa: S308 - drawn here, from numbers alone


@register.filter
def boxed(body_html):
    """Let each table and each block of code of an article scroll by itself, by keyboard too, so that a wide
    one does not widen the page.

    ``body_html``: what the sanitiser made. In it ``<`` stands at the beginning of tags and nowhere else, so
    what is found are real tables and real code. They are groups: regions would fill the list of landmarks.
    """
    box = format_html('role="group" tabindex="0" aria-label="{}"', _("Table"))
    code = format_html('role="group" tabindex="0" aria-label="{}"', _("Code"))
    boxed = (
        body_html.replace("<table", f'<div class="table" {box}><table')
        .replace("</table>", "</table></div>")
        .replace("<pre", f"<pre {code}")
    )
    return mark_safe(boxed)  # noqa: S308 - the sanitiser's HTML, with our own around it
