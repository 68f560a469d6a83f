"""What an editor writes at the desk: replies, and changes to what others wrote."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import batches, editing, editors, replying
from ..difference import ADDED, REMOVED, SAME, difference
from ..forms import LenientIntegerField, TextForm, WritingForm
from ..fragments import comment_time
from ..markup import plain_text
from ..models import Comment, InvalidTransition
from ..visitors import Sender, visitor_of
from .history import QUEUE, undo_url
from .marks import marked

# Versions of one comment that its page shows besides the original: the latest.
SHOWN_VERSIONS = 20
EXCERPT_LENGTH = 40

CHANGED = {
    "author_name": gettext_lazy("Name"),
    "author_url": gettext_lazy("Website"),
    "body": gettext_lazy("Text as typed"),
}
MARKED_AS = {SAME: "{}", REMOVED: "<del>{}</del>", ADDED: "<ins>{}</ins>"}


class SeenForm(forms.Form):
    """What a form says of the comment as the editor saw it; whatever else stands there counts as nothing."""

    seen_status = forms.Field(required=False, widget=forms.HiddenInput)
    seen_edit = LenientIntegerField()


class ReplyForm(TextForm, SeenForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = _("Your reply")


class EditForm(WritingForm, SeenForm):
    """What an editor may change. The email address stays: no reader sees it, and the filter knows by it."""

    email = None

    # By the names of the fields of a comment.
    FIELDS = {"author_name": "author", "author_url": "url", "body": "comment"}

    def __init__(self, *args, comment, **kwargs):
        """``comment``: None where it is gone, so that the text alone is shown."""
        if comment:
            kwargs["initial"] = {field: getattr(comment, name) for name, field in self.FIELDS.items()}
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # It is somebody else's name that stands there.
            field.widget.attrs["autocomplete"] = "off"

    def written(self):
        return {name: self.cleaned_data[field] for name, field in self.FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Version:
    label: str
    author_name: str
    author_url: str
    body: str


@dataclass(frozen=True, slots=True)
class Edits:
    """What became of a comment's words.

    ``changes``: by the label of a field, how it differs from the original; none where that stands again.
    ``versions``: the original and what later edits made of it, without what stands there now.
    """

    sentence: str
    last_id: int
    changes: list[tuple[str, SafeString]]
    versions: list[Version]


class Writing:
    """The part of the comments' admin by which editors write. All of it is for whoever may moderate."""

    def get_urls(self):
        views = {"reply": self.reply_view, "edit": self.edit_view, "put_back": self.put_back_view}
        return [
            path(
                f"<path:object_id>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(view),
                name=f"comments_comment_{name}",
            )
            for name, view in views.items()
        ] + super().get_urls()

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        is_open = self.has_moderate_permission(request)
        context["writing"] = {"is_open": is_open, "edits": gather_edits(obj)}
        if is_open:
            context["writing"] |= about_replies(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def reply_view(self, request, object_id):
        """Publish a reply, or say what is in its way, with the text. It is written on the comment's card."""
        comment = self._open(request, object_id)
        if request.method in ("GET", "HEAD"):
            return self._lead_to(request, object_id, comment, part="reply")
        if request.method != "POST":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        form = ReplyForm(request.POST)
        is_valid = form.is_valid()
        if comment is None:
            return self._show_reply(request, None, form, status=404)
        if not is_valid:
            return self._show_reply(request, comment, form, status=422, seen=status_seen(form, comment))
        try:
            replied = replying.reply(
                comment,
                {name: form.cleaned_data[name] for name in ("comment", "body_html")},
                by=request.user,
                seen=status_seen(form, comment),
                # The form's token has proved that it came from here, and the account who wrote it.
                visitor=replace(visitor_of(request), sender=Sender.HERE, commenter=None),
                now=timezone.now(),
            )
        except InvalidTransition as reason:
            comment = self.get_object(request, object_id)
            return self._show_reply(request, comment, form, status=409, notice=str(reason))
        except replying.Gone:
            return self._show_reply(request, None, form, status=404)
        self._tell_of_reply(request, comment, replied)
        return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))

    def edit_view(self, request, object_id):
        """Show the form that changes a comment; change it when the form comes back."""
        # Before the comment: what is changed between the two is then noticed.
        key = batches.key_of(object_id)
        seen_edit = editing.last_edit_id(key) if key is not None else None
        comment = self._open(request, object_id)
        if request.method in ("GET", "HEAD"):
            if comment is None:
                return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            form = EditForm(comment=comment)
            form.fields["comment"].widget.attrs["autofocus"] = True
            return self._show_edit(request, comment, form, seen_edit=seen_edit)
        if request.method != "POST":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        form = EditForm(request.POST, comment=comment)
        is_valid = form.is_valid()
        show = partial(self._show_edit, request, form=form)
        if comment is None:
            return show(None, status=404)
        if not is_valid:
            # What they saw, not what is there now: the errors are of the text that they changed.
            return show(
                comment,
                status=422,
                seen=status_seen(form, comment),
                seen_edit=form.cleaned_data.get("seen_edit"),
            )
        try:
            is_changed = editing.edit(
                comment.pk,
                form.written(),
                by=request.user,
                seen_status=status_seen(form, comment),
                seen_edit=form.cleaned_data["seen_edit"],
                now=timezone.now(),
            )
        except (editing.EditedMeanwhile, InvalidTransition) as reason:
            seen_edit = editing.last_edit_id(comment.pk)
            comment = self.get_object(request, object_id)
            return show(comment, status=409, notice=str(reason), seen_edit=seen_edit)
        except editing.Gone:
            return show(None, status=404)
        if is_changed:
            self.message_user(request, _("The comment is changed. The original is kept."), messages.SUCCESS)
        else:
            self.message_user(request, _("The comment says that already."), messages.INFO)
        return self._lead_to(request, object_id, comment)

    def put_back_view(self, request, object_id):
        """Let a comment say again what its writer sent."""
        comment = self._open(request, object_id)
        if request.method != "POST" or comment is None:
            return self._lead_to(request, object_id, comment, part="edits")
        form = SeenForm(request.POST)
        form.is_valid()
        try:
            is_changed = editing.put_back(
                comment.pk,
                by=request.user,
                seen_status=status_seen(form, comment),
                seen_edit=form.cleaned_data["seen_edit"],
                now=timezone.now(),
            )
        except (editing.EditedMeanwhile, InvalidTransition) as reason:
            self.message_user(request, str(reason), messages.ERROR)
        except editing.Gone:
            return self._lead_to(request, object_id, None)
        else:
            text = _("The original is back.") if is_changed else _("The original stands there already.")
            self.message_user(request, text, messages.SUCCESS if is_changed else messages.INFO)
        return self._lead_to(request, object_id, comment)

    def _open(self, request, object_id):
        """Return the comment, None where there is none, to those who may moderate."""
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        return self.get_object(request, object_id)

    def _lead_to(self, request, object_id, comment, *, part=""):
        if comment is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(f"{card_url(comment)}#{part}" if part else card_url(comment))

    def _show_reply(self, request, comment, form, **more):
        context = {"title": _("Reply"), "send": _("Reply")}
        if comment:
            context |= {
                "writing": about_replies(request, comment),
                "shown": marked(comment.body_html, {}),
            }
        return self._show(request, "reply", comment, form, context, **more)

    def _show_edit(self, request, comment, form, *, seen_edit=None, **more):
        context = {
            "title": _("Edit a comment"),
            "send": _("Save"),
            "seen_edit": seen_edit,
            "name": editors.public_name(request.user),
        }
        return self._show(request, "edit", comment, form, context, **more)

    def _show(self, request, name, comment, form, context, *, status=200, notice="", seen=""):
        """Show a form on a page of its own. ``comment``: None where it is gone, so that nothing can be sent.

        ``seen``: the status that the editor knows of, where it may not be the one the page shows.
        """
        if comment is None:
            notice = _("This comment has been deleted. Your text is kept here, to take along.")
        if not notice:
            form.focus_first_error()
        context |= self.admin_site.each_context(request) | {
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "media": self.media,
            "original": comment,
            "seen_status": seen or (comment and comment.status),
            "form": form,
            "notice": notice,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/comments/writing/{name}.html", context, status=status)

    def _tell_of_reply(self, request, comment, replied):
        card = card_url(replied.comment)
        if replied.batch is None:
            text = _("You had sent this reply already; it is “%(status)s”, and there is one of it.") % {
                "status": replied.comment.get_status_display()
            }
            text = format_html('{} <a href="{}">{}</a>', text, card, _("Look at it"))
            self.message_user(request, text, messages.INFO)
            return
        excerpt = Truncator(plain_text(comment.body_html)).chars(EXCERPT_LENGTH)
        if replied.has_approved:
            text = _("Your reply is published, and “%(text)s” by %(name)s is approved.")
        else:
            text = _("Your reply to “%(text)s” by %(name)s is published.")
        text = format_html(
            '{} <a href="{}">{}</a> · <a href="{}" data-undo>{}</a>',
            text % {"text": excerpt, "name": comment.author_name},
            card,
            _("Look at it"),
            undo_url(replied.batch, back_to=QUEUE),
            _("Undo"),
        )
        self.message_user(request, text, messages.SUCCESS)


def card_url(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def status_seen(form, comment):
    """Return the status in which the editor saw the comment; the one it has, if the form doesn't say."""
    seen = form.cleaned_data.get("seen_status")
    return seen if seen in Comment.Status.values else comment.status


def about_replies(request, comment):
    """Return what the form of a reply says of itself."""
    return {
        "name": editors.public_name(request.user),
        "why_no_reply": replying.why_not(comment.status),
        "is_public": comment.article.is_published(),
    }


def gather_edits(comment):
    """Return what became of a comment's words, None where nobody has changed them."""
    latest = comment.edits.select_related("by__author").order_by("-pk")[: SHOWN_VERSIONS + 1]
    edits = list(latest)[::-1]
    if not edits:
        return None
    last, original = edits[-1], edits[0] if len(edits) <= SHOWN_VERSIONS else comment.edits.first()
    # What an edit made of the comment stands in the next one.
    made = [_version(_by_whom(edit), after) for edit, after in pairwise(edits)]
    if comment.edited_at:
        sentence = _("Edited by %(who)s on %(when)s.")
        changes = _changes(original, comment)
    else:
        sentence = _("Edited, and put back by %(who)s on %(when)s: it stands as its writer sent it.")
        changes = []
    return Edits(
        sentence=sentence % _who_and_when(last),
        last_id=last.pk,
        changes=changes,
        versions=[_version(_("As its writer sent it"), original), *made],
    )


def _changes(original, comment):
    before, after = editing.written_in(original), editing.written_in(comment)
    return [
        (label, _shown(difference(before[name], after[name])))
        for name, label in CHANGED.items()
        if before[name] != after[name]
    ]


def _shown(pieces):
    return format_html_join("", "{}", ((format_html(MARKED_AS[kind], text),) for kind, text in pieces))


def _version(label, version):
    return Version(label, **editing.written_in(version))


def _by_whom(edit):
    return _("By %(who)s, %(when)s") % _who_and_when(edit)


def _who_and_when(edit):
    return {"who": editors.public_name(edit.by), "when": comment_time(edit.edited_at)}
