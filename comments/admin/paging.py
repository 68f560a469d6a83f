"""The orders of the queue, and its pages: one begins beyond the key of a row, not after so many rows.

So the thousandth page costs what the first does, and a comment that is decided meanwhile moves no other to
a page where nobody looks for it. A key is a place in an order, not a comment: it holds when the comment
that gave it is gone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from ..batches import key_of
from ..models import DOUBT

# So many comments along an order are looked through for those that pass filters which no index answers
# together: first few, since mostly that does, and at most as many as take a fraction of a second.
WINDOWS = (2_000, 10_000)

KEY_FIELDS = ["spam_probability", "submitted_at", "pk"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# What can be in a key: a float between 0 and 1, and microseconds.
FRACTION = re.compile(r"[0-9](\.[0-9]{1,20})?(e-[0-9]{1,3})?")
MOMENT = re.compile(r"-?[0-9]{1,18}")


class Row(models.Func):
    """Several columns that are compared as one, as an index over them does."""

    template = "(%(expressions)s)"
    output_field = models.BooleanField()


@dataclass(frozen=True, slots=True)
class Order:
    """One way through the list. ``by_doubt``: before the time; ``descending``: in all columns alike."""

    label: str
    by_doubt: bool = False
    descending: bool = False

    def by(self, *, backwards=False):
        """Return what to sort by."""
        descending = self.descending != backwards
        columns = [DOUBT] if self.by_doubt else []
        columns += [models.F("submitted_at"), models.F("pk")]
        return [column.desc() if descending else column.asc() for column in columns]

    def beyond(self, key, *, backwards=False):
        """Return the condition that a comment comes after a key."""
        columns = [*([DOUBT] if self.by_doubt else []), models.F("submitted_at"), models.F("pk")]
        types = [models.FloatField(), models.DateTimeField(), models.BigIntegerField()][-len(key) :]
        values = [models.Value(part, output_field=kind) for part, kind in zip(key, types, strict=True)]
        if self.descending != backwards:
            compared, leading = LessThan, LessThanOrEqual
        else:
            compared, leading = GreaterThan, GreaterThanOrEqual
        # The first column is said again, since planners know more of one column than of several as one.
        return models.Q(leading(columns[0], values[0]), compared(Row(*columns), Row(*values)))

    def key(self, spam_probability, submitted_at, pk):
        """Return the key of a comment with these KEY_FIELDS."""
        return (abs(spam_probability - 0.5), submitted_at, pk)[0 if self.by_doubt else 1 :]

    def place(self, comment):
        return self.key(*(getattr(comment, field) for field in KEY_FIELDS))

    def written(self, key):
        """Return a key as it stands in an address."""
        *doubt, submitted_at, pk = key
        return "_".join([*map(repr, doubt), str((submitted_at - EPOCH) // MICROSECOND), str(pk)])

    def read(self, text):
        """Return the key that an address holds. Raises IncorrectLookupParameters if it is none."""
        parts = text.split("_")
        *doubt, moment, pk = parts if len(parts) == 2 + self.by_doubt else ("", "")
        key = key_of(pk)
        if key is None or not MOMENT.fullmatch(moment) or not all(map(FRACTION.fullmatch, doubt)):
            raise IncorrectLookupParameters("That is no key of a page")
        try:
            return *map(float, doubt), EPOCH + int(moment) * MICROSECOND, key
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error


ORDERS = {
    "doubt": Order(_("Least certain first"), by_doubt=True),
    "oldest": Order(_("Oldest first")),
    "newest": Order(_("Newest first"), descending=True),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``before``, ``after``: the keys of the pages around it, None where there is nothing.

    ``is_cut``: looking ended before the page was full, and goes on from there.
    """

    rows: list
    before: tuple | None
    after: tuple | None
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """What the pages hold, and how it is found.

    ``comments``: all of it. ``few``: the same by a way that looks at few comments in all, ``along``: comments
    that an index gives in the order, to be looked through as far as WINDOWS go; None where there is no such
    way, and both where the order's own index has all that is listed.
    ``wide``: where to fetch what is shown of a comment.
    """

    comments: models.QuerySet
    wide: models.QuerySet
    few: models.QuerySet | None = None
    along: models.QuerySet | None = None


def next_window(window, *, found, size):
    """Return through how many comments to look next, None where no more are to be looked through.

    ``found``: how many passed of so many. As many again would fill a page, and half of that, since chance is
    uneven.
    """
    if window >= WINDOWS[-1]:
        return None
    return min(window * (size + 1) * 3 // (2 * max(found, 1)), WINDOWS[-1])


def turn_to(listed, order, *, size, key=None, backwards=False):
    """Return the page that begins beyond a key, or ends there if it goes backwards.

    ``size``: comments a page. Where nothing is left beyond the key it is the last page, and the first one
    where a page that goes backwards would reach beyond the beginning.
    """
    sorting = order.by(backwards=backwards)
    # What comes with the rows is fetched once, for those that are shown.
    bare = listed.wide.prefetch_related(None)

    def onward(rows):
        beyond = rows if key is None else rows.filter(order.beyond(key, backwards=backwards))
        return beyond.order_by(*sorting)

    def within(window):
        return listed.comments.filter(pk__in=onward(listed.along).values("pk")[:window]).order_by(*sorting)

    def fetch(found):
        # Chosen by narrow rows, then fetched as wide ones.
        return list(bare.filter(pk__in=found.values("pk")[: size + 1]).order_by(*sorting))

    rows, window = [], None if listed.along is None else WINDOWS[0]
    while window and len(rows) <= size:
        rows = fetch(within(window))
        window = next_window(window, found=len(rows), size=size) if listed.few is None else None
    if len(rows) <= size and (listed.along is None or listed.few is not None):
        rows = fetch(onward(listed.comments if listed.few is None else listed.few))
    has_more = len(rows) > size
    edge = None
    if not has_more and listed.few is None and listed.along is not None:
        last = onward(listed.along).values_list(*KEY_FIELDS)[WINDOWS[-1] - 1 : WINDOWS[-1]].first()
        edge = order.key(*last) if last else None
    if edge is None:
        if key is not None and not backwards and not rows:
            return turn_to(listed, order, size=size, backwards=True)
        if backwards and not has_more:
            return turn_to(listed, order, size=size)
    rows = rows[:size]
    models.prefetch_related_objects(rows, *listed.wide._prefetch_related_lookups)
    far = order.place(rows[-1]) if has_more else edge
    near = order.place(rows[0]) if rows and key is not None else None
    if backwards:
        rows.reverse()
        return Page(rows, before=far, after=near, is_cut=edge is not None)
    return Page(rows, before=near, after=far, is_cut=edge is not None)
