"""Deleting: what fills the views Spam and Trash, as far as an editor saw it, after a page that asks."""

from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import batches
from ..deletion import purge_in_passing
from ..models import Batch, Comment, Decision
from .actions import decide, newest_id
from .counts import COUNTED, in_words
from .excerpts import first_of
from .listing import AFTER_VAR, BEFORE_VAR, SORT_VAR, STATUS_VAR, VIEW_OF_STATUS, VIEW_VAR

# What the address of the page that asks says of the list it comes from: the last comment and the last
# decision there were when it was shown.
NEWEST_VAR, DECIDED_VAR = "newest", "decided"
# What stands between ids: nothing that a form would have to write in another way.
SEPARATOR = "."

LABELS = {"spam": gettext_lazy("Empty spam…"), "trash": gettext_lazy("Empty trash…")}
TITLES = {"spam": gettext_lazy("Empty spam"), "trash": gettext_lazy("Empty trash")}


def view_to_empty(parameters):
    """Return the name of the view that is looked at, if it is one that can be emptied; else None."""
    name = parameters.get(VIEW_VAR) or VIEW_OF_STATUS.get(parameters.get(STATUS_VAR))
    return name if name in LABELS else None


def way_to_empty(request):
    """Return the button that leads to the page that asks, for the list as it is now."""
    name = view_to_empty(request.GET)
    if name is None:
        return None
    address = request.GET.copy()
    for of_the_page in (AFTER_VAR, BEFORE_VAR, SORT_VAR):
        address.pop(of_the_page, None)
    is_whole = set(address) <= {VIEW_VAR, STATUS_VAR}
    address[NEWEST_VAR], address[DECIDED_VAR] = newest_id() or 0, _last_decision()
    return {
        "label": LABELS[name] if is_whole else _("Delete all of these…"),
        "url": f"{reverse('admin:comments_comment_empty')}?{address.urlencode()}",
    }


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an editor saw in a view: ids, the oldest first.

    ``unseen``: how many came or moved here since, ``decided``: how many were seen here and are no more.
    """

    ids: list
    has_more: bool
    unseen: int
    decided: int


def empty_view(model_admin, request):
    """Show what would be deleted; delete it when the button is pressed."""
    if not model_admin.has_remove_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        return _delete(model_admin, request)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    name = view_to_empty(request.GET)
    queue = reverse("admin:comments_comment_changelist")
    if name is None:
        return HttpResponseRedirect(queue)
    seen_until = {
        variable: batches.key_of(request.GET.get(variable)) for variable in (NEWEST_VAR, DECIDED_VAR)
    }
    request.GET = request.GET.copy()
    for variable in seen_until:
        request.GET.pop(variable, None)
    try:
        changelist = model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return HttpResponseRedirect(queue)
    is_part = bool(changelist.query or changelist.has_active_filters)
    seen = _seen(changelist, is_part, *seen_until.values())
    shown = first_of(seen.ids)
    context = admin.site.each_context(request) | {
        "title": TITLES[name],
        "opts": model_admin.opts,
        "status": changelist.view.statuses[0],
        "is_part": is_part,
        "count": len(seen.ids),
        "ids": SEPARATOR.join(map(str, seen.ids)),
        "has_more": seen.has_more,
        "unseen": seen.unseen,
        "unseen_up_to": in_words(seen.unseen),
        "decided": seen.decided,
        "decided_up_to": in_words(seen.decided),
        "days": batches.CAN_BE_UNDONE_FOR.days,
        "comments": shown,
        "more": len(seen.ids) - len(shown),
        "way_back": f"{queue}?{request.GET.urlencode()}",
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/comments/comment/empty.html", context)


def _seen(changelist, is_part, newest, decided):
    """Return which of a view's comments were there, and so, when the list was shown.

    ``newest``, ``decided``: the last comment and decision there were then; None: as it is now. ``is_part``:
    whether the list was narrowed down; what is no more in it may then never have been.
    """
    seen, unseen, gone = changelist.queryset.order_by(), 0, 0
    if newest is not None and decided is not None:
        later = Decision.objects.filter(pk__gt=decided)
        since = Q(pk__gt=newest) | Q(pk__in=later.values("comment"))
        unseen = seen.filter(since).values("pk")[: COUNTED + 1].count()
        seen = seen.exclude(since)
        [status] = changelist.view.statuses
        first_later = later.filter(comment=OuterRef("pk")).order_by("pk").values("from_status")[:1]
        left = Comment.objects.exclude(status=status).filter(pk__in=later.values("comment"))
        left = left.annotate(was=Subquery(first_later)).filter(was=status)
        gone = 0 if is_part else left.order_by().values("pk")[: COUNTED + 1].count()
    oldest = seen.order_by("submitted_at", "pk").values_list("pk", flat=True)
    ids = list(oldest[: batches.MOST + 1])
    return _Seen(ids[: batches.MOST], len(ids) > batches.MOST, unseen, gone)


def _delete(model_admin, request):
    now = timezone.now()
    status = request.POST.get("status", "")
    ids = request.POST.get("ids", "").split(SEPARATOR)
    decide(model_admin, request, Batch.Move.DELETE, dict.fromkeys(ids, status), now=now)
    purge_in_passing(now=now)
    queue = reverse("admin:comments_comment_changelist")
    view = VIEW_OF_STATUS.get(status)
    return HttpResponseRedirect(f"{queue}?{VIEW_VAR}={view}" if view in LABELS else queue)


def _last_decision():
    return Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def deletion_of(comment):
    """Return the batch that deleted a comment, None where it is not deleted or nobody knows."""
    if comment.status != Comment.Status.DELETED:
        return None
    deletion = comment.decisions.standing().filter(to_status=Comment.Status.DELETED).last()
    return Batch.objects.filter(pk=deletion.batch).first() if deletion and deletion.batch else None
