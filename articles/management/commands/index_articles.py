"""Makes the index of the articles' words anew."""

from django.core.management.base import BaseCommand

from articles.search_index import rebuild


class Command(BaseCommand):
    help = (
        "Make the search's index anew from all articles: after a change of LANGUAGE_CODE, after an update "
        "that says so, or where articles were written past the site. Readers can search meanwhile."
    )

    def handle(self, **options):
        self.stdout.write(f"{rebuild()} articles are in the index.")
