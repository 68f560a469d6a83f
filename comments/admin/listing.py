"""Which comments the queue lists: its views with their counts, its orders and its pages.

A view costs the same however many comments there are: counting ends at COUNTED, and paging at LAST_PAGE.
"""

from dataclasses import dataclass
from math import ceil

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db import DataError, connection
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles.models import Author

from ..campaigns import with_alike
from ..models import DOUBT, Comment, SecondLook

PER_PAGE = 50
# Where counting ends: beyond it "1,000+" says as much.
COUNTED = 1000
# Where paging ends, since each further page costs more than the one before.
LAST_PAGE = 200

VIEW_VAR = "view"
SORT_VAR = "sort"
# What links to the queue said before it had views.
STATUS_VAR = "status__exact"


@dataclass(frozen=True, slots=True)
class View:
    """Comments that are looked at together. ``statuses``: empty for all. ``sorts``: the first by default."""

    label: str
    empty: str
    statuses: tuple[str, ...] = ()
    mine: bool = False
    doubtful: bool = False
    sorts: tuple[str, ...] = ("newest", "oldest")

    def of(self, comments, user):
        """Return those of the comments that belong here."""
        if self.doubtful:
            # All of them are published. To ask for the status too leads SQLite through all that is published.
            return comments.filter(pk__in=SecondLook.objects.doubtful()).select_related("second_look")
        if self.statuses:
            comments = comments.filter(status__in=self.statuses)
        return comments.filter(article__author__user=user) if self.mine else comments


DOUBTFUL, WAITING, MINE, ALL = "doubtful", "waiting", "mine", "all"
VIEWS = {
    # First, since readers see it.
    DOUBTFUL: View(
        _("Published, now doubtful"), _("Nothing that is published looks doubtful."), doubtful=True
    ),
    WAITING: View(
        _("Waiting"),
        _("Nothing is waiting. Well done."),
        (Comment.Status.PENDING,),
        sorts=("doubt", "oldest", "newest"),
    ),
    # Of the spam on somebody's articles there is a view already.
    MINE: View(
        _("Mine"),
        _("Nothing waits and nothing is published on your articles."),
        (Comment.Status.PENDING, Comment.Status.APPROVED),
        mine=True,
    ),
    "published": View(_("Published"), _("No comment is published yet."), (Comment.Status.APPROVED,)),
    "spam": View(_("Spam"), _("There is no spam."), (Comment.Status.SPAM,)),
    "trash": View(_("Trash"), _("The trash is empty."), (Comment.Status.TRASH,)),
    ALL: View(_("Everything"), _("There are no comments yet.")),
}
# The view that holds one status and nothing else.
VIEW_OF_STATUS = {
    str(view.statuses[0]): name for name, view in VIEWS.items() if len(view.statuses) == 1 and not view.mine
}

SORTS = {
    "doubt": (_("Least certain first"), [DOUBT.asc(), "submitted_at", "pk"]),
    "oldest": (_("Oldest first"), ["submitted_at", "pk"]),
    "newest": (_("Newest first"), ["-submitted_at", "-pk"]),
}


def count_views(user):
    """Return how many comments each view holds, in one query that ends counting at COUNTED + 1.

    "mine" is missing where nothing on this site is by the user, "doubtful" where nothing is.
    """
    parts = {name: view.of(Comment.objects, user) for name, view in VIEWS.items()}
    parts["is_author"] = Author.objects.filter(user=user)
    columns, values = [], []
    for name, rows in parts.items():
        # Sliced, so that the database stops there; SQLite takes a limit within such a part only.
        sql, parameters = rows.order_by().values("pk")[: COUNTED + 1].query.sql_with_params()
        columns.append(f"(SELECT COUNT(*) FROM ({sql}) AS {name}_part)")  # noqa: S608 - made by Django
        values.extend(parameters)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", values)
        counts = dict(zip(parts, cursor.fetchone(), strict=True))
    if not counts.pop("is_author"):
        del counts[MINE]
    if not counts[DOUBTFUL]:
        del counts[DOUBTFUL]
    return counts


def up_to(count, limit=COUNTED):
    """Return a count as it is shown: "1,000+" where counting has ended."""
    shown = number_format(min(count, limit), force_grouping=True)
    return f"{shown}+" if count > limit else shown


class QueueChangeList(ChangeList):
    """The rows of one view, in one order, one page of them."""

    def __init__(self, request, *arguments, **options):
        self.user = request.user
        self.view_name = _chosen(request.GET, VIEW_VAR, VIEWS) or VIEW_OF_STATUS.get(
            request.GET.get(STATUS_VAR), WAITING
        )
        self.view = VIEWS[self.view_name]
        sort = _chosen(request.GET, SORT_VAR, SORTS)
        self.sort = sort if sort in self.view.sorts else self.view.sorts[0]
        super().__init__(request, *arguments, **options)

    def get_filters_params(self, params=None):
        lookups = super().get_filters_params(params)
        for own in (VIEW_VAR, SORT_VAR, STATUS_VAR):
            lookups.pop(own, None)
        return lookups

    def get_filters(self, request):
        """Take from the address what the filters know, and refuse the rest.

        Any field and any lookup, as the admin has it, is more than an index or the database can bear.
        """
        found = super().get_filters(request)
        remaining = found[2]
        if remaining:
            raise IncorrectLookupParameters(f"No filter knows {', '.join(remaining)}")
        return found

    def get_queryset(self, request, exclude_parameters=None):
        return self.view.of(super().get_queryset(request, exclude_parameters), request.user)

    def get_ordering(self, request, queryset):
        return SORTS[self.sort][1]

    def get_results(self, request):
        """Fetch one page, and count no further than it takes to say what lies around it."""
        asked = min(max(self.page_num, 1), LAST_PAGE)
        self.counted_to = max(COUNTED, asked * PER_PAGE)
        try:
            self.result_count = self.queryset.order_by().values("pk")[: self.counted_to + 1].count()
        except (DataError, OverflowError, ValueError) as error:
            # A time beyond what the database knows, for one.
            raise IncorrectLookupParameters(error) from error
        self.page_num = min(asked, max(ceil(self.result_count / PER_PAGE), 1))
        start = (self.page_num - 1) * PER_PAGE
        self.result_list = with_alike(self.queryset[start : start + PER_PAGE])
        # What Django's templates ask for. A total is not counted, so none is offered for comparison.
        self.full_result_count = self.result_count
        self.show_full_result_count = self.can_show_all = False
        self.show_admin_actions = True
        self.multi_page = self.result_count > PER_PAGE
        self.paginator = None

    @cached_property
    def views(self):
        """The links above the list."""
        counts = {DOUBTFUL: 0} if self.view.doubtful else {}
        counts |= count_views(self.user)
        return [
            {
                "name": name,
                "number": counts[name],
                "label": view.label,
                "count": up_to(counts[name]),
                "url": self._address(VIEW_VAR, name, default=WAITING),
                "is_current": name == self.view_name,
            }
            for name, view in VIEWS.items()
            if name in counts
        ]

    @property
    def everywhere(self):
        """The address of the same search in all there is, None where this is all."""
        return None if self.view_name == ALL else self._address(VIEW_VAR, ALL, default=WAITING)

    @property
    def sorts(self):
        """The orders in which this view can be read."""
        return [
            {
                "label": SORTS[name][0],
                "url": self._address(SORT_VAR, name, default=self.view.sorts[0]),
                "is_current": name == self.sort,
            }
            for name in self.view.sorts
        ]

    @property
    def pages(self):
        """Where in the list this page is, and the addresses of its neighbours, None where there is none."""
        start = (self.page_num - 1) * PER_PAGE
        end = min(start + PER_PAGE, self.result_count)
        return {
            "first": number_format(start + 1, force_grouping=True),
            "last": number_format(end, force_grouping=True),
            "count": up_to(self.result_count, self.counted_to),
            "previous": self._page(self.page_num - 1) if self.page_num > 1 else None,
            "next": self._page(self.page_num + 1)
            if self.result_count > end and self.page_num < LAST_PAGE
            else None,
            "is_cut": self.result_count > end and self.page_num == LAST_PAGE,
        }

    def _page(self, number):
        return self.get_query_string({PAGE_VAR: number if number > 1 else None})

    def _address(self, name, value, *, default):
        # The status of an older link has become the view; it goes where another view is chosen.
        current = {VIEW_VAR: self.view_name if self.view_name != WAITING else None, STATUS_VAR: None}
        return self.get_query_string(current | {name: value if value != default else None})


def _chosen(parameters, name, choices):
    """Return what the address chooses, None where it says nothing.

    Raises IncorrectLookupParameters if there is no such thing.
    """
    value = parameters.get(name)
    if value is not None and value not in choices:
        raise IncorrectLookupParameters(f"There is no {name} of that name")
    return value
