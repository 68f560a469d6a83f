"""The moderation queue: what waits stands first, each with the reasons for its verdict."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import batches
from ..fragments import comment_time
from ..markup import clean_line, plain_text
from ..models import (
    REASON_LENGTH,
    AkismetFields,
    Batch,
    Comment,
    Decision,
    InvalidTransition,
    Sending,
)
from .blocklist import proposals
from .card import gather, likelihood
from .filters import AddressFilter, ArticleFilter, CommenterFilter, RuleFilter
from .history import QUEUE, undo_url
from .listing import PER_PAGE, VIEW_VAR, QueueChangeList

EXCERPT_LENGTH = 160
# Findings shown in the queue, and from how many points on; a comment's own page has all of them.
SHOWN_FINDINGS = 5
TELLING = 2.0
# The queue needs the width that the admin's list of models would take.
WIDE = {"is_nav_sidebar_enabled": False}

# What an editor can do with a comment: the name of the button, its words, the method, and the
# statuses from which it makes sense.
MOVES = {
    "approve": (gettext_lazy("Approve"), Comment.approve, {"pending", "spam", "trash"}),
    "hold": (gettext_lazy("Back to the queue"), Comment.hold, {"approved"}),
    "mark_spam": (gettext_lazy("Spam"), Comment.mark_spam, {"pending", "approved", "trash"}),
    "trash": (gettext_lazy("Trash"), Comment.trash, {"pending", "approved", "spam"}),
    "restore": (gettext_lazy("Restore"), Comment.restore, {"spam", "trash"}),
}


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("comments.moderate_comment")


class DecisionInline(ReadOnlyInline):
    model = Decision
    fields = ["decided_at", "from_status", "to_status", "by_whom", "reason"]
    readonly_fields = ["by_whom"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")

    @admin.display(description=gettext_lazy("by"))
    def by_whom(self, decision):
        return decision.by or _("the system")


class SendingInline(ReadOnlyInline):
    model = Sending
    fields = ["sent_at", "purpose", "host", "what", "outcome"]
    readonly_fields = ["what", "outcome"]

    @admin.display(description=gettext_lazy("fields"))
    def what(self, sending):
        labels = AkismetFields.labels()
        return ", ".join(str(labels.get(name, name)) for name in sending.field_names) or "–"

    @admin.display(description=gettext_lazy("answer"))
    def outcome(self, sending):
        return sending.answer or sending.error or _("none was noted")


def verdict_in_words(comment):
    """Say how likely spam is: numbers to compare by, and a word to read."""
    return _("%(points)+d points, %(percent)d %% spam: %(word)s") % {
        "points": round(comment.points),
        "percent": round(comment.spam_probability * 100),
        "word": likelihood(comment.spam_probability),
    }


def findings_list(comment):
    """What spoke for or against most, heaviest first, and what could not be looked at."""
    findings = sorted(comment.findings.all(), key=lambda finding: -abs(finding.points))
    telling = [finding for finding in findings if finding.evaluated and abs(finding.points) >= TELLING]
    missing = [finding for finding in findings if not finding.evaluated]
    return format_html(
        '<ul class="findings">{}</ul>',
        format_html_join(
            "",
            '<li class="{}"><b>{}</b> {}</li>',
            (finding_row(finding) for finding in [*missing, *telling[:SHOWN_FINDINGS]]),
        ),
    )


def finding_row(finding):
    """Return how a finding is marked, its points, and what it says."""
    if not finding.evaluated:
        return "not-evaluated", _("not evaluated"), finding.detail
    return "against" if finding.points > 0 else "for", f"{finding.points:+.0f}", finding.detail


def newest_id():
    """Return the highest id there is, so that a list can tell what came after it was shown."""
    return Comment.objects.order_by("-pk").values_list("pk", flat=True).first()


class QueueActionForm(ActionForm):
    """What stands above the list: the actions, and up to which comment the editor has seen it."""

    newest = forms.IntegerField(label="", required=False, initial=newest_id, widget=forms.HiddenInput)


def selected(request, queryset):
    """Return the status in which the editor saw each selected comment, by its id, and how many are new.

    Ticked comments count also where they no longer pass the list's filter: what somebody else has decided
    meanwhile is reported as theirs, not left out in silence. Of “all that the list gives”, more than one
    page shows, nobody has seen each; they count as they are now, without those that came later.
    """
    if request.POST.get("select_across") != "1":
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return {pk: request.POST.get(f"seen_{pk}", "") for pk in chosen}, 0
    newest, new = batches.key_of(request.POST.get("newest", "")), 0
    if newest is not None:
        new = queryset.filter(pk__gt=newest).count()
        queryset = queryset.filter(pk__lte=newest)
    # One more than a batch may hold, so that too many are noticed.
    return dict(queryset.order_by("pk").values_list("pk", "status")[: batches.MOST + 1]), new


def seen_status(request, comment):
    """Return the status in which the editor saw a comment, so that a colleague's word is not overruled."""
    seen = request.POST.get("seen_status")
    return seen if seen in Comment.Status.values else comment.status


def move_action(name):
    label, _method, _statuses = MOVES[name]

    @admin.action(description=label, permissions=["moderate"])
    def act(model_admin, request, queryset):
        """Move the selected comments as one batch, which can be undone."""
        now = timezone.now()
        seen, new = selected(request, queryset)
        try:
            result = batches.apply(name, seen, by=request.user, now=now)
        except batches.BatchRefused as reason:
            model_admin.message_user(request, str(reason), messages.ERROR)
            return
        text = batches.in_words(Batch.Move(name), result, reader=request.user, now=now)
        if new:
            came = ngettext("%(count)d is new and waits.", "%(count)d are new and wait.", new)
            text = f"{text} {came % {'count': new}}"
        if result.batch:
            undo = undo_url(result.batch, back_to=QUEUE)
            text = format_html('{} <a href="{}" data-undo>{}</a>', text, undo, _("Undo"))
        level = messages.WARNING if result.left or new else messages.SUCCESS
        model_admin.message_user(request, text, level)

    act.__name__ = f"{name}_selected"
    return act


def row_button_as_action(request):
    """Make of a row's button what the list of actions would send for that row alone."""
    name, _colon, pk = request.POST["_move_one"].partition(":")
    fields = request.POST.copy()
    fields.setlist(ACTION_CHECKBOX_NAME, [pk])
    fields["action"], fields["index"], fields["select_across"] = f"{name}_selected", "0", "0"
    request.POST = fields


def link_to_alike(label, **chosen):
    """Return a link to everything that has something in common with a row, whatever its status."""
    return format_html('<a href="?{}">{}</a>', urlencode({VIEW_VAR: "all"} | chosen), label)


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ["who", "excerpt", "verdict_and_reasons", "where", "when"]
    list_display_links = ["excerpt"]
    list_filter = [
        ArticleFilter,
        CommenterFilter,
        AddressFilter,
        "submitted_at",
        "sender_confirmed",
        RuleFilter,
    ]
    list_select_related = ["article", "parent"]
    search_fields = ["author_name", "author_email", "author_url", "body", "article__title"]
    list_per_page = list_max_show_all = PER_PAGE
    # The orders of the views are the ones that a large table bears.
    sortable_by = []
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-submitted_at", "-pk"]
    actions = [move_action(name) for name in MOVES]
    action_form = QueueActionForm
    inlines = [DecisionInline]
    # What is shown is the card; fields that a site adds stand below it.
    fieldsets = [(None, {"fields": []})]
    change_list_template = "admin/comments/comment/change_list.html"
    change_form_template = "admin/comments/comment/change_form.html"

    class Media:
        css = {"all": ["moderation/queue.css"]}

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .prefetch_related("findings")
            .defer("fragment", "parent__fragment", "article__body", "article__body_html")
        )

    def get_object(self, request, object_id, from_field=None):
        """Return the comment with all that its card shows, in one query and one for the findings."""
        comments = (
            self.get_queryset(request)
            .select_related("article", "parent", "revision", "commenter")
            .defer(None)
            .defer("fragment", "parent__fragment", "article__body", "revision__body")
        )
        try:
            return comments.get(pk=self.opts.pk.to_python(object_id))
        except (Comment.DoesNotExist, ValidationError):
            return None

    def get_inlines(self, request, obj):
        """Where nothing was sent to anybody, nothing needs to be said of it."""
        return [*self.inlines, SendingInline] if obj and obj.sendings.exists() else self.inlines

    def get_readonly_fields(self, request, obj=None):
        return [field for _name, options in self.fieldsets for field in options["fields"]]

    def view_on_site(self, comment):
        """Only what is approved has a place on the site; of the rest the article must do."""
        place = comment if comment.status == Comment.Status.APPROVED else comment.article
        return place.get_absolute_url()

    def has_moderate_permission(self, request):
        return request.user.has_perm("comments.moderate_comment")

    def has_view_permission(self, request, obj=None):
        return self.has_moderate_permission(request) or super().has_view_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return self.has_moderate_permission(request)

    def has_add_permission(self, request):
        return False

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST" and object_id is not None:
            return self.move_one(request, object_id)
        context = WIDE | {"title": _("Moderate a comment"), "reason_length": REASON_LENGTH}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Show the card of the comment, and the moves that make sense to whoever may move it."""
        moves = [
            (name, label) for name, (label, _method, statuses) in MOVES.items() if obj.status in statuses
        ]
        context |= {
            "card": gather(obj),
            "submitted": comment_time(obj.submitted_at),
            "moves": moves if self.has_moderate_permission(request) else [],
            "proposals": proposals(obj) if request.user.has_perm("comments.add_blocklistentry") else [],
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_changelist(self, request, **options):
        return QueueChangeList

    def get_list_display(self, request):
        return [*self.list_display, "moves"] if self.has_moderate_permission(request) else self.list_display

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST":
            if not self.has_moderate_permission(request):
                raise PermissionDenied
            if "_move_one" in request.POST:
                row_button_as_action(request)
        return super().changelist_view(
            request, WIDE | {"title": _("Moderation queue")} | (extra_context or {})
        )

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
        move = next((name for name in MOVES if f"_{name}" in request.POST), None)
        if move is None:
            self.message_user(request, _("Nothing was changed: choose one of the buttons."), messages.WARNING)
            return here
        comment.status = seen_status(request, comment)
        label, method, _statuses = MOVES[move]
        try:
            method(
                comment, by=request.user, reason=clean_line(request.POST.get("reason", ""))[:REASON_LENGTH]
            )
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.ERROR)
            return here
        self.message_user(
            request,
            format_html(
                _('{}: “{}” by {}. <a href="{}">Look at it again</a>'),
                label,
                Truncator(plain_text(comment.body_html)).chars(40),
                comment.author_name,
                reverse("admin:comments_comment_change", args=[comment.pk]),
            ),
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))

    @admin.display(description=gettext_lazy("who"))
    def who(self, comment):
        lines = [format_html("<bdi>{}</bdi>", comment.author_email)]
        if comment.author_url:
            lines.append(format_html("<bdi>{}</bdi>", comment.author_url))
        if comment.address:
            lines.append(link_to_alike(comment.address, address=comment.address))
        if comment.commenter_id:
            lines.append(link_to_alike(_("all by this commenter"), commenter=comment.commenter_id))
        return format_html(
            "<b><bdi>{}</bdi></b>{}",
            comment.author_name,
            format_html_join("", '<br><span class="quiet">{}</span>', ((line,) for line in lines)),
        )

    @admin.display(description=gettext_lazy("comment"))
    def excerpt(self, comment):
        return format_html("<bdi>{}</bdi>", Truncator(plain_text(comment.body_html)).chars(EXCERPT_LENGTH))

    @admin.display(description=gettext_lazy("in response to"))
    def where(self, comment):
        lines = [link_to_alike(_("all on this article"), article=comment.article_id)]
        if comment.parent:
            lines.insert(0, _("answers %(name)s") % {"name": comment.parent.author_name})
        return format_html(
            '<a href="{}" data-article>{}</a>{}',
            comment.article.get_absolute_url(),
            comment.article.title,
            format_html_join("", '<br><span class="quiet">{}</span>', ((line,) for line in lines)),
        )

    @admin.display(description=gettext_lazy("verdict"))
    def verdict_and_reasons(self, comment):
        return format_html("{}{}", verdict_in_words(comment), findings_list(comment))

    @admin.display(description=gettext_lazy("status"))
    def when(self, comment):
        unconfirmed = "" if comment.sender_confirmed else format_html("<br>{}", _("sender not confirmed"))
        return format_html(
            '<span class="status status-{0}">{1}</span><br><span class="quiet">{2}{3}</span>'
            '<input type="hidden" name="seen_{4}" value="{0}">',
            comment.status,
            comment.get_status_display(),
            comment_time(comment.submitted_at),
            unconfirmed,
            comment.pk,
        )

    @admin.display(description=gettext_lazy("decide"))
    def moves(self, comment):
        """The buttons of one row, which need no script."""
        return format_html(
            '<span class="row-moves">{}</span>',
            format_html_join(
                "",
                '<button type="submit" name="_move_one" value="{}:{}" aria-label="{}: {}">{}</button>',
                (
                    (name, comment.pk, label, comment.author_name, label)
                    for name, (label, _method, statuses) in MOVES.items()
                    if comment.status in statuses
                ),
            ),
        )
