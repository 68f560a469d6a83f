from django.core.management.base import BaseCommand, CommandError

from comments.retraining import retrain


class Command(BaseCommand):
    help = (
        "Make what the site has learned anew from the decisions of its editors alone, and say whether the "
        "numbers changed. The site may run meanwhile. Needed where decisions were made before there was a "
        "learner, and after an update that reads words in another way; otherwise nothing changes."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help="only compare: change nothing, exit 1 if the numbers differ"
        )

    def handle(self, *, check, verbosity, **options):
        def tell(done, total):
            if verbosity > 1:
                self.stdout.write(f"{done} of {total} lessons read")

        result = retrain(check=check, progress=tell)
        self.stdout.write(
            f"lessons: {result.lessons_before} before, {result.lessons} after\n"
            f"words:   {result.words_before} before, {result.words} after"
        )
        if result.kept:
            self.stdout.write(f"kept:    {result.kept} lessons of comments that were deleted for good")
        if result.forgotten:
            self.stdout.write(
                f"lost:    {result.forgotten} lessons of comments that were deleted for good, since words "
                "are read in another way now"
            )
        if not result.changed:
            self.stdout.write("The numbers are the same.")
        elif check:
            raise CommandError("The stored numbers are not those that the decisions give.", returncode=1)
        else:
            self.stdout.write("The numbers have changed.")
