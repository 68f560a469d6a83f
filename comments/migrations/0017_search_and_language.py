"""The language of each comment, and the index of all their words."""

from collections import defaultdict

from django.db import migrations, models

from comments import search_index
from comments.languages import language_of_html

CHUNK = 500


def tell_languages(apps, schema_editor):
    # With the code of the day: comments that come later are told by it, too.
    rows = apps.get_model("comments", "Comment").objects.order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last).values_list("pk", "body_html")[:CHUNK]):
        of_language = defaultdict(list)
        for pk, body_html in chunk:
            of_language[language_of_html(body_html)].append(pk)
        for language, pks in of_language.items():
            if language:
                rows.filter(pk__in=pks).update(language=language)
        last = chunk[-1][0]


def install(apps, schema_editor):
    search_index.install(schema_editor.connection)


def uninstall(apps, schema_editor):
    search_index.uninstall(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("comments", "0016_deletion")]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="language",
            field=models.CharField(blank=True, default="", editable=False, max_length=4, verbose_name="language"),
        ),
        migrations.RunPython(tell_languages, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["language", "-submitted_at", "-id"], name="comment_language"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["status", "language", "-submitted_at", "-id"], name="comment_language_queue"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                models.F("status"),
                models.F("language"),
                models.Func(models.F("spam_probability"), template="ABS(%(expressions)s - 0.5)"),
                models.F("submitted_at"),
                models.F("id"),
                name="comment_language_doubt",
            ),
        ),
        # The last, since SQLite loses triggers where a table is made anew.
        migrations.RunPython(install, uninstall),
    ]
