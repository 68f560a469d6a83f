"""What a second look found of published comments, and how far the sweep has come, as rows.

``sweeping.py`` alone writes them, and ``keeping.py`` who keeps a comment.
"""

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .moderation.types import Outcome

# Evidence that a person has weighed counts anew from so many decibans more on: spam is ten times likelier.
FURTHER = 10.0
# Findings that are kept of what has changed, and how much of each.
CHANGES = 5
DETAIL_LENGTH = 300
# Doubtful comments that a list can show: the newest. More are of one kind, and found as these are decided.
LISTED = 10_000


class SecondLookQuerySet(models.QuerySet):
    def doubtful(self):
        """What editors are to see, as ids of comments: published, now doubtful, the newest of them."""
        rows = self.filter(is_doubtful=True).order_by("-submitted_at", "-comment")
        return rows.values("comment")[:LISTED]

    def keep(self, *, by, at):
        """Note that somebody wants them published, knowing what is known of them now; return how many."""
        return self.update(
            is_doubtful=False,
            kept_by=by,
            kept_at=at,
            kept_points=F("points"),
            kept_outcome=F("outcome"),
            kept_order=F("order"),
        )


class SecondLook(models.Model):
    """A published comment whose verdict has turned, as it was judged last; or one that a person has kept.

    Of all other comments there is no row. The verdict of the first day stays with the comment.

    ``outcome``: what the evidence would make of it; ``order``: the hardest that an entry of the blocklist
    orders. ``changes``: the findings that differ from then, the largest shift first, each with its points and
    how far they have moved. ``is_doubtful``: whether editors are to see it; never true of what is not
    published. ``kept_…``: who wanted it published nevertheless, and what they knew.
    """

    comment = models.OneToOneField(
        "comments.Comment", on_delete=models.CASCADE, primary_key=True, related_name="second_look"
    )
    # The comment's own, copied: the newest are found without looking at a comment.
    submitted_at = models.DateTimeField()
    looked_at = models.DateTimeField(_("looked at"))
    rules_version = models.PositiveSmallIntegerField()
    points = models.FloatField(_("points"))
    probability = models.FloatField(_("probability of spam"))
    outcome = models.CharField(max_length=10)
    order = models.CharField(max_length=10)
    changes = models.JSONField(default=list)
    is_doubtful = models.BooleanField(_("doubtful"))
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("kept by"),
    )
    kept_at = models.DateTimeField(_("kept"), null=True)
    kept_points = models.FloatField(null=True)
    kept_outcome = models.CharField(max_length=10, blank=True)
    kept_order = models.CharField(max_length=10, blank=True)

    objects = SecondLookQuerySet.as_manager()

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    outcome__in=["publish", "hold", "spam"], order__in=["publish", "hold", "spam"]
                ),
                name="second_look_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kept_by__isnull=True,
                    kept_at__isnull=True,
                    kept_points__isnull=True,
                    kept_outcome="",
                    kept_order="",
                )
                | models.Q(
                    kept_by__isnull=False,
                    kept_at__isnull=False,
                    kept_points__isnull=False,
                    kept_outcome__in=["publish", "hold", "spam"],
                    kept_order__in=["publish", "hold", "spam"],
                ),
                name="second_look_kept_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-submitted_at", "-comment"],
                name="second_look_doubtful",
                condition=models.Q(is_doubtful=True),
            )
        ]

    def __str__(self):
        return gettext("comment %(number)s: %(percent)d %%") % {
            "number": self.pk,
            "percent": round(self.probability * 100),
        }

    @property
    def is_kept(self):
        """Whether a person has looked, and nothing further speaks against the comment since."""
        if self.kept_at is None:
            return False
        return not self.goes_beyond(self.kept_outcome, self.kept_order, self.kept_points)

    def goes_beyond(self, outcome, order, points):
        """Say whether the evidence is more than what somebody has seen of it."""
        hardness = list(Outcome).index
        return (
            hardness(self.outcome) > hardness(outcome)
            or hardness(self.order) > hardness(order)
            or self.points >= points + FURTHER
        )


class SweepState(models.Model):
    """The one row that says how far the sweep has come, and which process is at it.

    ``decisions``: raised by each decision of a person. ``seen``: what there was to know when the last
    complete sweep began, as one digest; ``sought``: the same of the sweep that is running.

    ``holder``, ``held_until``: who is at work. If that process ends before its work is done, another one
    takes it up when the time is over, behind the last comment that was looked at (``cursor_…``).

    ``began_at``, ``finished_at``: of the sweep that is running, or the last one; ``looked``, ``total``: its
    comments so far and in all, published in ``days`` days.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    decisions = models.BigIntegerField(default=0)
    seen = models.CharField(max_length=64, blank=True)
    sought = models.CharField(max_length=64, blank=True)
    holder = models.CharField(max_length=32, blank=True)
    held_until = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    days = models.PositiveIntegerField(default=0)
    looked = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    cursor_at = models.DateTimeField(null=True)
    cursor_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("state of the sweep")
        verbose_name_plural = _("state of the sweep")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sweep_state_is_one_row")]

    def __str__(self):
        return gettext("%(looked)d of %(total)d looked at") % {"looked": self.looked, "total": self.total}

    @classmethod
    def current(cls):
        """Return the row, or one that says that nothing has been done yet."""
        return cls.objects.filter(pk=1).first() or cls()

    @classmethod
    def change(cls, condition=models.Q(), **fields):  # noqa: B008 - a Q is never changed
        """Change the row where the condition holds, and say whether it did; without a row, make it first."""
        row = cls.objects.filter(condition, pk=1)
        if row.update(**fields):
            return True
        if cls.objects.exists():
            return False
        cls.objects.bulk_create([cls(pk=1)], ignore_conflicts=True)
        return bool(row.update(**fields))

    @classmethod
    def count_decisions(cls, number):
        cls.change(decisions=F("decisions") + number)

    @property
    def is_running(self):
        return self.began_at is not None and self.finished_at is None


class LookFirst(models.Model):
    """A comment that is to be looked at before all others, and then those that have most in common with it.

    Written with the decision that makes it worth a look, and deleted when it has been looked at.
    """

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("comment to be looked at first")
        verbose_name_plural = _("comments to be looked at first")
        default_permissions = ()

    def __str__(self):
        return str(self.comment_id)
