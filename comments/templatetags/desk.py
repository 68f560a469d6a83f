"""The dashboard of the desk, for the admin's first page."""

from dataclasses import dataclass
from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import charts
from ..dashboard import COUNTED, WEEKS, board

register = template.Library()

# For each chart: a name, what it counts, and how it is drawn.
CHARTS = {
    "caught": (
        gettext_lazy("Spam caught"),
        gettext_lazy("put into spam by the filter, and no person took it out"),
    ),
    "missed": (
        gettext_lazy("Spam missed"),
        gettext_lazy("published by the filter, then marked as spam by a person"),
    ),
    "false_alarms": (
        gettext_lazy("False alarms"),
        gettext_lazy("put into spam by the filter, then approved by a person"),
    ),
    "held_good": (
        gettext_lazy("Held, then approved"),
        gettext_lazy("held by the filter, then approved by a person"),
    ),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """``latest``: what the running week came to so far; ``line``: empty for
    a chart of bars; ``top``: what fills its height.
    """

    name: str
    title: str
    meaning: str
    latest: str
    summary: str
    top: str
    is_empty: bool
    marks: list
    line: str = ""


@register.inclusion_tag("admin/comments/dashboard/board.html")
def dashboard():
    """Show what waits and the last weeks. For moderators only: that is for the template to ask."""
    now = timezone.now()
    shown = board(now=now)
    weeks = shown.weeks
    latest = shown.latest_median
    return {
        "board": shown,
        "waiting": number_format(min(shown.waiting, COUNTED), force_grouping=True)
        + "+" * (shown.waiting > COUNTED),
        "oldest_age": timesince(shown.oldest.submitted_at, now, depth=1) if shown.oldest else "",
        "median": duration(latest.figures.median_seconds) if latest else "",
        "median_of": week_name(latest) if latest else "",
        "charts": [*(bar_chart(name, weeks) for name in CHARTS), median_chart(weeks)],
        "weeks": [(week_name(week), table_row(week)) for week in reversed(weeks)],
        "number_of_weeks": WEEKS,
        "first_week": short_day(weeks[0].starts),
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
    }


def bar_chart(name, weeks):
    title, meaning = CHARTS[name]
    values = [getattr(week.figures, name) for week in weeks]
    shown = [number_format(value, force_grouping=True) for value in values]
    total = sum(values)
    return Chart(
        name=name,
        title=title,
        meaning=meaning,
        latest=shown[-1],
        summary=ngettext(
            "%(total)s in %(weeks)d weeks; %(latest)s in this week so far, at most %(most)s in a week.",
            "%(total)s in %(weeks)d weeks; %(latest)s in this week so far, at most %(most)s in a week.",
            total,
        )
        % {
            "total": number_format(total, force_grouping=True),
            "weeks": len(weeks),
            "latest": shown[-1],
            "most": number_format(max(values), force_grouping=True),
        },
        top=number_format(charts.top(values), force_grouping=True),
        is_empty=not total,
        marks=charts.bars(values, labels(weeks, shown)),
    )


def median_chart(weeks):
    values = [week.figures.median_seconds for week in weeks]
    shown = ["" if value is None else duration(value) for value in values]
    known = [value for value in values if value is not None]
    marks = charts.dots(values, labels(weeks, shown))
    most = duration(max(known)) if known else ""
    return Chart(
        name="median",
        title=_("Median time to a decision"),
        meaning=_("from the writer’s click to a person’s first decision, of what was held"),
        latest=duration(values[-1], depth=1) if shown[-1] else "–",
        summary=_("From %(least)s to %(most)s in %(weeks)d weeks.")
        % {"least": duration(min(known)), "most": most, "weeks": len(weeks)}
        if known
        else "",
        top=most,
        is_empty=not known,
        marks=marks,
        line=charts.path(marks),
    )


def table_row(week):
    figures = week.figures
    numbers = [number_format(getattr(figures, name), force_grouping=True) for name in CHARTS]
    return [*numbers, "–" if figures.median_seconds is None else duration(figures.median_seconds)]


def labels(weeks, shown):
    return [
        _("%(week)s: %(value)s") % {"week": week_name(week), "value": value}
        for week, value in zip(weeks, shown, strict=True)
    ]


def week_name(week):
    if week.is_running:
        return _("this week")
    ends = week.starts + timedelta(days=6)
    return _("%(first)s to %(last)s") % {"first": short_day(week.starts), "last": short_day(ends)}


def short_day(day):
    return date_format(day, "MONTH_DAY_FORMAT")


def duration(seconds, *, depth=2):
    """Say how long something took, in so many units at most: “2 hours, 10 minutes”."""
    if seconds < 60:
        return _("less than a minute")
    now = timezone.now()
    return timesince(now - timedelta(seconds=seconds), now, depth=depth)
