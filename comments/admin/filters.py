"""By what the queue is narrowed: a rule, or what a click on a row has chosen.

A value that cannot be is refused with IncorrectLookupParameters, which leads back to the queue.
"""

import re
from ipaddress import ip_address

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article

from ..batches import key_of
from ..models import Comment, CommentFinding
from ..moderation.rules import RULES

# From so many points on a rule counts as having fired.
FIRED = 5


def is_id(value):
    """Say whether a text from outside can be the id of anything."""
    return key_of(value) is not None


class RuleFilter(admin.SimpleListFilter):
    """Comments that a rule spoke strongly against."""

    title = _("rule that fired")
    parameter_name = "rule"
    template = "admin/comments/comment/folded_filter.html"

    def lookups(self, request, model_admin):
        names = [rule.__name__ for rule in RULES]
        chosen = self.value()
        if chosen is not None and chosen not in names:
            # Perhaps a rule of an earlier version, whose findings stay.
            if not re.fullmatch(r"[a-z0-9_]{1,50}", chosen):
                raise IncorrectLookupParameters("No rule has such a name")
            names.append(chosen)
        return sorted((name, name.replace("_", " ")) for name in names)

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        fired = CommentFinding.objects.filter(
            comment=OuterRef("pk"), rule=self.value(), points__gte=FIRED, evaluated=True
        )
        return queryset.filter(Exists(fired))


class FilterFromRow(admin.SimpleListFilter):
    """Chosen by a click on a row; it stands beside the list only while it is in force."""

    def lookups(self, request, model_admin):
        value = self.value()
        if value is None:
            return []
        if not self.is_possible(value):
            raise IncorrectLookupParameters(f"No {self.parameter_name} is like that")
        return [(value, self.label(value))]

    def queryset(self, request, queryset):
        return queryset.filter(**{self.parameter_name: self.value()})


class ArticleFilter(FilterFromRow):
    title = _("article")
    parameter_name = "article"
    is_possible = staticmethod(is_id)

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

    def label(self, value):
        return gettext("like comment %(number)s") % {"number": value}


class AddressFilter(FilterFromRow):
    """Comments from one network; a machine's own address is not kept."""

    title = _("network")
    parameter_name = "address"

    @staticmethod
    def is_possible(value):
        try:
            ip_address(value)
        except ValueError:
            return False
        return True

    def label(self, value):
        # As it is kept, so that 2001:DB8:: is found too.
        return Comment._meta.get_field("address").to_python(value)
