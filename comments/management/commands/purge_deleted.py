from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from comments.deletion import RetrainFirst, purge


class Command(BaseCommand):
    help = (
        "Remove for good the comments that were deleted more than 30 days ago, with all that is stored "
        "beside them; what they taught the filter stays. For cron, once a day. Without it the site does the "
        "same in passing, whenever somebody empties the spam or opens the history of batches."
    )

    def handle(self, **options):
        try:
            removed = purge(now=timezone.now())
        except RetrainFirst as error:
            raise CommandError(
                "What the site has learned is out of date: run manage.py retrain first."
            ) from error
        self.stdout.write(f"{removed} comments were removed for good.")
