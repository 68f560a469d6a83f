import json
from dataclasses import asdict
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from comments.agreement import (
    ENOUGH,
    ENOUGH_OF_EACH,
    calibration_error,
    count_cases,
    decided,
    reliability,
)

HEAD = (
    f"{'rule':<22} {'case':<18} {'points':>7}  {'on spam':>14}  {'on good':>14}"
    f"  {'shares say':>10} {'agreed':>6}"
)


class Command(BaseCommand):
    help = (
        "Tell how far the rules agreed with this site's people: how often each case of each rule was seen on "
        "spam and on good comments, what these shares would weigh, and whether of the comments said to be "
        "90 % spam nine in ten were. Counts each comment by the last decision of a person on it: approved or "
        "spam. Trash is not counted, nor what the system decided."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--days", type=int, metavar="N", help="only decisions of the last N days; without, all"
        )
        parser.add_argument("--json", action="store_true", help="everything as one JSON object")

    def handle(self, *, days, json, **options):
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("--days takes 1 to 36500.")
        since = timezone.now() - timedelta(days=days) if days else None
        total = decided(since=since)
        if json:
            self.stdout.write(as_json(total, since))
            return
        self.stdout.write(
            f"People decided on {total.total} comments{f' in the last {days} days' if days else ''}: "
            f"{total.good} good, {total.spam} spam. Trash is not counted: it says neither."
        )
        if not total.is_enough:
            self.stdout.write(
                f"That is too few to say anything: it takes {ENOUGH}, with {ENOUGH_OF_EACH} of each kind. "
                "--json gives the bare counts."
            )
            return
        self.write_cases(count_cases(since=since))
        self.write_reliability(reliability(since=since))

    def write_cases(self, cases):
        self.stdout.write(f"\n{HEAD}")
        above = None
        for case in cases:
            self.stdout.write(case_line(case, rule="" if case.rule == above else case.rule))
            above = case.rule
        self.stdout.write(
            "\npoints: in force; ~ the mean of what was given, where there is no fixed number."
            "\nshares say: 10·log10 of share on spam by share on good comments, each count plus one half."
            "\nagreed: how often the sign of the points alone was the person's word."
        )

    def write_reliability(self, bins):
        self.stdout.write(f"\n{'said to be spam':<16} {'comments':>8} {'said':>6} {'were':>6}")
        for each in bins:
            label = f"{each.low * 100:.0f} to {each.high * 100:.0f} %"
            self.stdout.write(
                f"{label:<16} {each.comments:>8} {percent(each.mean_probability)} {percent(each.spam_share)}"
            )
        error = calibration_error(bins)
        if error is not None:
            self.stdout.write(f"\nExpected calibration error: {error:.3f}")


def case_line(case, *, rule):
    agreed = percent(case.agreed / case.spoke) if case.spoke else "–".rjust(6)
    return (
        f"{shortened(rule, 22):<22} {shortened(name_of(case), 18):<18} {points_of(case):>7}"
        f"  {case.spam:>7} {percent(case.spam_share)}  {case.good:>7} {percent(case.good_share)}"
        f"  {case.decibans:>+10.1f} {agreed}"
    )


def name_of(case):
    return (case.case or "–") if case.evaluated else "not evaluated"


def points_of(case):
    if not case.evaluated:
        return "–"
    return f"{case.points:+.1f}" if case.points is not None else f"~{case.given:+.1f}"


def shortened(text, length):
    return text if len(text) <= length else f"{text[: length - 1]}…"


def percent(share):
    """Six characters wide: shares below 10 % to a tenth, since weights hang on the small ones."""
    return f"{share * 100:.1f} %".rjust(6) if share < 0.0995 else f"{share * 100:.0f} %".rjust(6)


def as_json(total, since):
    bins = reliability(since=since)
    return json.dumps(
        {
            "good": total.good,
            "spam": total.spam,
            "enough": total.is_enough,
            "cases": [asdict(case) for case in count_cases(since=since)],
            "reliability": [{**asdict(each), "spam_share": each.spam_share} for each in bins],
            "calibration_error": calibration_error(bins),
        },
        ensure_ascii=False,
    )
