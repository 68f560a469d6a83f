from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from comments import opinions
from comments.akismet import AkismetError
from comments.models import OpinionTask


class Command(BaseCommand):
    help = (
        "Send Akismet what is due: questions about held comments, and corrections. The site does so by "
        "itself; this is for cron, or by hand after something went wrong."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--verify-key", action="store_true", help="only ask whether the key is good for this site"
        )

    def handle(self, *, verify_key, **options):
        client = opinions.make_client()
        if client is None:
            raise CommandError("AKISMET_KEY is not set, so nothing is sent.")
        if verify_key:
            self.verify(client)
            return
        sendings = opinions.drain(client=client)
        for sending in sendings:
            self.stdout.write(f"comment {sending.comment_id}: {sending}")
        later = OpinionTask.objects.filter(due_at__gt=timezone.now()).count()
        self.stdout.write(f"{len(sendings)} sent, {later} to be tried later.")

    def verify(self, client):
        try:
            good = client.verify_key()
        except AkismetError as error:
            raise CommandError(f"Akismet could not be asked: {error}.") from error
        if not good:
            raise CommandError(f"Akismet does not take this key for {settings.SITE_URL}.")
        self.stdout.write(f"Akismet takes this key for {settings.SITE_URL}.")
