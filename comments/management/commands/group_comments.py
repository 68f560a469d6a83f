from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from comments.campaigns import group_stored
from comments.models import Comment


class Command(BaseCommand):
    help = (
        "Find stored comments that are like each other and group them, as is done with each new one. Needed "
        "once for comments from before there were groups. The site may run meanwhile; what was broken off is "
        "taken up by calling it again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, help="only comments of the last so many days")

    def handle(self, *, days, verbosity, **options):
        before = Comment.objects.exclude(campaign=None).count()

        def progress(done):
            if verbosity > 1:
                self.stdout.write(f"{done:,} looked at")

        since = timezone.now() - timedelta(days=days) if days is not None else None
        looked_at = group_stored(since=since, progress=progress)
        grouped = Comment.objects.exclude(campaign=None).count() - before
        self.stdout.write(f"{looked_at:,} comments looked at, {grouped:,} of them grouped.")
