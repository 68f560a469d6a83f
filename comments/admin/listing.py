"""Which comments the queue lists: its views with their counts, its orders and its pages.

A page costs the same however many comments there are. Where a filter passes few, its index gives them, and
the other filters look at these alone. Where each passes many, an index that has the order is followed until
the page is full, and no further than ``paging.WINDOWS`` say. What both cost is the same on every site, and
does not hang on what a database guesses of filters together.
"""

from dataclasses import dataclass

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles.models import Author

from ..batches import MOST
from ..campaigns import with_alike
from ..models import Comment, SecondLook
from . import counts, paging
from .filters import AgeFilter, QueueFilter
from .paging import ORDERS, Listed, turn_to

PER_PAGE = 50
# So many comments are few: all of them are looked at. A batch holds no more.
FEW = MOST

VIEW_VAR = "view"
SORT_VAR = "sort"
# The key of the page, in the order's own columns.
AFTER_VAR = "after"
BEFORE_VAR = "before"
# What links to the queue said before it had views.
STATUS_VAR = "status__exact"
OWN_VARS = (VIEW_VAR, SORT_VAR, STATUS_VAR, AFTER_VAR, BEFORE_VAR)


@dataclass(frozen=True, slots=True)
class View:
    """Comments that are looked at together. ``statuses``: empty for all. ``sorts``: the first by default."""

    label: str
    empty: str
    statuses: tuple[str, ...] = ()
    mine: bool = False
    doubtful: bool = False
    sorts: tuple[str, ...] = ("newest", "oldest")

    def condition(self, user):
        """Return the condition that a comment belongs here."""
        if self.doubtful:
            # All of them are published. To ask for the status too leads SQLite through all that is published.
            return Q(pk__in=SecondLook.objects.doubtful())
        whose = Q(article__author__user=user) if self.mine else Q()
        return (Q(status__in=self.statuses) if self.statuses else ~Q(status=Comment.Status.DELETED)) & whose

    def of(self, comments, user):
        """Return those of the comments that belong here."""
        found = comments.filter(self.condition(user))
        return found.select_related("second_look") if self.doubtful else found


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


class QueueChangeList(ChangeList):
    """The rows of one view, in one order, one page of them."""

    def __init__(self, request, *arguments, **options):
        self.user = request.user
        self.view_name = _chosen(request.GET, VIEW_VAR, VIEWS) or VIEW_OF_STATUS.get(
            request.GET.get(STATUS_VAR), WAITING
        )
        self.view = VIEWS[self.view_name]
        sort = _chosen(request.GET, SORT_VAR, ORDERS)
        self.sort = sort if sort in self.view.sorts else self.view.sorts[0]
        self.order = ORDERS[self.sort]
        super().__init__(request, *arguments, **options)

    def get_filters_params(self, params=None):
        lookups = super().get_filters_params(params)
        for own in OWN_VARS:
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
        """Return all that the list gives, on whichever page."""
        found = self.view.of(super().get_queryset(request, exclude_parameters), request.user)
        self.chosen = [
            each for each in self.filter_specs if isinstance(each, QueueFilter) and each.value() is not None
        ]
        # What the view and the search give, of which a filter's index may know a better way.
        self.unfiltered = found
        return found.filter(*(each.condition() for each in self.chosen))

    def get_ordering(self, request, queryset):
        return self.order.by()

    def get_query_string(self, new_params=None, remove=None):
        """A page belongs to one view, order, filter and search; whatever changes these leads to the first."""
        return super().get_query_string({AFTER_VAR: None, BEFORE_VAR: None} | (new_params or {}), remove)

    def get_results(self, request):
        """Fetch one page, at a cost that does not grow with the table."""
        listed = self._listed()
        key, backwards = self._key(request.GET)
        self.page = turn_to(listed, self.order, size=PER_PAGE, key=key, backwards=backwards)
        self.total = self._total(listed.few)
        self.result_list = with_alike(self.page.rows)
        # What Django's templates ask for. A total is not counted, so none is offered for comparison.
        self.result_count = self.full_result_count = len(self.page.rows)
        self.show_full_result_count = self.can_show_all = False
        self.show_admin_actions = True
        self.multi_page = False
        self.paginator = None

    def _listed(self):
        """Return what is listed, and how it is found; on the way, how many comments each view holds."""
        statuses = self.view.statuses or Comment.Status.values
        passed = {each: each.candidates(statuses) for each in self.chosen}
        if self.view.mine:
            passed[self.view] = self.view.of(Comment.objects, self.user).values("pk")
        passed = {each: rows for each, rows in passed.items() if rows is not None}
        parts = {name: (view.of(Comment.objects, self.user), counts.COUNTED) for name, view in VIEWS.items()}
        parts["is_author"] = Author.objects.filter(user=self.user), 1
        if self.query:
            parts["found"] = self.queryset, counts.COUNTED
        named = {f"passed_{number}": each for number, each in enumerate(passed)}
        self.sizes = counts.count_to(parts | {name: (passed[each], FEW) for name, each in named.items()})
        if self.query:
            # A search gives so few that all of them are looked at.
            return Listed(self.queryset, wide=self.unfiltered, few=self.queryset)
        sizes = {each: self.sizes[name] for name, each in named.items()}
        narrowest = min(sizes, key=sizes.get, default=None)
        few = None
        if narrowest is not None and sizes[narrowest] <= FEW:
            others = [each.condition() for each in self.chosen if each is not narrowest]
            few = self.unfiltered.filter(*others, pk__in=passed[narrowest].order_by()[:FEW])
        leader = next((each for each in self.chosen if each.leads and not self.order.by_doubt), None)
        # Along the order it is quicker only where a page is likely to be full soon.
        soon = paging.WINDOWS[0] * sizes.get(narrowest, 0) >= PER_PAGE * (self.sizes["highest"] or 0)
        along = None
        if self._is_narrowed() and (few is None or leader or soon):
            along = self._along(leader)
        return Listed(self.queryset, wide=self.unfiltered, few=few, along=along)

    def _is_narrowed(self):
        """Say whether comments in the order's index have to be looked at themselves. Their age is in it."""
        return self.view.mine or any(not isinstance(each, AgeFilter) for each in self.chosen)

    def _along(self, leader):
        """Return the comments to be looked through: a range of an index that gives them in this order.

        ``leader``: the filter that the index begins with, if any; there is no status in such an index.
        """
        conditions = [each.along(self.order) for each in self.chosen if not each.leads or each is leader]
        along = Comment.objects.filter(*(condition for condition in conditions if condition is not None))
        # Nor is there an index in the order for several of them.
        if leader is None and len(self.view.statuses) == 1:
            along = along.filter(status=self.view.statuses[0])
        return along

    def _key(self, parameters):
        """Return the key that the address holds, None for the first page, and whether the page ends there."""
        held = [name for name in (AFTER_VAR, BEFORE_VAR) if name in parameters]
        if not held:
            return None, False
        if len(held) > 1:
            raise IncorrectLookupParameters("A page begins or ends at a key, not both")
        return self.order.read(parameters[held[0]]), held[0] == BEFORE_VAR

    def _total(self, few):
        """Return how many there are on all pages together, in words; empty where nobody knows.

        ``few``: the comments that are listed, if they can be counted.
        """
        if self.is_whole:
            return counts.in_words(len(self.page.rows))
        if self.query:
            return counts.in_words(self.sizes["found"])
        if few is not None:
            return counts.in_words(few.order_by().values("pk")[: counts.COUNTED + 1].count())
        if not self.chosen:
            return self._size(self.view_name)
        about = self.estimates.get("here")
        return counts.about_in_words(about) if about else ""

    @property
    def is_whole(self):
        """Whether this page is all there is."""
        return self.page.before is None and self.page.after is None

    @cached_property
    def estimates(self):
        """Of each view that holds too many to count, and of what is listed, about how many there are."""
        ids = counts.sample(self.sizes["highest"] or 0)
        kinds = {
            name: view.condition(self.user)
            for name, view in VIEWS.items()
            if self.sizes[name] > counts.COUNTED
        }
        # What a search gives is counted.
        if self.chosen and not self.query:
            kinds["here"] = Q(self.view.condition(self.user), *(each.condition() for each in self.chosen))
        return counts.estimate(kinds, ids) if kinds else {}

    def _size(self, name):
        size = self.sizes[name]
        return counts.in_words(size, self.estimates.get(name) if size > counts.COUNTED else None)

    @cached_property
    def views(self):
        """The links above the list.

        "Mine" is missing where nothing on this site is by the user, "doubtful" where nothing is, unless it is
        looked at.
        """
        return [
            {
                "name": name,
                "number": self.sizes[name],
                "label": view.label,
                "count": self._size(name),
                "url": self._address(VIEW_VAR, name, default=WAITING),
                "is_current": name == self.view_name,
            }
            for name, view in VIEWS.items()
            if (not view.mine or self.sizes["is_author"])
            and (not view.doubtful or self.sizes[name] or name == self.view_name)
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
                "label": ORDERS[name].label,
                "url": self._address(SORT_VAR, name, default=self.view.sorts[0]),
                "is_current": name == self.sort,
            }
            for name in self.view.sorts
        ]

    @property
    def pages(self):
        """What is shown of how much, and the addresses of the first page and of the neighbours, if any."""
        return {
            "shown": self._shown(),
            "first": self.get_query_string() if self.page.before is not None else None,
            "previous": self._page(BEFORE_VAR, self.page.before),
            "next": self._page(AFTER_VAR, self.page.after),
            "is_cut": self.page.is_cut,
        }

    def _shown(self):
        count = len(self.page.rows)
        if self.is_whole:
            return ngettext("%(count)d comment", "%(count)d comments", count) % {"count": count}
        if not self.total:
            return ngettext("%(count)d shown", "%(count)d shown", count) % {"count": count}
        return ngettext("%(count)d shown of %(total)s", "%(count)d shown of %(total)s", count) % {
            "count": count,
            "total": self.total,
        }

    def _page(self, name, key):
        return None if key is None else self.get_query_string({name: self.order.written(key)})

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
