"""Two groups to put people in: Moderators, who decide on comments, and Editors, who also write."""

from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

MODERATORS = [
    ("comments", "moderate_comment"),
    ("comments", "view_comment"),
    ("comments", "view_blocklistentry"),
    ("articles", "view_article"),
    ("articles", "view_revision"),
]
EDITORS = [
    *MODERATORS,
    *(
        (app, f"{action}_{model}")
        for app, model in [
            ("articles", "article"),
            ("articles", "author"),
            ("articles", "category"),
            ("articles", "tag"),
            ("comments", "blocklistentry"),
        ]
        for action in ("view", "add", "change", "delete")
    ),
]


def make_groups(apps, schema_editor):
    # Permissions are otherwise made after all migrations; these groups need them now.
    for label in ("articles", "comments"):
        create_permissions(installed_apps.get_app_config(label), apps=apps, verbosity=0, using=schema_editor.connection.alias)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, wanted in [("Moderators", MODERATORS), ("Editors", EDITORS)]:
        group, _created = Group.objects.get_or_create(name=name)
        for app, codename in wanted:
            group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0001_initial"),
        ("comments", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # The groups stay when the migration is undone: people may be in them.
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
