"""How often each rule agreed with the editors, as a page."""

from dataclasses import dataclass

from django.core.cache import cache
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..agreement import ENOUGH, ENOUGH_OF_EACH, count_cases, decided, since_latest
from ..fragments import clock_time
from ..models import Decision

# The latest decisions of people that are counted.
LOOKED_AT = 20_000
KEPT_SECONDS = 600
KEY = "comments.agreement.1"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """All cases of one rule together.

    ``spoke``, ``agreed``: findings with points, and those whose sign was the person's word. ``missing``: on
    how many comments it could not run.
    """

    rule: str
    spoke: int
    agreed: int
    missing: int

    @property
    def name(self):
        return self.rule.replace("_", " ")

    @property
    def percent(self):
        return round(100 * self.agreed / self.spoke) if self.spoke else None


def agreement_page(request, site):
    now = timezone.now()
    counted = cache.get(KEY)
    if counted is None:
        counted = {"at": now, **count_rules()}
        cache.set(KEY, counted, KEPT_SECONDS)
    context = site.each_context(request) | counted
    context |= {
        "title": _("How often each rule agreed with you"),
        "opts": Decision._meta,
        "counted_at": clock_time(counted["at"]),
        "most": number_format(LOOKED_AT, force_grouping=True),
        "enough": ENOUGH,
        "enough_of_each": ENOUGH_OF_EACH,
        "is_nav_sidebar_enabled": False,
    }
    return TemplateResponse(request, "admin/comments/decision/agreement.html", context)


def count_rules():
    """Return the rules that have spoken, those that spoke most first, and of how many comments."""
    since = since_latest(LOOKED_AT)
    total = decided(since=since)
    rules = {}
    for case in count_cases(since=since) if total.is_enough else []:
        before = rules.get(case.rule, RuleCount(case.rule, 0, 0, 0))
        rules[case.rule] = RuleCount(
            case.rule,
            before.spoke + case.spoke * case.evaluated,
            before.agreed + case.agreed * case.evaluated,
            before.missing + (case.spam + case.good) * (not case.evaluated),
        )
    return {
        "total": total,
        "is_cut": since is not None,
        "rules": sorted(rules.values(), key=lambda each: (-each.spoke, each.rule)),
    }
