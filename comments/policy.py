"""What the filter may do without a person: the settings that editors choose, as rows.

Each change is a row of its own, never rewritten; the newest is in force. So the history cannot differ from
what was in force, and of two editors who change the same version the database takes one.
"""

import math
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.records import Record

from .moderation.pipeline import PRIOR, SHIPPED, Thresholds, probability
from .moderation.rules.learned import CAP
from .moderation.types import Policy


def points_of(percent):
    """Return the log odds, in decibans, of a probability in percent; more than 0 and less than 100."""
    percent = float(percent)
    return 10 * math.log10(percent / (100 - percent))


def percent_of(points):
    """Return the probability, in percent to two places, of log odds in decibans."""
    return Decimal(probability(points) * 100).quantize(Decimal("0.01"))


# A comment that is more likely spam than not can't be meant to be published unread; nor can less than one in
# a thousand be reached by good evidence.
HOLD_PERCENTS = Decimal("0.10"), Decimal("50.00")
# Words alone may hold a comment, never bin it: the first percentage, to two places, that they do not reach.
WORDS_REACH = PRIOR + CAP
LOWEST_SPAM_PERCENT = Decimal(probability(WORDS_REACH) * 100).quantize(
    Decimal("0.01"), rounding=ROUND_FLOOR
) + Decimal("0.01")
# What the database takes: what words reach moves whenever the weights are fitted anew.
SPAM_PERCENTS = Decimal("90.00"), Decimal("99.99")


class SettingsChanged(Exception):
    """Somebody else changed the settings after the editor had read them."""


class InForce(NamedTuple):
    """What judges comments now."""

    policy: Policy
    thresholds: Thresholds


class ModerationSettings(Record):
    """The settings as one editor left them. What is empty is the site's default.

    ``version``: 1 for the first change, and one more for each; also what an editor's form refers to.
    ``hold_percent``, ``spam_percent``: probabilities of spam as typed; ``points_of`` makes log odds of them.
    """

    class Choice(models.TextChoices):
        HOLD = "hold", _("Hold everything")
        KNOWN = "known", _("Publish trusted writers")
        CLEAN = "clean", _("Publish what is clean")

    version = models.PositiveIntegerField(primary_key=True, editable=False)
    policy = models.CharField(_("policy"), max_length=10, choices=Choice, blank=True)
    hold_percent = models.DecimalField(
        _("hold from (percent)"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(HOLD_PERCENTS[0]), MaxValueValidator(HOLD_PERCENTS[1])],
    )
    spam_percent = models.DecimalField(
        _("spam from (percent)"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(SPAM_PERCENTS[0]), MaxValueValidator(SPAM_PERCENTS[1])],
    )
    changed_at = models.DateTimeField(_("changed"), editable=False)
    # Whoever changed them can't be deleted: the history would not say who.
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )

    CHOSEN = ("policy", "hold_percent", "spam_percent")

    class Meta:
        ordering = ["-version"]
        verbose_name = _("moderation settings")
        verbose_name_plural = _("moderation settings")
        default_permissions = ("change",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(policy__in=["", "hold", "known", "clean"]), name="settings_policy_known"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(hold_percent__isnull=True)
                    | models.Q(hold_percent__gte=HOLD_PERCENTS[0], hold_percent__lte=HOLD_PERCENTS[1])
                )
                & (
                    models.Q(spam_percent__isnull=True)
                    | models.Q(spam_percent__gte=SPAM_PERCENTS[0], spam_percent__lte=SPAM_PERCENTS[1])
                ),
                name="settings_thresholds_within_bounds",
            ),
            # True within today's bounds; said by itself, so that wider ones cannot make it false.
            models.CheckConstraint(
                condition=models.Q(hold_percent__lt=models.F("spam_percent")),
                name="settings_thresholds_in_order",
            ),
        ]

    def __str__(self):
        return gettext("moderation settings, version %(number)d") % {"number": self.version}

    def delete(self, **kwargs):
        raise ValueError("What was in force stays on record.")

    @classmethod
    def latest(cls):
        """Return the newest row; version 0, which is all defaults, where nobody has changed anything."""
        return cls.objects.select_related("changed_by").first() or cls(version=0)

    @property
    def chosen(self):
        return tuple(getattr(self, name) for name in self.CHOSEN)

    def as_in_force(self):
        return _in_force(*self.chosen)


def change(chosen, *, seen, by, now):
    """Put settings in force, and return their row; None where they are in force already.

    ``chosen``: policy and both percentages, empty or None for the site's default. ``seen``: the version that
    the editor had before them. Raises SettingsChanged if that is not the newest any more.
    """
    latest = ModerationSettings.latest()
    if latest.version != seen:
        raise SettingsChanged
    if latest.chosen == tuple(chosen):
        return None
    try:
        with transaction.atomic():
            return ModerationSettings.objects.create(
                version=seen + 1,
                changed_at=now,
                changed_by=by,
                **dict(zip(ModerationSettings.CHOSEN, chosen, strict=True)),
            )
    except IntegrityError:
        # Somebody was quicker by a moment.
        raise SettingsChanged from None


_LATEST = (
    "SELECT policy, hold_percent, spam_percent FROM comments_moderationsettings ORDER BY version DESC LIMIT 1"
)


def in_force():
    """Return the settings that judge comments now, in every process the same.

    Asked for each comment that is judged; to build the query takes Django several times as long as to ask.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LATEST)
        row = cursor.fetchone()
    return _in_force(*row or ("", None, None))


def _in_force(policy, hold_percent, spam_percent):
    return InForce(
        policy or settings.COMMENTS_POLICY,
        Thresholds(
            SHIPPED.hold_at if hold_percent is None else points_of(hold_percent),
            SHIPPED.spam_at if spam_percent is None else points_of(spam_percent),
        ),
    )
