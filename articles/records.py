"""Rows that tell what was: written once, never changed."""

from django.db import models


class Record(models.Model):
    """A row that can be added and read, not rewritten. Raises ValueError on the attempt."""

    class Meta:
        abstract = True

    def save(self, **kwargs):
        if not self._state.adding:
            raise ValueError(f"A {self._meta.verbose_name} is written once, never rewritten.")
        super().save(**kwargs)
