from django.core.management.base import BaseCommand
from django.db import transaction

from comments import learning
from comments.markup import SANITIZER_VERSION
from comments.models import Comment


class Command(BaseCommand):
    help = (
        "Make the HTML of comments anew from the text as typed: those made by an older sanitiser, or with "
        "--all every one, for instance after a change of the comment's template or of the language. The site "
        "may run meanwhile."
    )

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="also those this sanitiser has made")

    def handle(self, *, all, verbosity, **options):
        comments = Comment.objects.order_by("pk")
        if not all:
            comments = comments.exclude(sanitizer_version=SANITIZER_VERSION)
        looked_at = changed = 0
        # The ids at once: a cursor that stays open would keep SQLite from letting others write.
        for pk in list(comments.values_list("pk", flat=True)):
            with transaction.atomic():
                # Before the comment's row, as everybody does.
                learning.lock()
                comment = Comment.objects.select_for_update().filter(pk=pk).first()
                if comment is None:
                    continue
                before = comment.body_html, comment.fragment
                comment.resanitize()
            looked_at += 1
            if (comment.body_html, comment.fragment) != before:
                changed += 1
                if verbosity > 1:
                    self.stdout.write(f"comment {pk} looks different now")
        self.stdout.write(f"{looked_at} comments made anew, {changed} of them look different now.")
