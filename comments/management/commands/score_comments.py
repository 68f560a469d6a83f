import json
import sys
from contextlib import nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from comments.archive import BrokenRow, read_rows
from comments.models import Comment
from comments.moderation.pipeline import POLICIES
from comments.rehearsal import judge_row, site_in_memory


class Command(BaseCommand):
    help = (
        "Judge the comments of an archive as this site would if they came to it, and store nothing. Reads "
        "one JSON object a line and answers each at once with one on standard output; what can't be read is "
        "named on standard error. docs/moderation.md describes both."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "file", nargs="?", default="-", metavar="FILE", help="JSON Lines; without, or -: standard input"
        )
        parser.add_argument(
            "--policy", choices=POLICIES, help="judge under this policy instead of the site's own"
        )

    def handle(self, *, file, policy, **options):
        read = broken = 0
        with self.opened(file) as stream, nullcontext() if site_is_there() else site_in_memory():
            for row in read_rows(stream, labelled=False):
                if isinstance(row, BrokenRow):
                    broken += 1
                    self.stderr.write(str(row))
                    continue
                read += 1
                self.answer(row, policy)
        if broken:
            self.stderr.write(f"Rows: {read:,} answered, {broken:,} broken.")

    def opened(self, file):
        if file == "-":
            return nullcontext(sys.stdin.buffer)
        try:
            return Path(file).open("rb")
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from error

    def answer(self, row, policy):
        verdict = judge_row(row, policy=policy, now=timezone.now())
        answer = {
            "id": row.id,
            "verdict": verdict.outcome,
            "probability": verdict.probability,
            "findings": [
                {
                    "rule": finding.rule,
                    "case": finding.case,
                    "points": finding.points,
                    "detail": finding.detail,
                    "evaluated": finding.evaluated,
                }
                for finding in verdict.findings
            ],
        }
        # In ASCII, so that it can be written wherever it is led to.
        self.stdout.write(json.dumps(answer))
        # Whoever asked may be waiting before they ask again.
        self.stdout.flush()


def site_is_there():
    """Whether this site has a database with tables yet; looking for one doesn't make it."""
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        file = Path(connection.settings_dict["NAME"])
        if not file.exists():
            return False
    return Comment._meta.db_table in connection.introspection.table_names()
