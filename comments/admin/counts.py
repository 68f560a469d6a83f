"""How many comments there are of a kind, without counting them all.

Counting ends at a limit, which an index reaches quickly. Beyond it a sample tells: comments whose numbers lie
a fixed step apart, a thousand or two whatever the size of the table, and always the same ones. So nothing is
kept that could go wrong, and nobody who decides or comments waits for a counter.
"""

from django.db import connection
from django.db.models import Count, Value
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..models import Comment

# Where counting ends, and what stands in front of "+" where not even the sample tells more.
COUNTED = 1000
# A sample holds so many comments, or up to half of them less.
SAMPLE = 2000
# With fewer hits than this in the sample, its estimate is off by a fifth and more.
TELLING_HITS = 30


def count_to(parts):
    """Return how many rows each queryset has, counted up to its limit plus one, in one query.

    ``parts``: by name, a queryset and its limit. The highest id of all comments comes along as "highest".
    """
    columns, values = [], []
    for name, (rows, limit) in parts.items():
        # Nothing is selected, so that an index alone can answer; sliced, so that the database stops there.
        ones = rows.order_by().annotate(one=Value(1)).values("one")[: limit + 1]
        sql, parameters = ones.query.sql_with_params()
        columns.append(f"(SELECT COUNT(*) FROM ({sql}) AS {name}_part)")  # noqa: S608 - made by Django
        values.extend(parameters)
    columns.append(f"(SELECT MAX(id) FROM {Comment._meta.db_table})")  # noqa: S608 - no word from outside
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", values)
        return dict(zip([*parts, "highest"], cursor.fetchone(), strict=True))


def sample(highest):
    """Return the ids of the comments that stand for all of them. ``highest``: the highest id there is."""
    step = max(1, (1 << (highest // SAMPLE).bit_length()) - 1)
    return range(step, highest + 1, step)


def estimate(kinds, ids):
    """Return about how many comments there are of each kind, None where a sample can't tell; in one query.

    ``kinds``: a condition for each name, empty for all comments. ``ids``: what ``sample`` gave.
    """
    hits = {name: Count("pk", filter=kind or None) for name, kind in kinds.items()}
    found = Comment.objects.filter(pk__in=ids).aggregate(**hits)
    return {name: count * ids.step if count >= TELLING_HITS else None for name, count in found.items()}


def in_words(count, about=None):
    """Return a count as it is shown: "873", "about 310,000", or "1,000+" where no sample tells.

    ``count``: up to COUNTED it is exact, else it says that there are more. ``about``: how many by a sample.
    """
    if count <= COUNTED:
        return _grouped(count)
    return about_in_words(about) if about and about > COUNTED else f"{_grouped(COUNTED)}+"


def about_in_words(about):
    """Return an estimate as it is shown, in two digits, since a sample bears out no more."""
    return _("about %(count)s") % {"count": _grouped(round(about, 2 - len(str(about))))}


def _grouped(number):
    return number_format(number, force_grouping=True)
