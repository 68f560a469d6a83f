"""The history of batches: who moved which comments together, and the way to take a batch back."""

from collections import Counter

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import batches
from ..deletion import purge_in_passing
from ..fragments import comment_time
from ..markup import plain_text
from ..models import Batch, Comment
from .permissions import ReadByModerators

# Of the comments that an undoing would move, so many are shown.
SHOWN_COMMENTS = 20
EXCERPT_LENGTH = 120
QUEUE = "queue"


def undo_url(batch, *, back_to=""):
    """Return the address of the page that shows what undoing would do, and asks for a click."""
    url = reverse("admin:comments_batch_undo", args=[batch.pk])
    return f"{url}?from={back_to}" if back_to else url


def comments_url(batch_id):
    """Return the address of the comments that a batch moved, wherever they are now."""
    return f"{reverse('admin:comments_comment_changelist')}?view=all&batch={batch_id}"


@admin.register(Batch)
class BatchAdmin(ReadByModerators, admin.ModelAdmin):
    list_display = ["when", "by", "move", "how_many", "undone", "undo_button"]
    list_display_links = None
    list_filter = ["move", "made_at", ("by", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["by", "undone_by", "undoing"]
    empty_value_display = ""

    class Media:
        css = {"all": ["moderation/batch.css"]}

    def get_urls(self):
        undo = self.admin_site.admin_view(self.undo_view)
        return [path("<uuid:batch_id>/undo/", undo, name="comments_batch_undo"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        # What time has made final; nothing that anybody could still decide.
        purge_in_passing(now=timezone.now())
        title = {"title": _("History of batches")}
        return super().changelist_view(request, title | (extra_context or {}))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """All that there is to see of one batch stands on the page that can undo it."""
        if (
            request.method not in ("GET", "HEAD")
            or object_id is None
            or not self.has_view_permission(request)
        ):
            raise PermissionDenied
        batch = self.get_object(request, object_id)
        if batch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(undo_url(batch))

    def undo_view(self, request, batch_id):
        """Show what undoing would do; do it when the button is pressed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_object(request, str(batch_id))
        if batch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(batch_id))
        if request.method == "POST":
            return self.undo(request, batch)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        now = timezone.now()
        refusal = batches.why_not_undone(batch, now=now)
        outlook = batches.Outlook([], []) if refusal else batches.look_ahead(batch)
        context = self.admin_site.each_context(request) | {
            "title": _("Undo a batch"),
            "opts": self.opts,
            "media": self.media,
            "batch": batch,
            "comments_url": comments_url(batch.pk),
            "made": comment_time(batch.made_at),
            "refusal": refusal,
            "back": len(outlook.back),
            "back_to": where_to(outlook.back),
            "left": batches.reasons(outlook.left, reader=request.user, now=now),
            "comments": shown_comments(outlook.back),
            "more": max(0, len(outlook.back) - SHOWN_COMMENTS),
            "came_from": came_from(request.GET),
            "way_back": way_back(request.GET),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/comments/batch/undo.html", context)

    def undo(self, request, batch):
        now = timezone.now()
        try:
            result = batches.undo(batch, by=request.user, now=now)
        except batches.BatchRefused as reason:
            self.message_user(request, str(reason), messages.ERROR)
            return HttpResponseRedirect(undo_url(batch, back_to=came_from(request.POST)))
        self.message_user(
            request,
            batches.in_words(Batch.Move.UNDO, result, reader=request.user, now=now),
            messages.WARNING if result.left else messages.SUCCESS,
        )
        return HttpResponseRedirect(way_back(request.POST))

    @admin.display(description=gettext_lazy("when"), ordering="made_at")
    def when(self, batch):
        return comment_time(batch.made_at)

    @admin.display(description=gettext_lazy("how many"), ordering="done")
    def how_many(self, batch):
        shown = format_html('<a href="{}">{}</a>', comments_url(batch.pk), batch.done)
        if not batch.left:
            return shown
        left = ngettext("(%(count)d left alone)", "(%(count)d left alone)", batch.left)
        return format_html('{} <span class="quiet">{}</span>', shown, left % {"count": batch.left})

    @admin.display(description=gettext_lazy("since then"), ordering="undone_at")
    def undone(self, batch):
        if not batch.undone_at:
            return ""
        when = comment_time(batch.undone_at)
        return _("undone by %(who)s, %(when)s") % {"who": batch.undone_by, "when": when}

    @admin.display(description=gettext_lazy("take back"))
    def undo_button(self, batch):
        if batches.why_not_undone(batch, now=timezone.now()):
            return ""
        label = _("Undo: %(batch)s, %(when)s") % {"batch": batch, "when": comment_time(batch.made_at)}
        return format_html(
            '<a class="button" href="{}" aria-label="{}">{}</a>', undo_url(batch), label, _("Undo")
        )


def where_to(decisions):
    """Return how many comments would go back to which status, the most first."""
    counts = Counter(decision.back_to for decision in decisions)
    return [(Comment.Status(status).label, status, count) for status, count in counts.most_common()]


def shown_comments(decisions):
    """Return the first comments that would be moved, each with its excerpt and its way back."""
    shown = {decision.comment_id: decision for decision in decisions[:SHOWN_COMMENTS]}
    comments = Comment.objects.only("author_name", "body_html").in_bulk(shown)
    return [
        {
            "url": reverse("admin:comments_comment_change", args=[pk]),
            "name": comments[pk].author_name,
            "excerpt": Truncator(plain_text(comments[pk].body_html)).chars(EXCERPT_LENGTH),
            "now": decision.get_to_status_display(),
            "then": Comment.Status(decision.back_to).label,
        }
        for pk, decision in shown.items()
        if pk in comments
    ]


def came_from(data):
    return QUEUE if data.get("from") == QUEUE else ""


def way_back(data):
    """Return to where the editor goes afterwards: the queue, if they came from there."""
    page = "comment" if came_from(data) else "batch"
    return reverse(f"admin:comments_{page}_changelist")
