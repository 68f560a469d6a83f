"""The rows that articles are found by. ``search_index.py`` writes them, ``search.py`` reads them."""

from django.db import models

from .words import LONGEST_WORD


class SearchEntry(models.Model):
    """That an article is in the index, and in which language its words were cut down to stems.

    Rows of the index belong to their article, but neither the database nor the admin needs to know: what is
    left of an article that is gone is found by nobody.
    """

    article = models.OneToOneField(
        "articles.Article",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="+",
    )
    language = models.CharField(max_length=8, db_index=True)

    def __str__(self):
        return f"{self.article_id} ({self.language})"


class SearchTerm(models.Model):
    """That a stem is in an article. ``weight``: by where it stands and how often, in hundredths."""

    pk = models.CompositePrimaryKey("stem", "article_id")
    stem = models.CharField(max_length=LONGEST_WORD)
    article = models.ForeignKey(
        "articles.Article", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    weight = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.stem} ({self.article_id})"


class SearchSpelling(models.Model):
    """A word that some article has had, under each of its ``slips``: how a mistyped one leads to it."""

    pk = models.CompositePrimaryKey("slip", "word")
    slip = models.CharField(max_length=LONGEST_WORD)
    word = models.CharField(max_length=LONGEST_WORD)

    def __str__(self):
        return self.word
