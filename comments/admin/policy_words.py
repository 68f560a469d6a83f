"""The moderation settings, a change of them, and a trial of them, as editors read them."""

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..backtest import DAYS
from ..fragments import comment_time
from ..models import Comment, ModerationSettings
from ..moderation.pipeline import SHIPPED
from ..policy import percent_of, points_of
from ..policy_backtest import GOOD, SPAM
from .blocklist import example


def page_url(version=None):
    url = reverse("admin:comments_moderationsettings_changelist")
    return f"{url}?change={version}" if version else url


def policy_name(policy):
    """Return a policy as editors read it; what the environment says and nobody knows, as it is."""
    return str(
        ModerationSettings.Choice(policy).label if policy in ModerationSettings.Choice.values else policy
    )


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
