from django.core.management.base import BaseCommand

from comments.markup import SANITIZER_VERSION
from comments.models import Comment


class Command(BaseCommand):
    help = (
        "Make the HTML of comments anew from the text as typed: those made by an older sanitiser, or with "
        "--all every one, for instance after a change of the comment's template or of the language."
    )

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="also those this sanitiser has made")

    def handle(self, *, all, verbosity, **options):
        comments = Comment.objects.select_related("article").order_by("pk")
        if not all:
            comments = comments.exclude(sanitizer_version=SANITIZER_VERSION)
        looked_at = changed = 0
        for comment in comments.iterator(chunk_size=500):
            before = comment.body_html, comment.fragment
            comment.resanitize()
            looked_at += 1
            if (comment.body_html, comment.fragment) != before:
                changed += 1
                if verbosity > 1:
                    self.stdout.write(f"comment {comment.pk} looks different now")
        self.stdout.write(f"{looked_at} comments made anew, {changed} of them look different now.")
