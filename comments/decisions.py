"""What was decided on comments, by whom, and together with which others, as rows.

Append-only: only ``moves`` writes decisions, and ``batches`` the batches.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles.records import Record

REASON_LENGTH = 300
# Decisions that belong to no batch.
ONE_BY_ONE = models.Q(batch__isnull=True)


class Status(models.TextChoices):
    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    SPAM = "spam", _("Spam")
    TRASH = "trash", _("Trash")
    # Out of sight, and to be removed for good when its deletion can no longer be undone.
    DELETED = "deleted", _("Deleted")


def _is_none(name):
    """Return the condition that a key is not set, for where something else is to be looked up.

    Said as “is null”, SQLite would take the key's own index for the shortest way, and read nearly every row.
    """
    return Exact(Coalesce(name, models.Value(0), output_field=models.BigIntegerField()), 0)


class DecisionQuerySet(models.QuerySet):
    def standing(self):
        """What neither takes another decision back nor has been taken back itself."""
        return self.filter(_is_none("undoes"), undone_by__isnull=True)

    def standing_at(self, moment):
        """The same as it was just before a moment: what was taken back later still stood."""
        return self.filter(_is_none("undoes")).filter(
            models.Q(undone_by__isnull=True) | models.Q(undone_by__decided_at__gte=moment)
        )

    def by_people(self):
        """What people said and stand by: what is to be learned and believed, not the system's guesses.

        Nor that an editor put a comment of their own on the page: it is no word on somebody else's. Nor who
        deleted a comment: what was said before still counts.
        """
        by_people = self.standing().filter(by__isnull=False)
        return by_people.exclude(from_status="").exclude(to_status=Status.DELETED)

    def by_system(self):
        return self.filter(_is_none("by"))


class Decision(Record):
    """One move of one comment: from, to, by whom (nobody: the system), why, when. Append-only."""

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="decisions")
    from_status = models.CharField(_("from"), max_length=10, choices=Status, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=Status)
    # Whoever decided can't be deleted: without them the history would say "the system". Accounts that
    # are no longer used are made inactive instead.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH, blank=True)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    batch = models.UUIDField(_("batch"), null=True, blank=True, editable=False)
    # The decision before, of the same comment, that this one takes back; each can be taken back once.
    undoes = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="undone_by"
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    from_status__in=["", "pending", "approved", "spam", "trash", "deleted"],
                    to_status__in=["pending", "approved", "spam", "trash", "deleted"],
                ),
                name="decision_statuses_known",
            )
        ]
        indexes = [
            # Most decisions are taken one by one.
            models.Index(fields=["batch"], name="decision_batch", condition=models.Q(batch__isnull=False)),
            # What people decided, by time, whatever the filter did meanwhile.
            models.Index(
                fields=["-decided_at", "-id"],
                name="decision_people",
                condition=models.Q(by__isnull=False),
            ),
            # The history, by each of its filters; what was decided in a batch stands there as the batch.
            models.Index(fields=["-decided_at", "-id"], name="history_all", condition=ONE_BY_ONE),
            models.Index(fields=["by", "-decided_at", "-id"], name="history_by", condition=ONE_BY_ONE),
            models.Index(
                fields=["to_status", "-decided_at", "-id"], name="history_what", condition=ONE_BY_ONE
            ),
            models.Index(
                fields=["by", "to_status", "-decided_at", "-id"],
                name="history_by_what",
                condition=ONE_BY_ONE,
            ),
            models.Index(
                fields=["-decided_at", "-id"],
                name="history_undone",
                condition=ONE_BY_ONE & models.Q(undoes__isnull=False),
            ),
        ]

    def __str__(self):
        return gettext("%(who)s: %(status)s") % {
            "who": self.by or gettext("the system"),
            "status": self.get_to_status_display(),
        }

    @property
    def is_about_deletion(self):
        """Whether it deletes a comment or takes that back: nothing is said of the comment itself."""
        return Status.DELETED in (self.from_status, self.to_status)

    def delete(self, **kwargs):
        raise ValueError("A decision stays as long as its comment.")

    @property
    def back_to(self):
        """Where the comment goes if this is taken back; before its first decision nowhere, so it waits."""
        return self.from_status or Status.PENDING


class Batch(models.Model):
    """Comments that were moved together, by one person's one click. Its id is what their decisions bear.

    ``done``, ``left``: how many comments were moved, and how many left alone since they were no longer as
    the editor had seen them. ``undoes``: the batch that this one took back. ``final_at``: when what it had
    deleted was removed for good, so that its comments and their decisions are gone.
    """

    class Move(models.TextChoices):
        APPROVE = "approve", _("Approve")
        HOLD = "hold", _("Back to the queue")
        MARK_SPAM = "mark_spam", _("Spam")
        TRASH = "trash", _("Trash")
        RESTORE = "restore", _("Restore")
        DELETE = "delete", _("Delete")
        UNDO = "undo", _("Undo")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    move = models.CharField(_("what"), max_length=10, choices=Move)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    made_at = models.DateTimeField(_("when"))
    done = models.PositiveIntegerField(_("done"), default=0)
    left = models.PositiveIntegerField(_("left alone"), default=0)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    final_at = models.DateTimeField(_("removed for good"), null=True, blank=True, editable=False)
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="undoing"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        # Whoever may moderate may see and undo them; nobody may change them.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    move__in=["approve", "hold", "mark_spam", "trash", "restore", "delete", "undo"]
                ),
                name="batch_move_known",
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
                name="batch_undone_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="batch_latest"),
            models.Index(fields=["by", "-made_at", "-id"], name="batch_by"),
            models.Index(fields=["move", "-made_at", "-id"], name="batch_move"),
            models.Index(fields=["by", "move", "-made_at", "-id"], name="batch_by_move"),
            # Whose comments are to be removed for good.
            models.Index(fields=["move", "final_at", "made_at"], name="batch_to_be_final"),
        ]

    def __str__(self):
        return ngettext("%(move)s: %(count)d comment", "%(move)s: %(count)d comments", self.done) % {
            "move": self.get_move_display(),
            "count": self.done,
        }
