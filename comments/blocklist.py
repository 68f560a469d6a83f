"""What editors do not want to read again, as rows. How it is found: ``moderation.rules.orders``."""

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from articles.fields import LineField

from .moderation.types import BlocklistEntry as EntryFacts


class BlocklistQuerySet(models.QuerySet):
    def in_force(self, *, now):
        """What judges comments at this time: all that has not expired."""
        return self.filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=now))

    def expired(self, *, now):
        return self.filter(expires_at__lte=now)


class BlocklistEntry(models.Model):
    """A word, domain or address that an editor does not want to read again."""

    class Kind(models.TextChoices):
        WORD = "word", _("Word or phrase")
        DOMAIN = "domain", _("Domain")
        ADDRESS = "address", _("Email address")
        NETWORK = "network", _("Network address")

    class Effect(models.TextChoices):
        HOLD = "hold", _("Hold for a person")
        SPAM = "spam", _("Mark as spam")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.WORD)
    text = LineField(
        _("text"),
        max_length=200,
        help_text=_(
            "A word or phrase is found as whole words only (“press” does not hit “WordPress”); "
            "a domain also covers what lies below it; an email address must be the whole address; "
            "a network is written like 192.0.2.0/24."
        ),
    )
    effect = models.CharField(_("effect"), max_length=10, choices=Effect, default=Effect.HOLD)
    note = LineField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    expires_at = models.DateTimeField(
        _("expires"),
        null=True,
        blank=True,
        help_text=_(
            "From then on the entry judges no comment. It stays in the list. Without a date it has no end."
        ),
    )

    objects = BlocklistQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "text"]
        verbose_name = _("blocklist entry")
        verbose_name_plural = _("blocklist")
        constraints = [
            models.UniqueConstraint(fields=["kind", "text"], name="blocklist_entry_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["word", "domain", "address", "network"], effect__in=["hold", "spam"]
                ),
                name="blocklist_entry_known",
            ),
        ]

    def __str__(self):
        return self.text

    def is_expired(self, *, now):
        return self.expires_at is not None and self.expires_at <= now

    def as_facts(self):
        """Return the entry as the rules take it."""
        return EntryFacts(kind=self.kind, text=self.text, effect=self.effect)


_IN_FORCE = (
    "SELECT kind, text, effect FROM comments_blocklistentry WHERE expires_at IS NULL OR expires_at > %s"
)


def facts_in_force(*, now):
    """Return the entries in force as the rules take them, by kind and text.

    Asked for each comment that is judged; to build the query takes Django several times as long as to ask.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [connection.ops.adapt_datetimefield_value(now)])
        rows = sorted(cursor.fetchall())
    return tuple(EntryFacts(kind=kind, text=text, effect=effect) for kind, text, effect in rows)
