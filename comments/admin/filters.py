"""By what the queue is narrowed: beside the list, or by what a click on a row has chosen.

A value that cannot be is refused with IncorrectLookupParameters, which leads back to the queue.
"""

import re
from datetime import timedelta
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import OuterRef, Q, Subquery
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article

from ..batches import key_of
from ..fragments import comment_time
from ..models import DOUBT, FIRED, Batch, Comment, CommentFinding, Decision
from ..moderation.rules import RULES
from ..networks import SHORTEST, STORED, is_too_wide, network_of, within
from .likelihood import LIKELIHOODS


def is_id(value):
    """Say whether a text from outside can be the id of anything."""
    return key_of(value) is not None


def is_among(rows):
    """Return the condition that there is a row of the comment, looked up for one comment after the other.

    PostgreSQL would read all rows at once for an EXISTS where it believes them to be few.
    """
    return Q(IsNull(Subquery(rows.filter(comment=OuterRef("pk")).order_by().values("comment")[:1]), False))


class QueueFilter(admin.SimpleListFilter):
    """A filter that also says how an index finds what it lets through; the list applies it.

    ``leads``: whether there is an index that begins with what it asks for, and goes on by time.
    """

    template = "admin/comments/comment/folded_filter.html"
    leads = False

    def condition(self):
        """Return the condition that a comment has to meet; asked only where a value is chosen."""
        raise NotImplementedError

    def candidates(self, statuses):
        """Return keys of comments, of which no other can be meant, in no order; None if no index has them.

        ``statuses``: in which the comments are that are looked at, for what an index has by status.
        """
        return Comment.objects.filter(self.condition()).values("pk")

    def along(self, order):
        """Return the condition that is a part of an index in this order; None if there is none."""
        return self.condition() if self.leads and not order.by_doubt else None

    def queryset(self, request, queryset):
        """Leave it to the list, which knows by which of the filters it is best found."""
        return queryset


class ChoiceFilter(QueueFilter):
    """One of a few named choices, in ``CHOICES``."""

    template = "admin/filter.html"
    CHOICES = {}

    def lookups(self, request, model_admin):
        value = self.value()
        if value is not None and value not in self.CHOICES:
            raise IncorrectLookupParameters(f"There is no such {self.parameter_name}")
        return list(self.CHOICES.items())


class AgeFilter(ChoiceFilter):
    title = _("age")
    parameter_name = "age"
    CHOICES = {
        "today": _("Today"),
        "week": _("Past 7 days"),
        "month": _("Past 30 days"),
        "older": _("Older than 30 days"),
    }

    def condition(self):
        now = timezone.now()
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        since = {"today": midnight, "week": now - timedelta(days=7)}.get(
            self.value(), now - timedelta(days=30)
        )
        return Q(submitted_at__lt=since) if self.value() == "older" else Q(submitted_at__gte=since)

    def candidates(self, statuses):
        return Comment.objects.filter(self.condition(), status__in=statuses).values("pk")

    def along(self, order):
        return None if order.by_doubt else self.condition()


class LikelihoodFilter(ChoiceFilter):
    """By how likely spam is, as it stands beside each comment."""

    title = _("likelihood of spam")
    parameter_name = "likelihood"
    CHOICES = {name: each.label for name, each in LIKELIHOODS.items()}

    def condition(self):
        return LIKELIHOODS[self.value()].condition()

    def candidates(self, statuses):
        return Comment.objects.filter(self.condition(), status__in=statuses).values("pk")

    def along(self, order):
        """Return how doubtful such comments can be, where the order is by doubt."""
        if not order.by_doubt:
            return None
        least, most = LIKELIHOODS[self.value()].doubt()
        return Q(GreaterThanOrEqual(DOUBT, least), LessThanOrEqual(DOUBT, most))


class SenderFilter(ChoiceFilter):
    title = _("sender")
    parameter_name = "sender_confirmed__exact"
    CHOICES = {"1": _("Confirmed"), "0": _("Not confirmed")}

    def condition(self):
        return Q(sender_confirmed=self.value() == "1")

    def candidates(self, statuses):
        """Most senders are confirmed, so there is an index of the others only."""
        return super().candidates(statuses) if self.value() == "0" else None


class RuleFilter(QueueFilter):
    """Comments that a rule spoke strongly against."""

    title = _("rule that fired")
    parameter_name = "rule"

    def lookups(self, request, model_admin):
        names = [rule.__name__ for rule in RULES]
        chosen = self.value()
        if chosen is not None and chosen not in names:
            # Perhaps a rule of an earlier version, whose findings stay.
            if not re.fullmatch(r"[a-z0-9_]{1,50}", chosen):
                raise IncorrectLookupParameters("No rule has such a name")
            names.append(chosen)
        return sorted((name, name.replace("_", " ")) for name in names)

    def fired(self):
        return CommentFinding.objects.filter(rule=self.value(), points__gte=FIRED, evaluated=True)

    def condition(self):
        return is_among(self.fired())

    def candidates(self, statuses):
        return self.fired().values("comment")


class FilterFromRow(QueueFilter):
    """Chosen by a click on a row; it stands beside the list only while it is in force."""

    template = "admin/filter.html"
    leads = True

    def lookups(self, request, model_admin):
        value = self.value()
        if value is None:
            return []
        if not self.is_possible(value):
            raise IncorrectLookupParameters(f"No {self.parameter_name} is like that")
        return [(value, self.label(value))]

    def condition(self):
        return Q(**{self.parameter_name: self.value()})


class ArticleFilter(FilterFromRow):
    title = _("article")
    parameter_name = "article"
    is_possible = staticmethod(is_id)

    def candidates(self, statuses):
        return Comment.objects.filter(self.condition(), status__in=statuses).values("pk")

    def label(self, value):
        title = Article.objects.filter(pk=value).values_list("title", flat=True).first()
        return title or gettext("(deleted)")


class CommenterFilter(FilterFromRow):
    title = _("commenter")
    parameter_name = "commenter"
    is_possible = staticmethod(is_id)

    def label(self, value):
        return gettext("commenter %(number)s") % {"number": value}


class CampaignFilter(FilterFromRow):
    title = _("campaign")
    parameter_name = "campaign"
    is_possible = staticmethod(is_id)
    leads = False

    def label(self, value):
        return gettext("like comment %(number)s") % {"number": value}


class BatchFilter(FilterFromRow):
    """Comments that were moved together, wherever they are now."""

    title = _("batch")
    parameter_name = "batch"
    leads = False

    @staticmethod
    def is_possible(value):
        # As it stands in addresses; UUID itself takes braces and more.
        return re.fullmatch(r"[0-9a-fA-F-]{32,36}", value) and len(value.replace("-", "")) == 32

    def moved(self):
        return Decision.objects.filter(batch=UUID(self.value()))

    def condition(self):
        return is_among(self.moved())

    def candidates(self, statuses):
        return self.moved().values("comment")

    def label(self, value):
        batch = Batch.objects.select_related("by").filter(pk=UUID(value)).first()
        if batch is None:
            return gettext("(deleted)")
        return gettext("%(batch)s, by %(who)s, %(when)s") % {
            "batch": batch,
            "who": batch.by,
            "when": comment_time(batch.made_at),
        }


class AddressFilter(QueueFilter):
    """Comments from one network, clicked on or typed; a machine's own address is not kept."""

    title = _("network")
    parameter_name = "address"
    template = "admin/comments/comment/address_filter.html"
    network = None

    def lookups(self, request, model_admin):
        typed = (self.value() or "").strip()
        if not typed:
            # An empty field, sent with the form.
            self.used_parameters.pop(self.parameter_name, None)
            return []
        try:
            self.network = network_of(typed)
        except ValueError:
            messages.error(request, _("That is no network. Write it like 203.0.113.0/24 or 2001:db8::/32."))
            raise IncorrectLookupParameters("No address is like that") from None
        if is_too_wide(self.network):
            messages.error(
                request,
                _("That is too wide: a network has at least /%(ipv4)d, or /%(ipv6)d of IPv6.")
                % {"ipv4": SHORTEST[4], "ipv6": SHORTEST[6]},
            )
            raise IncorrectLookupParameters("Too wide a network")
        self.leads = self.network.prefixlen == STORED[self.network.version]
        return [(self.value(), str(self.network))]

    def has_output(self):
        return True

    def condition(self):
        if self.leads:
            return Q(address=str(self.network.network_address))
        return within(self.network)

    def choices(self, changelist):
        """Keep what the form has to send along, and offer to leave the network out again."""
        others = changelist.get_query_string(remove=[self.parameter_name])
        self.hidden = parse_qsl(others.removeprefix("?"), keep_blank_values=True)
        return super().choices(changelist) if self.network else []
