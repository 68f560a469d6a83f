"""The page on which editors choose what the filter may do by itself, tried before it is saved."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MinValueValidator
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..backtest import DAYS
from ..batches import key_of
from ..models import ModerationSettings
from ..permissions import may_moderate
from ..policy import (
    HOLD_PERCENTS,
    LOWEST_SPAM_PERCENT,
    SPAM_PERCENTS,
    SettingsChanged,
    change,
)
from ..policy_backtest import GOOD, SPAM, backtest
from .policy_words import (
    describe,
    doubts_in_words,
    page_url,
    policy_name,
    shown,
    shown_number,
    thresholds_in_words,
)

# What can be typed into the two fields.
PERCENTS = {"hold_percent": HOLD_PERCENTS, "spam_percent": (LOWEST_SPAM_PERCENT, SPAM_PERCENTS[1])}
# Of all changes, so many are shown.
SHOWN_CHANGES = 10

POLICIES = ModerationSettings.Choice
MEANINGS = {
    POLICIES.HOLD: gettext_lazy("Every comment waits for a person, whoever wrote it."),
    POLICIES.KNOWN: gettext_lazy(
        "The staff, and writers known by an approved comment and by no declined one, are published if little "
        "speaks against the comment. Everybody else waits for a person."
    ),
    POLICIES.CLEAN: gettext_lazy("Everybody is published if little speaks against the comment."),
}


def _site_default():
    return _("The site’s default: %(policy)s") % {"policy": policy_name(settings.COMMENTS_POLICY)}


def _choice(name, meaning):
    return format_html("<b>{}</b> <span>{}</span>", name, meaning)


class PolicyForm(forms.ModelForm):
    """``trial``: what the settings would have done, where they were tried."""

    trial = None

    class Meta:
        model = ModerationSettings
        fields = ["policy", "hold_percent", "spam_percent"]

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        policy = self.fields["policy"]
        default = _choice(_site_default(), _("As the person who runs this site has set it."))
        policy.widget = forms.RadioSelect()
        policy.choices = [
            ("", default),
            *((each.value, _choice(each.label, MEANINGS[each])) for each in POLICIES),
        ]
        # What the database takes is wider than what words can reach today.
        self.fields["spam_percent"].validators.append(
            MinValueValidator(
                LOWEST_SPAM_PERCENT,
                _(
                    "The least is %(limit_value)s percent: below it words alone could put a comment into "
                    "spam, and no text should be put aside for its words alone."
                ),
            )
        )
        for name, (least, most) in PERCENTS.items():
            about = {"min": str(least), "max": str(most), "aria-describedby": f"about-{name}"}
            self.fields[name].widget.attrs |= about

    @property
    def chosen(self):
        return tuple(self.cleaned_data[name] for name in ModerationSettings.CHOSEN)

    def try_on(self, before, *, now):
        """Try the settings, and refuse those that can't be meant."""
        self.trial = trial = backtest(self.instance.as_in_force(), before.as_in_force(), now=now)
        if trial.would_bin_everything:
            self._refuse(
                _(
                    "This would put %(count)d of %(total)d approved comments of the last %(days)d days into "
                    "spam. Choose a higher percentage for spam."
                ),
                trial.after[GOOD].binned,
                trial.after[GOOD].total,
            )
        if trial.would_publish_everything:
            self._refuse(
                _(
                    "This would publish %(count)d of %(total)d spam comments of the last %(days)d days. "
                    "Choose another policy, or a lower percentage to hold."
                ),
                trial.after[SPAM].published,
                trial.after[SPAM].total,
            )

    def _refuse(self, sentence, count, total):
        self.add_error(
            None,
            ValidationError(
                sentence,
                code="matches_everything",
                params={"count": count, "total": total, "days": DAYS},
            ),
        )


@admin.register(ModerationSettings)
class ModerationSettingsAdmin(admin.ModelAdmin):
    """One page: the settings in force, a form, and the changes before."""

    class Media:
        css = {"all": ["moderation/blocklist.css", "moderation/policy.css"]}

    def has_view_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        page = self.admin_site.admin_view(self.changelist_view)
        return [path("", page, name="comments_moderationsettings_changelist")]

    def changelist_view(self, request, extra_context=None):
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.answer(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if "change" in request.GET:
            return self.show_change(request)
        latest = ModerationSettings.latest()
        return self.page(request, latest, filled_with(latest))

    def answer(self, request):
        """Try what was sent, and save it if that was asked for; nothing of somebody else's is overwritten."""
        is_tried = "_try" in request.POST
        if is_tried and not may_moderate(request.user):
            # A trial tells what is in comments.
            raise PermissionDenied
        now, latest = timezone.now(), ModerationSettings.latest()
        seen = key_of(request.POST.get("version", ""))
        form = PolicyForm(request.POST, instance=ModerationSettings())
        if not form.is_valid():
            return self.page(request, latest, form, seen=seen)
        if not is_tried and seen == latest.version and form.chosen == latest.chosen:
            self.message_user(request, _("Nothing was changed."), messages.INFO)
            return HttpResponseRedirect(page_url())
        form.try_on(latest, now=now)
        if is_tried or not form.is_valid():
            return self.page(request, latest, form, seen=seen, trial=form.trial)
        try:
            saved = change(form.chosen, seen=seen, by=request.user, now=now)
        except SettingsChanged:
            return self.page(request, ModerationSettings.latest(), form, seen=seen)
        doubts = doubts_in_words(form.trial)
        self.message_user(
            request,
            " ".join([_("Saved. From now on comments are judged by these settings."), *doubts]),
            messages.WARNING if doubts else messages.SUCCESS,
        )
        return HttpResponseRedirect(page_url(saved.version if may_moderate(request.user) else None))

    def show_change(self, request):
        """Show what one change would have made of the stored comments, beside the settings before it."""
        if not may_moderate(request.user):
            raise PermissionDenied
        version = key_of(request.GET["change"]) or 0
        pair = {row.version: row for row in with_their_predecessors([version])}
        if version not in pair:
            return HttpResponseRedirect(page_url())
        after, before = pair[version], pair.get(version - 1, ModerationSettings())
        trial = backtest(after.as_in_force(), before.as_in_force(), now=timezone.now())
        latest = ModerationSettings.latest()
        return self.page(request, latest, filled_with(latest), trial=trial, shown_change=after)

    def page(self, request, latest, form, *, seen=None, trial=None, shown_change=None):
        """Show the form. ``seen``: the version that the editor had before them, if they sent something."""
        changes = list(ModerationSettings.objects.select_related("changed_by")[: SHOWN_CHANGES + 1])
        before = {row.version + 1: row for row in changes}
        described = [
            describe(row, before.get(row.version, ModerationSettings())) for row in changes[:SHOWN_CHANGES]
        ]
        is_stale = request.method == "POST" and seen != latest.version
        shows_trial = trial is not None and may_moderate(request.user)
        context = self.admin_site.each_context(request) | {
            "title": _("Moderation settings"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "version": latest.version,
            "thresholds": thresholds_in_words(latest, form),
            "least": {name: shown_number(least) for name, (least, _most) in PERCENTS.items()},
            "most": {name: shown_number(most) for name, (_least, most) in PERCENTS.items()},
            "policy_in_force": policy_name(latest.as_in_force().policy),
            "stale": [each for each in described if each["version"] > (seen or 0)] if is_stale else [],
            "is_stale": is_stale,
            "changes": described,
            "has_more_changes": len(changes) > SHOWN_CHANGES,
            "may_try": may_moderate(request.user),
            "trial": shown(trial, shown_change) if shows_trial else None,
            "days": DAYS,
        }
        request.current_app = self.admin_site.name
        template = "admin/comments/moderationsettings/settings.html"
        return TemplateResponse(request, template, context)


def with_their_predecessors(versions):
    wanted = {number for version in versions for number in (version, version - 1)}
    return ModerationSettings.objects.select_related("changed_by").filter(version__in=wanted)


def filled_with(row):
    """Return the form with the settings of a row."""
    return PolicyForm(instance=ModerationSettings(**dict(zip(row.CHOSEN, row.chosen, strict=True))))
