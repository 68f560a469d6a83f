"""Who has which comment open, so that two editors need not decide on the same one.

A trace of looking and no act: nothing hangs on it, and it is forgotten after minutes. A page that is open
renews its row from a script; without one the row tells of the opening alone, and counts for some minutes.
"""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, Prefetch, Q, When

# A page that is open renews its row every 30 seconds; after this long without, it counts as gone.
GONE_AFTER = timedelta(minutes=2)
# So long an opening counts that no script has renewed.
OPENING_COUNTS_FOR = timedelta(minutes=5)
# Then a row is of no use even to a page that comes back: a computer that was asleep.
KEPT_FOR = timedelta(minutes=10)
# Old rows taken away at one opening: more than one opening can add, so they never pile up.
CLEANED_AT_ONCE = 50


def renewed(*, now):
    """Return the condition that a page is open: its script said so just now."""
    return Q(seen_at__gt=F("opened_at")) & Q(seen_at__gt=now - GONE_AFTER)


class PresenceQuerySet(models.QuerySet):
    def there(self, *, now):
        """Whoever has a comment open at this time, as far as is known."""
        opened = Q(seen_at=F("opened_at")) & Q(opened_at__gt=now - OPENING_COUNTS_FOR)
        return self.filter(renewed(now=now) | opened)


class Presence(models.Model):
    """One person who has one comment open, in however many tabs.

    ``seen_at``: when the page was last known to be open; later than ``opened_at`` once a script has renewed
    it. Of a page that said goodbye it lies GONE_AFTER before the goodbye: where a second tab is still open,
    its next renewal finds the row, and since when.
    """

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="presence_once")]

    def __str__(self):
        return f"{self.user_id} {self.comment_id}"

    def is_renewed(self):
        return self.seen_at > self.opened_at


def others(user, *, now):
    """Return what to prefetch so that each comment has, in ``others``, who else has it open."""
    there = Presence.objects.there(now=now).exclude(user=user).select_related("user").order_by("opened_at")
    return Prefetch("presences", queryset=there, to_attr="others")


def open_page(comment_id, user, *, now):
    """Note that somebody has opened a comment's page, and forget what is long past."""
    # In another tab, or once more: open since then.
    since = Case(When(renewed(now=now), then="opened_at"), default=now)
    mine = Presence.objects.filter(comment_id=comment_id, user=user)
    if not mine.update(opened_at=since, seen_at=now):
        _create(comment_id, user, now)
    past = Presence.objects.filter(seen_at__lt=now - KEPT_FOR).order_by("seen_at")[:CLEANED_AT_ONCE]
    Presence.objects.filter(pk__in=past.values("pk")).delete()


def renew(comment_id, user, *, now):
    """Note that a page is still open."""
    if not Presence.objects.filter(comment_id=comment_id, user=user).update(seen_at=now):
        _create(comment_id, user, now)


def say_goodbye(comment_id, user, *, now):
    """Note that a page was left."""
    Presence.objects.filter(comment_id=comment_id, user=user).update(seen_at=now - GONE_AFTER)


def forget(comment_id, user):
    """Take away the note of somebody who is done with a comment."""
    Presence.objects.filter(comment_id=comment_id, user=user).delete()


def _create(comment_id, user, now):
    try:
        with transaction.atomic():
            Presence.objects.create(comment_id=comment_id, user=user, opened_at=now, seen_at=now)
    except IntegrityError:
        # Noted by another tab in the same moment, or the comment is gone: there is nothing to add.
        pass
