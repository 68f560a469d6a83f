"""The moderation queue: what waits stands first; and the page of each comment."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import batches
from ..campaigns import with_alike
from ..decisions import REASON_LENGTH
from ..fragments import comment_time
from ..markup import clean_line, plain_text
from ..models import AkismetFields, Batch, Comment, InvalidTransition, Sending
from ..permissions import may_moderate
from ..presence import forget, others
from . import campaigns, columns, interrupted, presence, second_looks
from .actions import QueueActionForm, move_action, row_button_as_action
from .blocklist import proposals
from .card import gather
from .decisions import history_url, of_comment
from .emptying import deletion_of, empty_view, view_to_empty, way_to_empty
from .filters import (
    AddressFilter,
    AgeFilter,
    ArticleFilter,
    BatchFilter,
    CampaignFilter,
    CommenterFilter,
    LikelihoodFilter,
    RuleFilter,
    SenderFilter,
)
from .languages import LanguageFilter
from .listing import DOUBTFUL, PER_PAGE, VIEW_VAR, QueueChangeList
from .searching import SearchedByWords
from .writing import Writing

# The queue needs the width that the admin's list of models would take.
WIDE = {"is_nav_sidebar_enabled": False}


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return may_moderate(request.user)


class SendingInline(ReadOnlyInline):
    model = Sending
    fields = ["sent_at", "purpose", "host", "what", "outcome"]
    readonly_fields = ["what", "outcome"]

    @admin.display(description=gettext_lazy("fields"))
    def what(self, sending):
        labels = AkismetFields.labels()
        return _(", ").join(str(labels.get(name, name)) for name in sending.field_names) or "–"

    @admin.display(description=gettext_lazy("answer"))
    def outcome(self, sending):
        return sending.answer or sending.error or _("none was noted")


@admin.register(Comment)
class CommentAdmin(SearchedByWords, Writing, admin.ModelAdmin):
    list_display = [columns.who, columns.excerpt, columns.verdict_and_reasons, columns.where, columns.when]
    list_display_links = [columns.excerpt]
    list_filter = [
        ArticleFilter,
        CommenterFilter,
        BatchFilter,
        LikelihoodFilter,
        AgeFilter,
        AddressFilter,
        CampaignFilter,
        SenderFilter,
        LanguageFilter,
        RuleFilter,
    ]
    list_select_related = ["article", "parent"]
    list_per_page = list_max_show_all = PER_PAGE
    # The orders of the views are the ones that a large table bears.
    sortable_by = []
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-submitted_at", "-pk"]
    actions = [
        *(move_action(move) for move in batches.METHODS),
        # Of the name of Django's own, which deletes for good and so must not be offered.
        move_action(Batch.Move.DELETE, permission="remove"),
        second_looks.keep_selected,
    ]
    action_form = QueueActionForm
    # What is shown is the card; fields that a site adds stand below it.
    fieldsets = [(None, {"fields": []})]
    change_list_template = "admin/comments/comment/change_list.html"
    change_form_template = "admin/comments/comment/change_form.html"

    class Media:
        css = {
            "all": [
                "moderation/queue.css",
                "moderation/writing.css",
                "moderation/second_look.css",
                "moderation/search.css",
            ]
        }

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .prefetch_related("findings", others(request.user, now=timezone.now()))
            .defer("fragment", "parent__fragment", "article__body", "article__body_html")
        )

    def get_object(self, request, object_id, from_field=None):
        """Return the comment with all that its card shows, in one query and one for the findings."""
        comments = (
            self.get_queryset(request)
            .select_related("article", "parent", "revision", "commenter", "second_look__kept_by")
            .defer(None)
            .defer("fragment", "parent__fragment", "article__body", "revision__body")
        )
        try:
            return comments.get(pk=self.opts.pk.to_python(object_id))
        except (Comment.DoesNotExist, ValidationError):
            return None

    def get_inlines(self, request, obj):
        """Where nothing was sent to anybody, nothing needs to be said of it."""
        return [SendingInline] if obj and obj.sendings.exists() else []

    def get_readonly_fields(self, request, obj=None):
        return [field for _name, options in self.fieldsets for field in options["fields"]]

    def view_on_site(self, comment):
        """Only what is approved has a place on the site; of the rest the article must do."""
        place = comment if comment.status == Comment.Status.APPROVED else comment.article
        return place.get_absolute_url()

    def has_moderate_permission(self, request):
        return may_moderate(request.user)

    def has_remove_permission(self, request):
        """Who may delete in such a way that it can be undone."""
        return self.has_moderate_permission(request) and request.user.has_perm("comments.delete_comment")

    def has_view_permission(self, request, obj=None):
        return self.has_moderate_permission(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return self.has_moderate_permission(request)

    def has_add_permission(self, request):
        return False

    def get_urls(self):
        renew = self.admin_site.admin_view(partial(presence.renew, self))
        own = [
            path("<int:comment_id>/presence/", renew, name="comments_comment_presence"),
            *campaigns.urls(self),
            path("empty/", self.admin_site.admin_view(self.empty_view), name="comments_comment_empty"),
            path(
                "interrupted/<str:key>/",
                self.admin_site.admin_view(self.interrupted_view),
                name="comments_comment_interrupted",
            ),
        ]
        return [*own, *super().get_urls()]

    def empty_view(self, request):
        return empty_view(self, request)

    def interrupted_view(self, request, key):
        return interrupted.interrupted_view(self, request, key)

    def delete_view(self, request, object_id, extra_context=None):
        """Django's own page deletes for good; here that is a batch's work, and can be undone."""
        raise PermissionDenied

    def get_actions(self, request):
        actions = super().get_actions(request)
        # What is not doubtful needs not be kept.
        if request.GET.get(VIEW_VAR) != DOUBTFUL:
            actions.pop(second_looks.keep_selected.__name__, None)
        if view_to_empty(request.GET) is None:
            actions.pop("delete_selected", None)
        return actions

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST" and object_id is not None:
            return self.move_one(request, object_id)
        context = WIDE | {"title": _("Moderate a comment"), "reason_length": REASON_LENGTH}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Show the card of the comment, and the moves that make sense to whoever may move it."""
        if self.has_moderate_permission(request):
            presence.come_in(request, obj)
        context |= {
            "card": gather(obj),
            "alike": with_alike([obj])[0].alike,
            "others": presence.in_words(obj.others, now=timezone.now()),
            "submitted": comment_time(obj.submitted_at),
            "history": of_comment(obj) if self.has_moderate_permission(request) else None,
            "deletion": deletion_of(obj),
            "moves": batches.sensible_moves(obj) if self.has_moderate_permission(request) else [],
            "second_look": second_looks.on_card(obj),
            "proposals": proposals(obj) if request.user.has_perm("comments.add_blocklistentry") else [],
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(self, request, object_id, extra_context=None):
        """Django's own has nothing to tell: comments are moved, never changed."""
        return HttpResponseRedirect(history_url(comment=object_id))

    def get_changelist(self, request, **options):
        return QueueChangeList

    def get_list_display(self, request):
        decide = [columns.moves] if self.has_moderate_permission(request) else []
        return [*self.list_display, *decide]

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST":
            if not self.has_moderate_permission(request):
                raise PermissionDenied
            if request.POST.get("action") == "delete_selected" and not self.has_remove_permission(request):
                raise PermissionDenied
            if "_move_one" in request.POST:
                row_button_as_action(request)
        context = WIDE | {"title": _("Moderation queue")}
        if request.GET.get(VIEW_VAR) == DOUBTFUL:
            context["sweep_progress"] = second_looks.progress(now=timezone.now())
        if self.has_remove_permission(request):
            context["way_to_empty"] = way_to_empty(request)
        response = super().changelist_view(request, context | (extra_context or {}))
        shown = getattr(response, "context_data", None) or {}
        if shown.get("action_form"):
            shown["action_form"].initial["newest"] = shown["cl"].sizes["highest"]
        return response

    def response_action(self, request, queryset):
        """Leave out what can't be a comment's id before the list is asked for it."""
        request.POST = request.POST.copy()
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        request.POST.setlist(ACTION_CHECKBOX_NAME, [pk for pk in chosen if batches.key_of(pk) is not None])
        return super().response_action(request, queryset)

    def move_one(self, request, object_id):
        """Do what the button says to the comment the editor saw, if it still is as they saw it."""
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        comment = self.get_object(request, object_id)
        if comment is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        here = HttpResponseRedirect(reverse("admin:comments_comment_change", args=[comment.pk]))
        if f"_{second_looks.KEEP}" in request.POST:
            second_looks.keep_one(self, request, comment)
            return here
        move = next((move for move in batches.METHODS if f"_{move}" in request.POST), None)
        if move is None:
            self.message_user(request, _("Nothing was changed: choose one of the buttons."), messages.WARNING)
            return here
        # As the editor saw it, so that a colleague's word is not overruled.
        seen = request.POST.get("seen_status")
        comment.status = seen if seen in Comment.Status.values else comment.status
        reason = clean_line(request.POST.get("reason", ""))[:REASON_LENGTH]
        try:
            batches.METHODS[move](comment, by=request.user, reason=reason)
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.ERROR)
            return here
        forget(comment.pk, request.user)
        self.message_user(
            request,
            format_html(
                _('{move}: “{text}” by {name}. <a href="{url}">Look at it again</a>'),
                move=move.label,
                text=Truncator(plain_text(comment.body_html)).chars(40),
                name=comment.author_name,
                url=reverse("admin:comments_comment_change", args=[comment.pk]),
            ),
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))
