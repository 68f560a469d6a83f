from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")

    def ready(self):
        from . import (
            checks,  # noqa: F401 - registers the system checks
            search_index,
        )

        post_migrate.connect(search_index.repair, sender=self)
