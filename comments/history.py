"""Who decided what on comments, newest first, read by key: a page costs the same however long it all is.

What was moved by one click stands as one entry, unless single comments are asked for; a batch that moved
one comment stands as that comment's decision. A batch's decisions are found under the batch alone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from .batches import MAX_KEY
from .models import Batch, Comment, Decision

PER_PAGE = 50
# Of an article, a writer or an address, so many comments are looked at, the newest.
COMMENTS_LOOKED_AT = 5_000
# Decisions fetched at once where all are wanted.
AT_ONCE = 500

SYSTEM = "system"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Sixteen digits of microseconds last until the year 2286.
KEY = re.compile(r"(?P<at>[0-9]{1,16})(?:d(?P<decision>[0-9]{1,19})|b(?P<batch>[0-9a-f]{32}))")


class What(TextChoices):
    """What can be asked for; all but the last are named for the status a comment was given."""

    APPROVED = Comment.Status.APPROVED.value, _("Approved or published")
    PENDING = Comment.Status.PENDING.value, _("Held or put back in the queue")
    SPAM = Comment.Status.SPAM.value, _("Put into spam")
    TRASH = Comment.Status.TRASH.value, _("Moved to the trash")
    DELETED = Comment.Status.DELETED.value, _("Deleted")
    UNDONE = "undone", _("Taken back")


# A batch that restores puts some comments on the page and some in the queue.
MOVES = {
    What.APPROVED: (Batch.Move.APPROVE, Batch.Move.RESTORE),
    What.PENDING: (Batch.Move.HOLD, Batch.Move.RESTORE),
    What.SPAM: (Batch.Move.MARK_SPAM,),
    What.TRASH: (Batch.Move.TRASH,),
    What.DELETED: (Batch.Move.DELETE,),
    What.UNDONE: (Batch.Move.UNDO,),
}


@dataclass(frozen=True, slots=True)
class Key:
    """Where an entry stands: by time, of one moment decisions before batches, then by id.

    ``id``: a number for a decision, a UUID for a batch.
    """

    at: datetime
    id: int | UUID

    @classmethod
    def parse(cls, text):
        """Return the key that a text from outside gives. Raises ValueError if it gives none."""
        match = KEY.fullmatch(text)
        if match is None:
            raise ValueError("no key")
        at = EPOCH + timedelta(microseconds=int(match["at"]))
        if match["batch"]:
            return cls(at, UUID(match["batch"]))
        if int(match["decision"]) > MAX_KEY:
            raise ValueError("no key of a decision")
        return cls(at, int(match["decision"]))

    def __str__(self):
        microseconds = (self.at - EPOCH) // timedelta(microseconds=1)
        return f"{microseconds}b{self.id.hex}" if self.is_batch else f"{microseconds}d{self.id}"

    @property
    def is_batch(self):
        return isinstance(self.id, UUID)

    @property
    def rank(self):
        """What sorts keys: the newest is the greatest."""
        return self.at, not self.is_batch, self.id

    def below(self, field, *, of_batches):
        """Return the condition for rows of one kind that come after this one. ``field``: their time."""
        older, same = {f"{field}__lt": self.at}, {field: self.at}
        if of_batches != self.is_batch:
            return Q(**{f"{field}__lte": self.at}) if of_batches else Q(**older)
        # The first part says again what the second one means, in words that an index understands.
        return Q(**{f"{field}__lte": self.at}) & (Q(**older) | Q(**same, pk__lt=self.id))


@dataclass(frozen=True)
class Entry:
    """A line of the history: one decision, or a batch of them; both for a batch that moved one comment."""

    key: Key
    decision: Decision | None = None
    batch: Batch | None = None


@dataclass(frozen=True)
class History:
    """All decisions that meet every condition; None, or an empty text, is no condition.

    ``by``: an editor's id, or SYSTEM. ``since``, ``until``: from, and before. ``commenter``: who has proved
    to be the same by a key; ``email``: what was typed, and proves nothing.
    """

    by: int | str | None = None
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None
    comment: int | None = None
    commenter: int | None = None
    article: int | None = None
    email: str = ""
    batch: UUID | None = None

    def page(self, *, before=None, size=PER_PAGE):
        """Return the next entries below a key, and the key below which there are more, None at the end."""
        entries = self._single(before, size + 1) if self.is_of_comments else self._folded(before, size + 1)
        more = entries[size - 1].key if len(entries) > size else None
        return entries[:size], more

    def decisions(self):
        """Yield all decisions one by one, those of one batch together, fetching AT_ONCE at a time."""
        more = None
        while True:
            entries, more = self.page(before=more, size=AT_ONCE)
            for entry in entries:
                if entry.decision:
                    yield entry.decision
                else:
                    yield from self._inside(entry.batch)
            if more is None:
                return

    def has_more_than(self, limit):
        """Say whether there are more decisions than so many, counting no further. Deleted ones may count."""
        if self.is_of_comments:
            return len(self._keys) > limit
        count = self._singles(None).order_by().values("pk")[: limit + 1].count()
        for batches in self._batches(None):
            for done in batches.order_by().values_list("done", flat=True)[: limit + 1].iterator():
                count += done
                if count > limit:
                    return True
        return count > limit

    @property
    def is_of_comments(self):
        """Whether single comments are asked for, so that a batch is not one entry."""
        return any((self.comment, self.commenter, self.article, self.email, self.batch))

    @cached_property
    def is_cut(self):
        """Whether there are older comments than the ones that are looked at."""
        return self._oldest_comment is not None

    def _folded(self, before, size):
        """Each kind by its own index, merged."""
        rows = detailed(self._singles(before))[:size]
        found = [Entry(Key(each.decided_at, each.pk), each) for each in rows]
        for batches in self._batches(before):
            rows = batches.select_related("by", "undone_by", "undoes__by", "undoing")[:size]
            found += [Entry(Key(each.made_at, each.pk), batch=each) for each in rows]
        entries = sorted(found, key=lambda entry: entry.key.rank, reverse=True)[:size]
        of_one = [entry.batch.pk for entry in entries if entry.batch and entry.batch.done == 1]
        if not of_one:
            return entries
        alone = {each.batch: each for each in detailed(Decision.objects.filter(batch__in=of_one))}
        return [
            Entry(entry.key, alone.get(entry.batch.pk), entry.batch) if entry.batch else entry
            for entry in entries
        ]

    def _single(self, before, size):
        """All keys are fetched and sorted here: a database might look through the whole table for them."""
        keys = [Key(*key) for key in self._keys]
        if before:
            keys = [key for key in keys if key.rank < before.rank]
        shown = keys[:size]
        rows = detailed(Decision.objects.all()).in_bulk([key.id for key in shown])
        return [Entry(key, rows[key.id]) for key in shown if key.id in rows]

    @cached_property
    def _keys(self):
        decisions = Decision.objects.filter(self._who("by"), self._when("decided_at"), self._status)
        if self.batch:
            decisions = decisions.filter(batch=self.batch)
        if self.comment:
            decisions = decisions.filter(comment=self.comment)
        if self._of_writing:
            decisions = decisions.filter(**{f"comment__{name}": value for name, value in self._of_writing})
            if self.is_cut:
                decisions = decisions.filter(comment__gt=self._oldest_comment)
        return sorted(decisions.order_by().values_list("decided_at", "pk"), reverse=True)

    @cached_property
    def _oldest_comment(self):
        """The newest of the comments that are not looked at, None where all are."""
        if not self._of_writing:
            return None
        comments = (
            Comment.objects.filter(**dict(self._of_writing)).order_by("-pk").values_list("pk", flat=True)
        )
        return next(iter(comments[COMMENTS_LOOKED_AT : COMMENTS_LOOKED_AT + 1]), None)

    @property
    def _of_writing(self):
        """The conditions that a comment meets from the day it was written."""
        named = {"commenter": self.commenter, "article": self.article, "author_email": self.email}
        return [(name, value) for name, value in named.items() if value]

    def _singles(self, before):
        rows = Decision.objects.filter(
            self._who("by"), self._when("decided_at", before), self._status, batch__isnull=True
        )
        # PostgreSQL reads an index in order for “by = 7”, but for “by is null” only if told to sort by it.
        return rows.order_by(*["by"] * bool(self.by), "-decided_at", "-pk")

    def _batches(self, before):
        """Return the batches, for each move by itself, as the index has them."""
        if self.by == SYSTEM:
            # It decides on one comment at a time.
            return []
        rows = Batch.objects.filter(self._who("by"), self._when("made_at", before, of_batches=True))
        rows = rows.order_by("-made_at", "-pk")
        return [rows.filter(move=move) for move in MOVES[What(self.what)]] if self.what else [rows]

    def _inside(self, batch):
        keys = Decision.objects.filter(self._status, batch=batch.pk).order_by("-pk")
        keys = list(keys.values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            rows = detailed(Decision.objects.all()).in_bulk(keys[start : start + AT_ONCE])
            yield from (rows[key] for key in keys[start : start + AT_ONCE] if key in rows)

    @property
    def _status(self):
        if not self.what:
            return Q()
        if self.what == What.UNDONE:
            return Q(undoes__isnull=False)
        return Q(to_status=self.what)

    def _who(self, field):
        if not self.by:
            return Q()
        return Q(**{f"{field}__isnull": True}) if self.by == SYSTEM else Q(**{field: self.by})

    def _when(self, field, before=None, *, of_batches=False):
        condition = Q(**{f"{field}__gte": self.since}) if self.since else Q()
        # One end is said, the earlier one: of two an index would begin at either.
        if before and (self.until is None or before.at < self.until):
            return condition & before.below(field, of_batches=of_batches)
        return condition & Q(**{f"{field}__lt": self.until}) if self.until else condition


def detailed(decisions):
    """Return decisions with all that a line of the history says of them, in one query."""
    return decisions.select_related("by", "undoes__by", "comment__article").defer(
        "comment__body", "comment__fragment", "comment__article__body", "comment__article__body_html"
    )
