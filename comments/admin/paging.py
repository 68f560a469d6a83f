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
# together: first few, since mostly that does, and then as many as take a fraction of a second.
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


def turn_to(comments, order, *, size, key=None, backwards=False, wide, along=None):
    """Return the page that begins beyond a key, or ends there if it goes backwards.

    ``size``: comments a page. ``along``: comments that an index gives in this order, to be looked through
    for those that are wanted where no index can find them, as far as WINDOWS go; None where one can.
    ``wide``: where to fetch what is shown of the comments that were found.
    Where nothing is left beyond the key it is the last page, and the first one where a page that goes
    backwards would reach beyond the beginning.
    """
    sorting = order.by(backwards=backwards)

    def onward(rows):
        return (rows if key is None else rows.filter(order.beyond(key, backwards=backwards))).order_by(
            *sorting
        )

    for window in [None] if along is None else WINDOWS:
        if window is None:
            found = onward(comments)
        else:
            found = comments.filter(pk__in=onward(along).values("pk")[:window]).order_by(*sorting)
        rows = list(wide.filter(pk__in=found.values("pk")[: size + 1]).order_by(*sorting))
        has_more = len(rows) > size
        if has_more:
            break
    edge = None
    if window is not None and not has_more:
        last = onward(along).values_list(*KEY_FIELDS)[window - 1 : window].first()
        edge = order.key(*last) if last else None
    if edge is None:
        again = {"size": size, "along": along, "wide": wide}
        if key is not None and not backwards and not rows:
            return turn_to(comments, order, backwards=True, **again)
        if backwards and not has_more:
            return turn_to(comments, order, **again)
    rows = rows[:size]
    far = order.place(rows[-1]) if has_more else edge
    near = order.place(rows[0]) if rows and key is not None else None
    if backwards:
        rows.reverse()
    return Page(
        rows,
        before=far if backwards else near,
        after=near if backwards else far,
        is_cut=edge is not None,
    )
