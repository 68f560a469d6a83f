"""The page on which editors choose what the filter may do by itself, tried before it is saved."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MinValueValidator
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..backtest import DAYS
from ..batches import key_of
from ..fragments import comment_time
from ..models import Comment, ModerationSettings
from ..moderation.pipeline import SHIPPED
from ..policy import (
    HOLD_PERCENTS,
    LOWEST_SPAM_PERCENT,
    SPAM_PERCENTS,
    SettingsChanged,
    change,
    percent_of,
    points_of,
)
from ..policy_backtest import GOOD, SPAM, backtest
from .blocklist import example, may_moderate

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


def policy_name(policy):
    """Return a policy as editors read it; what the environment says and nobody knows, as it is."""
    return str(POLICIES(policy).label if policy in POLICIES.values else policy)


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
        if is_tried and not may_moderate(request):
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
        return HttpResponseRedirect(page_url(saved.version if may_moderate(request) else None))

    def show_change(self, request):
        """Show what one change would have made of the stored comments, beside the settings before it."""
        if not may_moderate(request):
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
        shows_trial = trial is not None and may_moderate(request)
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
            "may_try": may_moderate(request),
            "trial": shown(trial, shown_change) if shows_trial else None,
            "days": DAYS,
        }
        request.current_app = self.admin_site.name
        template = "admin/comments/moderationsettings/settings.html"
        return TemplateResponse(request, template, context)


def page_url(version=None):
    url = reverse("admin:comments_moderationsettings_changelist")
    return f"{url}?change={version}" if version else url


def with_their_predecessors(versions):
    wanted = {number for version in versions for number in (version, version - 1)}
    return ModerationSettings.objects.select_related("changed_by").filter(version__in=wanted)


def filled_with(row):
    """Return the form with the settings of a row."""
    return PolicyForm(instance=ModerationSettings(**dict(zip(row.CHOSEN, row.chosen, strict=True))))


def describe(row, before):
    """Say what a change changed, one sentence for each setting."""
    parts = []
    if row.policy != before.policy:
        parts.append(
            _("Policy: from “%(before)s” to “%(after)s”.")
            % {"before": policy_in_words(before.policy), "after": policy_in_words(row.policy)}
        )
    sentences = {
        "hold_percent": (_("Held: from %(before)s to %(after)s."), SHIPPED.hold_at),
        "spam_percent": (_("Spam: from %(before)s to %(after)s."), SHIPPED.spam_at),
    }
    for name, (sentence, default) in sentences.items():
        old, new = getattr(before, name), getattr(row, name)
        if old != new:
            parts.append(
                sentence
                % {"before": threshold_in_words(old, default), "after": threshold_in_words(new, default)}
            )
    return {
        "version": row.version,
        "who": row.changed_by,
        "changed_at": row.changed_at,
        "when": comment_time(row.changed_at),
        "parts": parts,
        "url": page_url(row.version),
    }


def policy_in_words(policy):
    return policy_name(policy) if policy else _("the site’s default")


def threshold_in_words(percent, default):
    """Return a threshold in percent and in points. ``percent``: None for the default, in decibans."""
    if percent is None:
        return _("the site’s default, %(percent)s %% (%(points)s points)") % {
            "percent": shown_number(percent_of(default)),
            "points": shown_number(default, signed=True),
        }
    return _("%(percent)s %% (%(points)s points)") % {
        "percent": shown_number(percent),
        "points": shown_number(points_of(percent), signed=True),
    }


def shown_number(number, *, signed=False):
    """Return a number to two places at most, points with their sign."""
    number = round(float(number), 2)
    places = next(places for places in (0, 1, 2) if round(number, places) == number)
    text = number_format(abs(number), places)
    if not signed or not number:
        return text
    return f"{'−' if number < 0 else '+'}{text}"


def thresholds_in_words(latest, form):
    """Return by field what is in force, and what was entered where that is something else."""
    found = {}
    for name, default in (("hold_percent", SHIPPED.hold_at), ("spam_percent", SHIPPED.spam_at)):
        now = getattr(latest, name)
        lines = [_("In force: %(threshold)s.") % {"threshold": threshold_in_words(now, default)}]
        if form.is_bound and name not in form.errors and form.cleaned_data.get(name) != now:
            entered = threshold_in_words(form.cleaned_data.get(name), default)
            lines.append(_("You entered: %(threshold)s.") % {"threshold": entered})
        found[name] = lines
    return found


ROWS = (
    (SPAM, gettext_lazy("Spam")),
    (GOOD, gettext_lazy("Approved")),
    (Comment.Status.PENDING, gettext_lazy("Waiting")),
    (Comment.Status.TRASH, gettext_lazy("In the trash")),
)


def shown(trial, shown_change=None):
    """Return a trial as the template shows it. ``shown_change``: where it was saved already, else None."""
    return {
        "days": DAYS,
        "change": shown_change and describe_time(shown_change),
        "rows": [(label, trial.after[status].total, cells(trial, status)) for status, label in ROWS],
        "conclusion": doubts_in_words(trial) or [_all_well(trial)],
        "is_doubtful": trial.bins_more_good or trial.publishes_more_spam,
        "examples": [
            (heading, len(comments) < count, [example(comment) for comment in comments])
            for heading, count, comments in [
                (
                    _("Approved comments that would be put into spam"),
                    trial.after[GOOD].binned,
                    trial.good_binned,
                ),
                (_("Spam that would be published"), trial.after[SPAM].published, trial.spam_published),
            ]
            if comments
        ],
        "total": trial.total,
        "never_judged": trial.never_judged,
        "is_cut_short": trial.is_cut_short,
        "is_saved": shown_change is not None,
    }


def describe_time(row):
    return {"number": row.version, "who": row.changed_by, "when": comment_time(row.changed_at)}


def cells(trial, status):
    """Return for published, held and spam: the count, the count before, and whether it is worse now."""
    before, after = trial.before[status], trial.after[status]
    return [
        (after.published, before.published, status == SPAM and trial.publishes_more_spam),
        (after.held, before.held, False),
        (after.binned, before.binned, status == GOOD and trial.bins_more_good),
    ]


def doubts_in_words(trial):
    """Return a sentence for each thing that would be worse than before."""
    sentences = []
    if trial.bins_more_good:
        count = trial.after[GOOD].binned
        sentences.append(
            ngettext(
                "%(count)d approved comment of the last %(days)d days would have been put into spam, "
                "%(before)d by the settings before.",
                "%(count)d approved comments of the last %(days)d days would have been put into spam, "
                "%(before)d by the settings before.",
                count,
            )
            % {"count": count, "days": DAYS, "before": trial.before[GOOD].binned}
        )
    if trial.publishes_more_spam:
        count = trial.after[SPAM].published
        sentences.append(
            ngettext(
                "%(count)d spam comment of the last %(days)d days would have been published, %(before)d by "
                "the settings before.",
                "%(count)d spam comments of the last %(days)d days would have been published, %(before)d by "
                "the settings before.",
                count,
            )
            % {"count": count, "days": DAYS, "before": trial.before[SPAM].published}
        )
    return sentences


def _all_well(trial):
    if not trial.total:
        return _("There are no judged comments of these days to try it on.")
    if trial.after == trial.before:
        return _("Every comment would have gone the same way.")
    return _("No more approved comments would be put into spam, and no more spam published.")
