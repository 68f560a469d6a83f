"""Fits the weights of all rules and the words together on labelled archives, and writes their files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from comments import training
from comments.fitting import TooFew, fit_all, fit_rules
from comments.moderation.weights import DEFAULT, WEIGHTS_PATH, dump
from comments.moderation.words import MODEL_PATH, base_model, save


class Command(BaseCommand):
    # What they find fault with may be the very file that is made here.
    requires_system_checks = ()

    help = (
        "Fits the weights of all rules, and the words that the judge knows from the start, on labelled "
        "comments (JSON Lines; the format is in docs/moderation.md), and writes both. Takes minutes."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", type=training.archive)
        parser.add_argument("--output", type=Path, default=WEIGHTS_PATH, help="the file of weights")
        parser.add_argument("--words", type=Path, default=MODEL_PATH, help="the file of words")
        parser.add_argument(
            "--shipped-words",
            action="store_true",
            help=(
                "fit nothing but the weights, beside the shipped words: for comments that these were not "
                "fitted on, such as your own"
            ),
        )

    def handle(self, *, files, output, words, shipped_words, **options):
        shipped = base_model() if shipped_words else None
        background, prepared = training.read(
            files, background=shipped and shipped.background, report=self.stderr.write
        )
        about = training.describe(files, prepared)
        try:
            if shipped:
                weights = fit_rules(prepared, DEFAULT, words=shipped, about=about)
            else:
                model, weights = fit_all(prepared, background, DEFAULT, about=about)
        except TooFew as error:
            raise CommandError(str(error)) from error
        if not shipped:
            save(model, words)
            self.stdout.write(
                f"{words}: {len(model.steps):,} tokens, {len(background.shares):,} common words, "
                f"{words.stat().st_size:,} bytes."
            )
        output.write_text(dump(weights), encoding="utf-8")
        fitted = sum(
            weight.source == "fitted" for cases in weights.table.values() for weight in cases.values()
        )
        self.stdout.write(f"{output}: {fitted} weights fitted on {len(prepared):,} comments.")
