"""Fits the base model of words on labelled archives, and writes its one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from comments import training
from comments.fitting import TooFew, fit_words
from comments.moderation.words import MODEL_PATH, save


class Command(BaseCommand):
    # What they find fault with may be the very file that is made here.
    requires_system_checks = ()

    help = (
        "Fits the words that the judge knows from the start on labelled comments (JSON Lines; the format is "
        "in docs/moderation.md). Takes minutes. Run fit_rules with the same files afterwards."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", type=training.archive)
        parser.add_argument("--output", type=Path, default=MODEL_PATH)

    def handle(self, *, files, output, **options):
        background, prepared = training.read(files, report=self.stderr.write)
        try:
            model = fit_words(prepared, background, about=training.describe(files, prepared))
        except TooFew as error:
            raise CommandError(str(error)) from error
        save(model, output)
        self.stdout.write(
            f"{output}: {len(model.steps):,} tokens, {len(background.shares):,} common words, "
            f"{output.stat().st_size:,} bytes."
        )
