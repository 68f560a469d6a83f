import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from comments.markup import plain_text
from comments.moderation.types import Outcome
from comments.second_look import sweep
from comments.sweeping import record_sweep, take_in, what_is_known

EXCERPT_LENGTH = 80


class Command(BaseCommand):
    help = (
        "Judge again what is published, by today's rules and with all that is known today, and list what has "
        "turned: what nobody has looked at and would be held or spam now, and what a person approved and is "
        "spam now. The desk shows the same as published, now doubtful. Moves nothing; editors do."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--days", type=int, default=90, metavar="N", help="how far back to look, by submission (90)"
        )
        parser.add_argument(
            "--all",
            action="store_true",
            help="list all that would be held or spam now, even where a person approved or kept it knowingly",
        )
        parser.add_argument("--limit", type=int, metavar="N", help="stop when so many are listed")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *, days, all, limit, json, **options):
        if not 1 <= days <= 36_500:
            raise CommandError("--days takes 1 to 36500.")
        if limit is not None and limit < 1:
            raise CommandError("--limit takes 1 or more.")
        looked_at = held = spam = incomplete = 0
        began_at = timezone.now()
        known = what_is_known(now=began_at)
        for comparison in sweep(days=days, now=began_at):
            looked_at += 1
            incomplete += not comparison.after.is_complete
            is_doubtful = take_in(comparison, now=began_at)
            if not (is_doubtful or (all and comparison.speaks_against)):
                continue
            self.stdout.write(as_json(comparison) if json else in_one_line(comparison))
            held += comparison.evidence is Outcome.HOLD
            spam += comparison.evidence is Outcome.SPAM
            if held + spam == limit:
                break
        else:
            if days >= settings.COMMENTS_SWEEP_DAYS:
                record_sweep(
                    began_at=began_at, finished_at=timezone.now(), known=known, days=days, looked=looked_at
                )
        if json:
            return
        self.stdout.write(
            f"{looked_at} published comments of the last {days} days judged again; {held + spam} listed: "
            f"{held} would be held now, {spam} would be spam. Nothing was moved."
        )
        if incomplete:
            self.stdout.write(
                f"{incomplete} could not be judged by every rule; that alone puts none on the list."
            )


def in_one_line(comparison):
    comment, before = comparison.comment, comparison.before
    then = percent(before.probability) if before else "not judged"
    reasons = "; ".join(f"{finding.points:+.0f} {finding.detail}" for finding in comparison.weightiest)
    return "  ".join(
        [
            f"{then} → {percent(comparison.after.probability)}",
            str(comparison.evidence),
            str(comment.pk),
            permalink(comment),
            f"{printable(comment.author_name, EXCERPT_LENGTH)}: “{excerpt(comment)}”",
            f"[{printable(reasons)}]",
        ]
    )


def as_json(comparison):
    """One line for programs. Points are decibans; what a comment lacks is null."""
    comment, before, after = comparison.comment, comparison.before, comparison.after
    return json.dumps(
        {
            "id": comment.pk,
            "address": permalink(comment),
            "name": comment.author_name,
            "excerpt": excerpt(comment),
            "submitted_at": comment.submitted_at.isoformat(),
            "turned": comparison.turned,
            "approved_by_person": comparison.approved_by_person,
            "before": before
            and {
                "outcome": before.outcome,
                "probability": before.probability,
                "points": before.points,
                "rules_version": before.rules_version,
            },
            "after": {
                "outcome": comparison.evidence,
                "probability": after.probability,
                "points": after.points,
                "rules_version": after.rules_version,
                "complete": after.is_complete,
            },
            "findings": [said(finding) for finding in after.findings],
            "changes": [
                {
                    "rule": change.rule,
                    "shift": change.shift,
                    "before": said(change.before),
                    "after": said(change.after),
                }
                for change in comparison.changes
            ],
        },
        ensure_ascii=False,
    )


def said(finding):
    """What a rule said, stored or new; None where it said nothing."""
    return finding and {
        "rule": finding.rule,
        "case": finding.case,
        "points": finding.points,
        "detail": finding.detail,
        "evaluated": finding.evaluated,
    }


def permalink(comment):
    return settings.SITE_URL + comment.get_absolute_url()


def excerpt(comment):
    return printable(plain_text(comment.body_html), EXCERPT_LENGTH)


def percent(probability):
    return f"{probability * 100:.0f} %"


def printable(text, length=None):
    """Put strangers' words on one line, without what a terminal would obey or hide."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if length is None or len(line) <= length else f"{line[: length - 1]}…"
