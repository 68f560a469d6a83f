"""Deciding on one comment outside of the admin: from the article's page, or from a link in a mail.

A GET only shows the comment and the buttons. A link in a mail speaks for the account it was sent to, as
long as that may moderate, for some days and until the account's password changes.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from articles.visitors import signed_in_user

from . import batches
from .batches import key_of, sensible_moves
from .models import Comment, InvalidTransition
from .on_page import DECIDED_VAR, last_word
from .permissions import may_moderate
from .thread import page_number
from .views import SeeOther
from .visitors import Sender, sender_of

LINK_SALT = "comments.moderate"
LINK_LASTS = timedelta(days=14)


def mail_link(comment, user):
    """Return the path of the page on which this account may decide on a comment without signing in."""
    return reverse("comments:moderate_by_mail", args=[_signer(user).sign(f"{comment.pk}-{user.pk}")])


def _signer(user):
    # A new password ends every link that was sent before.
    return signing.TimestampSigner(salt=f"{LINK_SALT}.{user.get_session_auth_hash()}")


def of_link(token):
    """Return the comment and the account that a link is for. Raises Http404 for one that does not hold."""
    pks = [key_of(part) for part in token.partition(":")[0].split("-")]
    if len(pks) != 2 or None in pks:
        raise Http404
    user = get_user_model().objects.filter(pk=pks[1]).first()
    try:
        if user is None or not may_moderate(user):
            raise Http404
        _signer(user).unsign(token, max_age=LINK_LASTS)
    except signing.BadSignature:
        raise Http404 from None
    return get_object_or_404(comments(), pk=pks[0]), user


def comments():
    return Comment.objects.select_related("article", "parent").defer("article__body", "article__body_html")


def moderate(request, pk):
    """Show a comment to whoever is signed in and may moderate, and do what they decide."""
    user = signed_in_user(request)
    if user is None:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not may_moderate(user):
        raise PermissionDenied
    comment = get_object_or_404(comments(), pk=pk)
    return answer(request, comment, user, here=request.path, on_page=True)


@csrf_exempt
def moderate_by_mail(request, token):
    """Show a comment to whoever has the link, and do what they decide in the account's name.

    There is no session and so no token of Django's; who could forge the form would need the link itself.
    """
    comment, user = of_link(token)
    if request.method == "POST" and sender_of(request) is Sender.ELSEWHERE:
        raise PermissionDenied
    response = answer(request, comment, user, here=request.path, on_page=False)
    # The address is a key: no other page may learn it.
    response["Referrer-Policy"] = "no-referrer"
    return response


def answer(request, comment, user, *, here, on_page):
    """Answer a GET with the page, a POST by carrying out its move.

    ``here``: the address of this page. ``on_page``: whether the way leads back to the article's page.
    """
    if request.method in ("GET", "HEAD"):
        return show(request, comment, user, on_page=on_page)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    move = request.POST.get("move")
    seen = request.POST.get("seen_status")
    if move not in batches.METHODS or seen not in Comment.Status.values:
        notice = _("Nothing was changed: choose one of the buttons.")
        return show(request, comment, user, on_page=on_page, notice=notice, status=422)
    comment.status = seen
    try:
        batches.METHODS[move](comment, by=user)
    except InvalidTransition as reason:
        comment = get_object_or_404(comments(), pk=comment.pk)
        return show(request, comment, user, on_page=on_page, notice=str(reason), status=409)
    return SeeOther(place_of(comment) if on_page else here)


def place_of(comment):
    """Return where the comment stands, or stood, on the page of its article."""
    article, number = comment.article, page_number(comment)
    url = article.get_absolute_url() if number == 1 else reverse("comments:page", args=[article.path, number])
    return f"{url}?{urlencode({DECIDED_VAR: comment.pk})}#comment-{comment.pk}"


def show(request, comment, user, *, on_page, notice="", status=200):
    """Answer with the small page: the comment, who decided before, and the buttons."""
    response = render(
        request,
        "comments/moderate.html",
        {
            "comment": comment,
            "moderator": user,
            "moves": sensible_moves(comment),
            "last_word": last_word(comment),
            "notice": notice,
            "on_page": on_page,
        },
        status=status,
    )
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    return response
