"""Fits the weights of all rules together on labelled archives, and writes the readable file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from comments import training
from comments.fitting import TooFew, fit_rules
from comments.moderation.weights import DEFAULT, WEIGHTS_PATH, dump
from comments.moderation.words import base_model


class Command(BaseCommand):
    # What they find fault with may be the very file that is made here.
    requires_system_checks = ()

    help = (
        "Fits the weights of all rules together on labelled comments (JSON Lines; the format is in "
        "docs/moderation.md) and writes them with their hit rates. Takes minutes."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", type=training.archive)
        parser.add_argument("--output", type=Path, default=WEIGHTS_PATH)
        parser.add_argument(
            "--shipped-words",
            action="store_true",
            help=(
                "let the shipped words judge: for comments they were not fitted on, such as your own. "
                "Without it the words of each source are judged by what was fitted on the others."
            ),
        )

    def handle(self, *, files, output, shipped_words, **options):
        words = base_model() if shipped_words else None
        background, prepared = training.read(
            files, background=words and words.background, report=self.stderr.write
        )
        try:
            weights = fit_rules(
                prepared, background, DEFAULT, words=words, about=training.describe(files, prepared)
            )
        except TooFew as error:
            raise CommandError(str(error)) from error
        output.write_text(dump(weights), encoding="utf-8")
        fitted = sum(
            weight.source == "fitted" for cases in weights.table.values() for weight in cases.values()
        )
        self.stdout.write(f"{output}: {fitted} weights fitted on {len(prepared):,} comments.")
