"""The comment section, for the templates of other apps to show where they like."""

from django import template
from django.conf import settings
from django.db.models import Count

from .. import editors, on_page, structured_data
from ..avatars import avatar_svg
from ..forms import CommentForm
from ..fragments import comment_time as format_comment_time
from ..models import Comment
from ..permissions import may_moderate
from ..quoting import quotation
from ..thread import asks_for_newest, load_page, render_thread

register = template.Library()


@register.simple_tag
def avatar(name):
    return avatar_svg(name)


@register.simple_tag
def public_name(user):
    return editors.public_name(user)


@register.simple_tag
def comment_time(moment):
    return format_comment_time(moment)


@register.simple_tag
def comment_counts(articles):
    """Give each article on a page its ``comment_count``, in one query for all."""
    counts = dict(
        Comment.objects.approved()
        .filter(article__in=[article.pk for article in articles])
        .order_by()
        .values_list("article")
        .annotate(Count("pk"))
    )
    for article in articles:
        article.comment_count = counts.get(article.pk, 0)
    return ""


@register.simple_tag(takes_context=True)
def comment_thread(context):
    """Fetch the comments that the page shows, once for all who show something of them."""
    return context.get("thread_page") or load_page(
        context["article"], newest_first=asks_for_newest(context["request"])
    )


@register.simple_tag
def discussion(page):
    """Say what is under the article in the words of search engines."""
    return structured_data.discussion(page)


@register.inclusion_tag("comments/_section.html", takes_context=True)
def comment_section(context):
    """Show the thread and the form of the article in the context.

    A view that has more to say puts it there: ``thread_page``, a bound ``comment_form``, a
    ``preview``, a ``notice``.
    """
    article, request = context["article"], context["request"]
    page = comment_thread(context)
    moderates = context.get("signed_in", False) and may_moderate(request.user)
    shown, more_held, bars = on_page.for_moderators(page, request) if moderates else (page, False, {})
    is_public = article.is_published()
    is_open = is_public and article.comments_are_open
    form = context.get("comment_form")
    if form is None and is_open:
        form = _fresh_form(context, page, request)
    return {
        "article": article,
        "request": request,
        "signed_in": context.get("signed_in", False),
        "is_public": is_public,
        "page": page,
        "comment_count": page.total,
        "heading": page.heading,
        "thread": render_thread(shown, is_open=is_open, bars=bars),
        "moderates": moderates,
        "more_held": more_held,
        "page_number": page.number,
        "page_count": page.page_count,
        "previous_url": page.previous_url,
        "next_url": page.next_url,
        "page_url": page.url(page.number),
        "newest_first": page.newest_first,
        "oldest_first_url": page.oldest_first_url,
        "newest_first_url": page.newest_first_url,
        "form": form if is_open else None,
        "reply_to": form.parent if form else None,
        "preview": context.get("preview"),
        "notice": context.get("notice", ""),
        "akismet": bool(settings.AKISMET_KEY),
    }


def _fresh_form(context, page, request):
    """The form as a reader first meets it: empty, or answering the comment that ``replytocom`` names."""
    article = page.article
    initial = {"revision": article.revision_number}
    parent = _asked_parent(page, request)
    if parent:
        initial["comment_parent"] = parent.pk
        if request.GET.get("quote") == "1":
            initial["comment"] = quotation(parent.body_html)
    if context.get("signed_in"):
        initial |= {
            "author": request.user.get_full_name() or request.user.username,
            "email": request.user.email,
        }
    form = CommentForm(article=article, initial=initial)
    form.parent = parent
    return form


def _asked_parent(page, request):
    asked = request.GET.get("replytocom", "")
    # isdecimal() alone takes digits of every script, as int() does; 18 of them fit the database.
    if not asked.isdecimal() or len(asked) > 18:
        return None
    here = {comment.pk: comment for comment in page.comments}
    return (
        here.get(int(asked)) or Comment.objects.filter(article=page.article, pk=int(asked)).approved().first()
    )
