"""Who else has a comment open: said on its card and in the list, and renewed by the card's script."""

from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import presence
from ..fragments import clock_time, comment_time
from ..models import Comment

# Of many who have it open, so many are named.
NAMED = 3


def come_in(request, comment):
    """Note that the editor has opened a comment's card, unless nobody is looking at it.

    A page that a browser fetches in advance, or a look at its headers, is no opening.
    """
    in_advance = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method == "GET" and not in_advance:
        presence.open_page(comment.pk, request.user, now=timezone.now())


def renew(model_admin, request, comment_id):
    """Take the word of a card's script that it is still open, or was left; say who else has it open."""
    if not model_admin.has_moderate_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    comment = Comment.objects.only("pk").filter(pk=comment_id).first()
    if comment is None:
        raise Http404
    now = timezone.now()
    if "leaving" in request.POST:
        presence.say_goodbye(comment.pk, request.user, now=now)
        return JsonResponse({})
    presence.renew(comment.pk, request.user, now=now)
    prefetch_related_objects([comment], presence.others(request.user, now=now))
    return JsonResponse({"said": in_words(comment.others, now=now)})


def in_words(others, *, now):
    """Say who has a comment open and since when; nothing where nobody has."""
    sentences = [_in_words(other, now) for other in others[:NAMED]]
    if len(others) > NAMED:
        more = len(others) - NAMED
        sentences.append(
            ngettext("%(count)d more has it open.", "%(count)d more have it open.", more) % {"count": more}
        )
    return " ".join(sentences)


def _in_words(other, now):
    who = other.user.get_username()
    if other.is_renewed():
        if timezone.localdate(other.opened_at) == timezone.localdate(now):
            time = clock_time(other.opened_at)
            return _("%(who)s has had this open since %(time)s.") % {"who": who, "time": time}
        date = comment_time(other.opened_at)
        return _("%(who)s has had this open since %(date)s.") % {"who": who, "date": date}
    # Without a script nobody says whether it still is.
    minutes = int((now - other.opened_at).total_seconds() // 60)
    if minutes < 1:
        return _("%(who)s has just opened this.") % {"who": who}
    sentence = ngettext(
        "%(who)s opened this %(count)d minute ago.", "%(who)s opened this %(count)d minutes ago.", minutes
    )
    return sentence % {"who": who, "count": minutes}


def mark(comment):
    """Return the mark in a row of the list, empty where nobody else has the comment open."""
    said = [_("%(who)s has it open") % {"who": each.user.get_username()} for each in comment.others[:NAMED]]
    return format_html_join("", '<br><span class="quiet">{}</span>', ((line,) for line in said))
