"""What an editor sent to the desk when nobody was logged in any more, or from a page older than the login.

Nothing of it is carried out. It comes back on a page that says what it was, with a button that sends it once
more. Over the login it travels in the login's own form, signed, so that strangers can store nothing here;
then it is kept in the session of whoever has logged in. docs/decisions/0026 tells why.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from .. import batches
from ..models import Batch, Comment
from ..permissions import may_moderate
from ..visitors import Sender, sender_of
from .emptying import SEPARATOR
from .excerpts import first_of

SALT = "comments.interrupted"
# The field of the login's form that carries it, and the field by which what is sent again says what it was.
CARRIED, AGAIN = "interrupted", "_interrupted"
SESSION_KEY = "comments_interrupted"
# Characters of one form: a batch of 10,000 has its place, a session bears it.
MOST_CHARACTERS = 300_000
# Forms kept for one session, the newest.
KEPT = 3
# How long a page with a login that carries something may stay open.
CARRIED_FOR = timedelta(days=7)

# Pages whose forms nobody would miss: the one below, and what a script says of itself twice a minute.
NOTHING_TO_LOSE = {"comments_comment_interrupted", "comments_comment_presence"}

# Fields that say nothing to a reader, besides those that begin with "_" or "seen_".
MECHANICAL = {
    "action",
    "ids",
    "index",
    "newest",
    "select_across",
    "status",
    "from",
    ACTION_CHECKBOX_NAME,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: where to, with the query, and its fields as they stand in an address."""

    path: str
    fields: str

    def as_data(self):
        return QueryDict(self.fields)


class InterruptedPosts:
    """Middleware that catches what would be lost, and hands it on after the login."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # The address first: who comments must not have their session, or the form, looked at here.
        if request.method != "POST" or response.status_code >= 400:
            return response
        if request.path == _login_url():
            sent = _carried(request)
            if sent and _may_moderate(request):
                response["Location"] = _kept_at(request, sent)
        elif _is_on_the_desk(request) and AGAIN in request.POST:
            _forget(request, request.POST[AGAIN])
        return response

    def process_view(self, request, view, arguments, options):
        """Ask for the login where the session has ended. Comes after the check for forged requests.

        That check needs its cookie; who has none sends no form of ours, and gets Django's own answer.
        """
        if (
            request.method == "POST"
            and _is_on_the_desk(request)
            and request.user.is_anonymous
            and settings.CSRF_COOKIE_NAME in request.COOKIES
        ):
            return _ask_to_log_in(request, _sent(request))
        return None


def instead_of_refusal(request):
    """Return what to answer where Django's check found no valid token; None to refuse as ever.

    A login in another tab makes all older pages' tokens invalid. The browser must say that the form came
    from this site; and then, too, nothing is done but to show it to whoever may act.
    """
    if request.method != "POST" or sender_of(request) is not Sender.HERE:
        return None
    is_login = request.path == _login_url()
    if not is_login and not _is_on_the_desk(request):
        return None
    sent = _carried(request) if is_login else _sent(request)
    if request.user.is_anonymous:
        # A login that carries nothing is refused as ever.
        return _ask_to_log_in(request, sent) if sent or not is_login else None
    if sent and _may_moderate(request):
        return HttpResponseRedirect(_kept_at(request, sent))
    return None


def interrupted_view(model_admin, request, key):
    """Show what was sent, with a button to send it once more and one to drop it."""
    if not model_admin.has_moderate_permission(request):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    kept = request.session.get(SESSION_KEY, {}).get(key)
    queue = HttpResponseRedirect(reverse("admin:comments_comment_changelist"))
    if kept is None:
        model_admin.message_user(request, _("Nothing waits any more to be carried out."), messages.WARNING)
        return queue
    if request.method == "POST":
        _forget(request, key)
        model_admin.message_user(request, _("It was dropped. Nothing was changed."))
        return queue
    sent = Sent(*kept)
    context = admin.site.each_context(request) | {
        "title": _("Carry on where you were"),
        "opts": model_admin.opts,
        "sent": sent,
        "fields": [(name, value) for name, values in sent.as_data().lists() for value in values],
        "again": (AGAIN, key),
        "typed": _typed(sent),
        **_in_words(sent),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/comments/comment/interrupted.html", context)


def _login_url():
    return reverse("admin:login")


def _is_on_the_desk(request):
    """Say whether an address belongs to the desk and takes what an editor would miss."""
    desk = reverse("admin:app_list", args=["comments"])
    match = request.resolver_match
    return request.path.startswith(desk) and not (match and match.url_name in NOTHING_TO_LOSE)


def _may_moderate(request):
    return admin.site.has_permission(request) and may_moderate(request.user)


def _sent(request):
    """Return what a request sends; None where it is more than can be carried."""
    own = ("csrfmiddlewaretoken", AGAIN)
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name not in own]
    # What can't be written as UTF-8 could not be shown either.
    text = urlencode(fields, errors="replace")
    path = request.get_full_path()
    if len(text) + len(path) > MOST_CHARACTERS or request.FILES:
        return None
    return Sent(path, text)


def _ask_to_log_in(request, sent):
    """Return the page of the login, whose form carries what was sent. ``sent``: None if that is too much."""
    context = admin.site.each_context(request) | {
        "title": _("Log in"),
        "subtitle": None,
        "form": AdminAuthenticationForm(request),
        "app_path": _login_url(),
        "next": reverse("admin:comments_comment_changelist"),
        "username": "",
        "carried": signing.dumps([sent.path, sent.fields], salt=SALT, compress=True) if sent else "",
        "too_much": sent is None,
    }
    request.current_app = admin.site.name
    response = TemplateResponse(request, "admin/login.html", context, status=403)
    add_never_cache_headers(response)
    return response


def _carried(request):
    """Return what a login has carried, if it is ours and not too old."""
    token = request.POST.get(CARRIED, "")
    try:
        return Sent(*signing.loads(token, salt=SALT, max_age=CARRIED_FOR)) if token else None
    except signing.BadSignature:
        return None


def _kept_at(request, sent):
    """Keep what was sent in the session; return the address of the page that shows it."""
    key = secrets.token_urlsafe(9)
    kept = [*request.session.get(SESSION_KEY, {}).items(), (key, [sent.path, sent.fields])]
    request.session[SESSION_KEY] = dict(kept[-KEPT:])
    return reverse("admin:comments_comment_interrupted", args=[key])


def _forget(request, key):
    kept = request.session.get(SESSION_KEY, {})
    if kept.pop(key, None):
        request.session[SESSION_KEY] = kept


def _typed(sent):
    """Return the fields that somebody has typed or chosen, and what to call them."""
    return [
        (name.replace("_", " "), value)
        for name, values in sent.as_data().lists()
        for value in values
        if value.strip() and name not in MECHANICAL and not name.startswith(("_", "seen_"))
    ]


def _in_words(sent):
    """Return what a form was meant to do: a sentence, which comments, and how many are not shown."""
    move, seen, all_of_the_list = _meant(sent)
    if all_of_the_list:
        sentence = _("%(move)s: all comments that the list gave.") % {"move": move.label}
    elif move:
        sentence = str(Batch(move=move, done=len(seen))) + "."
    else:
        sentence = _("What you sent is kept below.")
    keys = {batches.key_of(pk): status for pk, status in seen.items() if batches.key_of(pk) is not None}
    shown = first_of(keys)
    labels = dict(Comment.Status.choices)
    for comment in shown:
        comment["then"] = labels.get(keys[comment["pk"]], "")
        comment["now"] = labels[comment["status"]] if keys[comment["pk"]] != comment["status"] else ""
    return {"sentence": sentence, "comments": shown, "more": len(seen) - len(shown)}


def _meant(sent):
    """Return the move that a form asks for, if any, how each comment was seen, and whether it means all."""
    data, nothing = sent.as_data(), (None, {}, False)
    try:
        match = resolve(urlsplit(sent.path).path)
    except Resolver404:
        return nothing
    match match.url_name:
        case "comments_comment_changelist":
            name, _colon, pk = data.get("_move_one", "").partition(":")
            chosen = [pk] if pk else data.getlist(ACTION_CHECKBOX_NAME)
            move = _move_named(name or data.get("action", "").removesuffix("_selected"))
            seen = {pk: data.get(f"seen_{pk}", "") for pk in chosen}
            return (move, seen, data.get("select_across") == "1" and not pk) if move else nothing
        case "comments_comment_empty":
            ids = data.get("ids", "").split(SEPARATOR)
            return Batch.Move.DELETE, dict.fromkeys(ids, data.get("status", "")), False
        case "comments_comment_change":
            move = next((move for move in batches.METHODS if f"_{move}" in data), None)
            return move, {match.kwargs["object_id"]: data.get("seen_status", "")}, False
    return nothing


def _move_named(name):
    return Batch.Move(name) if name in Batch.Move.values else None
