"""The blocklist in the editors' hands: tried on the stored comments before it is saved."""

from ipaddress import ip_address, ip_network
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..backtest import DAYS, backtest
from ..markup import links_in, plain_text
from ..models import BlocklistEntry
from ..moderation.addresses import host
from ..permissions import may_moderate
from ..sweeping import look_first

EXCERPT_LENGTH = 120
# What a link to the form may fill in. An expiry comes as two fields, which one text cannot fill.
PREFILLED = ("kind", "text", "effect", "note")
# What an entry catches hangs on these; changing the rest needs no new trial.
TRIED = ("kind", "text", "effect")
# How much of an address is stored (visitors.shorten), by version: what a comment's network is.
PREFIX_LENGTHS = {4: 24, 6: 48}
# Domains proposed for one comment: one with hundreds of links is found by any of them.
MAX_PROPOSED_DOMAINS = 10


class ExpiryField(forms.SplitDateTimeField):
    """A day, and a time if one likes: without it the beginning of the day."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        day, time = self.widget.widgets
        day.attrs["aria-label"], time.attrs["aria-label"] = _("Date it expires"), _("Time it expires")

    def clean(self, value):
        if isinstance(value, list) and value[0] and not value[1]:
            value = [value[0], "00:00"]
        return super().clean(value)


class BlocklistEntryForm(forms.ModelForm):
    """``trial``: what the entry would have caught, where it was tried; ``only_tried``: not to be saved."""

    trial = None
    only_tried = False

    class Meta:
        model = BlocklistEntry
        fields = ["kind", "text", "effect", "note", "expires_at"]

    def clean(self):
        data = super().clean()
        if data.get("kind") == BlocklistEntry.Kind.NETWORK and data.get("text"):
            self._check_network(data["text"])
        if self.trial and self.trial.would_match_everything:
            self.add_error(
                "text",
                ValidationError(
                    _(
                        "This would match everything: %(caught)d of the last %(total)d comments. "
                        "Choose something that only spam has."
                    ),
                    code="matches_everything",
                    params={"caught": self.trial.caught, "total": self.trial.total},
                ),
            )
        return data

    def is_valid(self):
        """What is only tried is not saved: it comes back as a form without errors does from no save."""
        return super().is_valid() and not self.only_tried

    def _check_network(self, text):
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            self.add_error(
                "text",
                ValidationError(_("This is no network. Write it like 192.0.2.0/24."), code="no_network"),
            )
            return
        if network.prefixlen == 0:
            self.add_error(
                "text",
                ValidationError(
                    _("This would match everything: it is the network of all addresses."),
                    code="matches_everything",
                ),
            )


class ExpiryFilter(admin.SimpleListFilter):
    title = gettext_lazy("expiry")
    parameter_name = "expiry"

    def lookups(self, request, model_admin):
        return [("in_force", _("In force")), ("expired", _("Expired"))]

    def queryset(self, request, queryset):
        match self.value():
            case "in_force":
                return queryset.in_force(now=timezone.now())
            case "expired":
                return queryset.expired(now=timezone.now())
        return queryset


@admin.register(BlocklistEntry)
class BlocklistEntryAdmin(admin.ModelAdmin):
    """Whoever may keep the blocklist sees by a trial who wrote what, so they must be moderators, too."""

    form = BlocklistEntryForm
    formfield_overrides = {DateTimeField: {"form_class": ExpiryField, "widget": AdminSplitDateTime}}
    list_display = ["text", "kind", "effect", "note", "lasts", "made"]
    list_filter = ["kind", "effect", ExpiryFilter]
    list_select_related = ["created_by"]
    search_fields = ["text", "note"]

    class Media:
        css = {"all": ["moderation/blocklist.css"]}

    def has_view_permission(self, request, obj=None):
        return may_moderate(request.user) and super().has_view_permission(request, obj)

    def has_add_permission(self, request):
        return may_moderate(request.user) and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return may_moderate(request.user) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return may_moderate(request.user) and super().has_delete_permission(request, obj)

    def get_fields(self, request, obj=None):
        return [*BlocklistEntryForm.Meta.fields, *self.get_readonly_fields(request, obj)]

    def get_readonly_fields(self, request, obj=None):
        return ["created_at", "created_by"] if obj else []

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if name in PREFILLED}

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        # The class is made anew for each request.
        form.trial = getattr(request, "trial", None)
        form.only_tried = "_try" in request.POST
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = extra_context or {}
        if request.method == "POST":
            # Before the transaction that saves: on SQLite all who write would wait for the trial.
            request.trial = self.try_posted(request, object_id)
            if request.trial and "_try" in request.POST:
                context = context | {"trial": shown(request.trial, request.POST.get("effect"))}
        return super().changeform_view(request, object_id, form_url, context)

    def try_posted(self, request, object_id):
        """Try what was posted, if it is a sound entry, and new in what it catches or meant to be tried."""
        if "_saveasnew" in request.POST:
            # Django then adds an entry, whatever the page.
            object_id = None
        entry = self.get_object(request, unquote(object_id)) if object_id is not None else None
        if object_id is None:
            allowed = self.has_add_permission(request)
        else:
            allowed = entry is not None and self.has_change_permission(request, entry)
        if not allowed:
            # What to answer is said where it is said for every form.
            return None
        fields = flatten_fieldsets(self.get_fieldsets(request, entry))
        form = self.get_form(request, entry, change=entry is not None, fields=fields)(
            request.POST, instance=entry
        )
        if form.errors or not ("_try" in request.POST or entry is None or {*TRIED} & {*form.changed_data}):
            return None
        return backtest(form.instance.as_facts(), now=timezone.now())

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
        look_first(form.trial.caught_approved if form.trial else [])
        if form.trial and form.trial.approved.caught:
            which = _("Open the entry and press “Try it” to see them.")
            self.message_user(
                request, f"{approved_in_words(form.trial, obj.effect)} {which}", messages.WARNING
            )

    @admin.display(description=gettext_lazy("expires"), ordering="expires_at")
    def lasts(self, entry):
        if entry.expires_at is None:
            return _("no end")
        day = date_format(timezone.localtime(entry.expires_at), "DATE_FORMAT")
        if entry.is_expired(now=timezone.now()):
            return format_html('<span class="expired">{}</span>', _("expired on %(day)s") % {"day": day})
        return _("until %(day)s") % {"day": day}

    @admin.display(description=gettext_lazy("since"), ordering="created_at")
    def made(self, entry):
        day = date_format(timezone.localtime(entry.created_at), "DATE_FORMAT")
        if entry.created_by is None:
            return day
        return _("%(day)s, by %(who)s") % {"day": day, "who": entry.created_by}


def shown(trial, effect):
    """Return a trial as the form's template shows it."""
    return {
        "days": DAYS,
        "figures": [
            (_("spam"), trial.spam, ""),
            (_("approved"), trial.approved, "doubtful" if trial.approved.caught else ""),
            (_("waiting"), trial.waiting, ""),
            (_("in the trash"), trial.trash, ""),
        ],
        "conclusion": in_words(trial, effect),
        "is_doubtful": bool(trial.approved.caught or trial.would_match_everything),
        "examples": [
            (heading, len(comments) < figure.caught, [example(comment) for comment in comments])
            for heading, figure, comments in [
                (_("Approved comments it would have caught"), trial.approved, trial.caught_approved),
                (_("Waiting comments it would have caught"), trial.waiting, trial.caught_waiting),
            ]
            if comments
        ],
        "total": trial.total,
        "is_cut_short": trial.is_cut_short,
    }


def in_words(trial, effect):
    """Say in one sentence what an editor should make of a trial."""
    if not trial.total:
        return _("There are no comments of these days to try it on.")
    if trial.would_match_everything:
        return _("It would match everything, so it cannot be saved.")
    if trial.approved.caught:
        return approved_in_words(trial, effect)
    if trial.caught:
        return _("No approved comment would have been caught.")
    return _("It would have caught nothing at all.")


def approved_in_words(trial, effect):
    """Say how many approved comments an entry would have kept from the page."""
    count = trial.approved.caught
    if effect == BlocklistEntry.Effect.SPAM:
        sentence = ngettext(
            "It would have marked %(count)d approved comment of the last %(days)d days as spam.",
            "It would have marked %(count)d approved comments of the last %(days)d days as spam.",
            count,
        )
    else:
        sentence = ngettext(
            "It would have held %(count)d approved comment of the last %(days)d days.",
            "It would have held %(count)d approved comments of the last %(days)d days.",
            count,
        )
    return sentence % {"count": count, "days": DAYS}


def example(comment):
    return {
        "url": reverse("admin:comments_comment_change", args=[comment.pk]),
        "name": comment.author_name,
        "title": comment.article.title,
        "submitted_at": comment.submitted_at,
        "excerpt": Truncator(plain_text(comment.body_html)).chars(EXCERPT_LENGTH),
    }


def proposals(comment):
    """Return the entries that a comment suggests: pairs of a label and the address of the form, filled in.

    The domains of its links and of its website, its email address and its network. The labels hold
    strangers' words and are not escaped. The form asks for the permission to add entries.
    """
    own = host(settings.SITE_URL)
    domains = [
        host(address).removeprefix("www.") for address in [*links_in(comment.body_html), comment.author_url]
    ]
    domains = [domain for domain in dict.fromkeys(domains) if domain and domain != own.removeprefix("www.")]
    found = [("domain", _("Block the domain %s"), domain) for domain in domains[:MAX_PROPOSED_DOMAINS]]
    if comment.author_email:
        found.append(("address", _("Block the email address %s"), comment.author_email))
    if comment.address:
        found.append(("network", _("Block the network %s"), network_of(comment.address)))
    longest = BlocklistEntry._meta.get_field("text").max_length
    form = reverse("admin:comments_blocklistentry_add")
    return [
        (label % text, f"{form}?{urlencode({'kind': kind, 'text': text})}")
        for kind, label, text in found
        if len(text) <= longest
    ]


def network_of(address):
    """Return the network that a comment's shortened address stands for."""
    parsed = ip_address(address)
    return str(ip_network((parsed, PREFIX_LENGTHS[parsed.version]), strict=False))
