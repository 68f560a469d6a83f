"""Traces of the comments that are there already, and what editors may choose."""

from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from comments.markup import links_in, plain_text
from comments.moderation.traces import traces

CHUNK = 500


def make_traces(apps, schema_editor):
    # With the code of the day, not of the day this was written: only marks made alike meet.
    Comment = apps.get_model("comments", "Comment")
    CommentTrace = apps.get_model("comments", "CommentTrace")
    rows = Comment.objects.order_by("pk").only("author_name", "author_url", "body_html", "submitted_at")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        CommentTrace.objects.bulk_create(
            CommentTrace(comment=comment, kind=trace.kind, digest=trace.digest, submitted_at=comment.submitted_at)
            for comment in chunk
            for trace in traces(
                author_name=comment.author_name,
                author_url=comment.author_url,
                text=plain_text(comment.body_html),
                links=links_in(comment.body_html),
            )
        )
        last = chunk[-1].pk


def let_editors_choose(apps, schema_editor):
    # Permissions are otherwise made after all migrations; the group needs these now.
    create_permissions(
        installed_apps.get_app_config("comments"), apps=apps, verbosity=0, using=schema_editor.connection.alias
    )
    editors = apps.get_model("auth", "Group").objects.filter(name="Editors").first()
    if editors:
        chosen = apps.get_model("auth", "Permission").objects.filter(
            content_type__app_label="comments",
            codename__in=["view_akismetfields", "add_akismetfields", "change_akismetfields"],
        )
        editors.permissions.add(*chosen)


class Migration(migrations.Migration):
    dependencies = [("comments", "0003_judging")]

    operations = [
        migrations.RunPython(make_traces, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(let_editors_choose, migrations.RunPython.noop),
    ]
