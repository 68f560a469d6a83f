"""What visitors do with comments: read a page of them, write one, see what became of it.

A guest's form carries no token, since the page it stands on is everybody's; docs/decisions tells
what protects it instead. Whatever goes wrong, the answer shows the text again.
"""

import logging

from django.conf import settings
from django.core import signing
from django.db import OperationalError
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from articles.heads import of_page
from articles.models import Article
from articles.views import former_article, render_article
from articles.visitors import signed_in_user

from . import intake
from .batches import CAN_BE_UNDONE_FOR
from .forms import CommentForm
from .markup import MAX_LENGTH
from .models import AkismetFields, Comment
from .policy import in_force
from .thread import asks_for_newest, load_page, page_number, page_url
from .visitors import Sender, new_commenter, remember_commenter, sender_of, visitor_of

# The longest comment is 120,000 bytes where it is all emoji: four bytes of UTF-8 a character, each
# percent-encoded. A text of three times that length can still be shown again, to be shortened.
MAX_BODY_BYTES = 400_000

# How much of a body that is too large is taken in and thrown away before the connection is given up.
MAX_READ_AWAY_BYTES = 20_000_000

STORING_FAILED = gettext_lazy(
    "Something went wrong on our side, and nothing was stored. "
    "Your text is kept: please send it again in a moment."
)

RECEIPT_SALT = "comments.receipt"

logger = logging.getLogger(__name__)


class SeeOther(HttpResponseRedirect):
    """After a form: go there and read."""

    status_code = 303


class SessionCheck(CsrfViewMiddleware):
    """Django's own check of a signed-in request, which answers with a reason instead of a page."""

    def _reject(self, request, reason):
        return reason


@require_safe
def comment_page(request, path, number):
    """Show an article with a later page of its comments."""
    visible = Article.objects.visible_to(signed_in_user(request))
    article = visible.select_related("author").filter(path=path).first()
    if article is None:
        return redirect("comments:page", former_article(visible, path).path, number, permanent=True)
    newest_first = asks_for_newest(request)
    if number == 1:
        return redirect(page_url(article, 1, newest_first=newest_first), permanent=True)
    page = load_page(article, number, newest_first=newest_first)
    return render_article(
        request, article, thread_page=page, canonical_url=settings.SITE_URL + page.canonical_url
    )


@require_safe
def permalink(request, pk):
    """Lead to where a comment stands today; the page depends on how many a page holds."""
    visible = Article.objects.visible_to(signed_in_user(request))
    comment = get_object_or_404(
        Comment.objects.approved().filter(article__in=visible).select_related("article"), pk=pk
    )
    newest_first = asks_for_newest(request)
    number = page_number(comment, newest_first=newest_first)
    url = page_url(comment.article, number, newest_first=newest_first)
    return redirect(f"{url}#comment-{comment.pk}")


@csrf_exempt
def post_root(request):
    raise Http404


@csrf_exempt
def post_comment(request, article_id):
    """Take a comment, or say what is in its way, on a page that shows the text again."""
    if request.method != "POST":
        return method_not_allowed(request, Article.objects.published().filter(pk=article_id).first())
    if not request.META.get("CONTENT_LENGTH"):
        return refuse(request, 411)
    if not _fits(request):
        _read_away(request)
        return refuse(request, 413)
    article = Article.objects.published().select_related("author").filter(pk=article_id).first()
    if article is None:
        return refuse(request, 404)
    if not article.comments_are_open:
        return refuse(request, 403, article=article)
    visitor = visitor_of(request)
    form = CommentForm(request.POST, article=article)
    valid = form.is_valid()

    notice = _distrust(request, visitor)
    if notice:
        return show_form(request, article, form, status=403, notice=notice)
    if not valid:
        return show_form(request, article, form, status=422)
    if "preview" in request.POST:
        preview = {
            "author_name": form.cleaned_data["author"],
            "author_url": form.cleaned_data["url"],
            "body_html": form.cleaned_data["body_html"],
        }
        return show_form(request, article, form, preview=preview)
    try:
        comment, is_new = intake.receive(article, form.cleaned_data, parent=form.parent, visitor=visitor)
    except intake.Vanished:
        # Look again: what is missing now is found by the checks above.
        return post_comment(request, article_id)
    except OperationalError:
        # The database gave up, for instance to end a deadlock; nothing was stored.
        logger.exception("A comment could not be stored")
        response = show_form(request, article, form, status=503, notice=STORING_FAILED)
        response["Retry-After"] = "5"
        return response
    except intake.TooManyComments as error:
        response = show_form(request, article, form, status=429, notice=_wait(error.wait_seconds))
        response["Retry-After"] = str(error.wait_seconds)
        return response
    response = SeeOther(where_it_is(comment))
    if is_new and form.cleaned_data["remember"]:
        keep_in_mind(response, comment)
    return response


def _fits(request):
    """Tell whether the body can be read at all, before any of it is."""
    try:
        return int(request.META["CONTENT_LENGTH"]) <= MAX_BODY_BYTES
    except ValueError:
        return False


def _read_away(request):
    """Let a client finish sending what is too large: many read no answer before, and would see none.

    Up to a bound: whoever sends more than MAX_READ_AWAY_BYTES finds the connection closed.
    """
    left = MAX_READ_AWAY_BYTES
    while left > 0 and (chunk := request.read(65_536)):
        left -= len(chunk)


def _distrust(request, visitor):
    """Return why this form is not believed to come from our own page, or nothing."""
    if visitor.user is not None:
        check = SessionCheck(lambda request: None)
        check.process_request(request)
        if check.process_view(request, None, (), {}):
            return _(
                "Your sign-in has changed since this page was opened, so nothing was posted. "
                "Your text is kept: please send it again."
            )
    if visitor.sender is Sender.ELSEWHERE:
        return _(
            "This form was sent from another site, so nothing was posted. "
            "If it was you, the text is kept below: please send it from here."
        )
    return ""


def _wait(seconds):
    return ngettext(
        "Many comments have just come from your network. Your text is kept: "
        "please send it again in %(seconds)d second.",
        "Many comments have just come from your network. Your text is kept: "
        "please send it again in %(seconds)d seconds.",
        seconds,
    ) % {"seconds": seconds}


def show_form(request, article, form, *, status=200, **context):
    """Answer with the article's page, the form on it as it was sent, and what there is to say."""
    if "notice" not in context:
        form.focus_first_error()
    return render_article(request, article, status=status, private=True, comment_form=form, **context)


def refuse(request, status, article=None):
    """Answer where no form can be: with the reason, and with the text, so that it can be taken along."""
    # A body that is too large, or of no known length, is never read, so its text can't be shown.
    text = "" if status in (411, 413) else request.POST.get("comment", "").replace("\x00", "")
    response = render(
        request,
        "comments/refused.html",
        {"status": status, "article": article, "text": text, "max_length": MAX_LENGTH},
        status=status,
    )
    add_never_cache_headers(response)
    return response


def method_not_allowed(request, article):
    """A reader who reloads or copies an address that takes forms is led back to the article."""
    response = render(request, "405.html", {"article": article}, status=405)
    response["Allow"] = HttpResponseNotAllowed(["POST"])["Allow"]
    return response


def keep_in_mind(response, comment):
    """Give a writer who asked to be remembered the key that proves it is them, next time."""
    if comment.commenter is None:
        comment.commenter = new_commenter()
        comment.save(update_fields=["commenter"])
    remember_commenter(response, comment.commenter)


def where_it_is(comment):
    """Return where the writer finds the comment: on the page, or on a receipt of their own."""
    if comment.status == Comment.Status.APPROVED:
        return comment.get_absolute_url()
    return reverse("comments:receipt", args=[signing.Signer(salt=RECEIPT_SALT).sign(comment.pk)])


def _comment_of(token):
    """Return the comment a receipt is for, None if it was removed. Raises Http404 for a token not ours."""
    try:
        pk = int(signing.Signer(salt=RECEIPT_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    return Comment.objects.select_related("article", "parent").filter(pk=pk).first()


@require_safe
@never_cache
def receipt(request, token):
    """Tell the writer what became of their comment. For whoever holds the link, and for no cache."""
    comment = _comment_of(token)
    if comment is None:
        return _removed(request)
    if comment.status == Comment.Status.APPROVED and comment.article.is_published():
        return redirect(comment)
    # What the filter alone thinks is no answer to a writer: a person may still look.
    declined = comment.status == Comment.Status.DELETED or (
        comment.status in (Comment.Status.SPAM, Comment.Status.TRASH)
        and comment.decisions.by_people().filter(to_status=comment.status).exists()
    )
    waiting = comment.status != Comment.Status.APPROVED and not declined
    response = render(
        request,
        "comments/receipt.html",
        {
            "comment": comment,
            "article": comment.article,
            "parent": comment.parent if comment.parent and comment.parent.status == "approved" else None,
            "is_declined": declined,
            "is_waiting": waiting,
            "needs_confirmation": waiting and not comment.sender_confirmed,
            "token": token,
        },
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def _removed(request):
    """Tell whoever holds a receipt that the comment is not stored here any more."""
    response = render(request, "comments/removed.html", status=410)
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
def confirm(request, token):
    """Take the writer's word that they sent the form, where the browser did not say so."""
    comment = _comment_of(token)
    if comment is None:
        return _removed(request)
    if request.method != "POST":
        return method_not_allowed(request, comment.article)
    if sender_of(request) is Sender.ELSEWHERE:
        return render(request, "403.html", {"article": comment.article}, status=403)
    if not comment.sender_confirmed:
        comment.sender_confirmed = True
        comment.save(update_fields=["sender_confirmed"])
    return SeeOther(where_it_is(comment))


@require_safe
def data_processing(request):
    """Say, from the settings in force, what is stored of a comment and what is sent to whom."""
    return render(
        request,
        "comments/data.html",
        {
            "canonical_url": settings.SITE_URL + reverse("comments:data"),
            "head": of_page(
                _("How comment data is processed"),
                _("What this site stores when you comment, for how long, and what it sends to whom."),
            ),
            "policy": in_force().policy,
            "close_after_days": settings.COMMENTS_CLOSE_AFTER_DAYS,
            "flood_limit": settings.COMMENTS_FLOOD_LIMIT,
            "flood_seconds": settings.COMMENTS_FLOOD_SECONDS,
            "max_length": MAX_LENGTH,
            "undo_days": CAN_BE_UNDONE_FOR.days,
            "akismet": AkismetFields.in_force().chosen() if settings.AKISMET_KEY else None,
            "mails_editors": not settings.EMAIL_BACKEND.endswith(
                ("console.EmailBackend", "dummy.EmailBackend")
            ),
        },
    )
