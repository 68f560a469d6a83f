"""The filter by the language in which a comment is written."""

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..languages import name_of, occurring
from ..models import Comment
from ..moderation.language import CODES
from .filters import QueueFilter

# Which languages occur changes seldom: so long a list is kept, in seconds.
KEPT_AS, KEPT_SECONDS = "comments.languages", 600
# How an address says that the language is not known.
UNKNOWN = "unknown"


class LanguageFilter(QueueFilter):
    """Comments in one language, of those that occur; where there is but one there is nothing to choose."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request, model_admin):
        chosen = self.value()
        if chosen is not None and chosen not in CODES | {UNKNOWN}:
            raise IncorrectLookupParameters("No language has such a code")
        found = {language or UNKNOWN for language in cache.get_or_set(KEPT_AS, occurring, KEPT_SECONDS)}
        if chosen is None and len(found) < 2:
            return []
        named = {code: str(name_of("" if code == UNKNOWN else code)) for code in found | {chosen} - {None}}
        # What is not known stands last.
        return sorted(named.items(), key=lambda item: (item[0] == UNKNOWN, item[1].casefold()))

    def condition(self):
        return Q(language="" if self.value() == UNKNOWN else self.value())

    def candidates(self, statuses):
        return Comment.objects.filter(self.condition(), status__in=statuses).values("pk")

    def along(self, order):
        """There is an index for each order, with the status and without."""
        return self.condition()
