"""What an editor does with comments of the queue, one or many, as one batch each time."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import batches
from ..models import Comment
from .history import QUEUE, undo_url


def newest_id():
    """Return the highest id there is, so that a page can tell what came after it was shown."""
    return Comment.objects.order_by("-pk").values_list("pk", flat=True).first()


class QueueActionForm(ActionForm):
    """What stands above the list: the actions, and up to which comment the editor has seen it.

    ``newest``: the highest id there was, so that a list can tell what came after it was shown.
    """

    newest = forms.IntegerField(label="", required=False, widget=forms.HiddenInput)


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


def move_action(move, *, permission="moderate"):
    @admin.action(description=move.label, permissions=[permission])
    def act(model_admin, request, queryset):
        """Move the selected comments as one batch, which can be undone."""
        seen, new = selected(request, queryset)
        decide(model_admin, request, move, seen, new=new)

    act.__name__ = f"{move}_selected"
    return act


def decide(model_admin, request, move, seen, *, now=None, new=0):
    """Move comments as one batch, say what became of them, and return it; None where nothing was done.

    ``seen``: as from ``selected``; ``new``: how many came since, which are left alone.
    """
    now = now or timezone.now()
    try:
        result = batches.apply(move, seen, by=request.user, now=now)
    except batches.BatchRefused as reason:
        model_admin.message_user(request, str(reason), messages.ERROR)
        return None
    text = batches.in_words(move, result, reader=request.user, now=now)
    if new:
        came = ngettext("%(count)d is new and waits.", "%(count)d are new and wait.", new)
        text = f"{text} {came % {'count': new}}"
    if result.batch:
        undo = undo_url(result.batch, back_to=QUEUE)
        text = format_html('{} <a href="{}" data-undo>{}</a>', text, undo, _("Undo"))
    level = messages.WARNING if result.left or new else messages.SUCCESS
    model_admin.message_user(request, text, level)
    return result if result.batch else None


def row_button_as_action(request):
    """Make of a row's button what the list of actions would send for that row alone."""
    name, _colon, pk = request.POST["_move_one"].partition(":")
    fields = request.POST.copy()
    fields.setlist(ACTION_CHECKBOX_NAME, [pk])
    fields["action"], fields["index"], fields["select_across"] = f"{name}_selected", "0", "0"
    request.POST = fields
