"""The search of the queue: what stands below its field, and what it says of an answer that is cut."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import search


class SearchedByWords:
    """What a ModelAdmin of comments takes to search by the database's index."""

    # Only names what is searched, and lets the field be shown.
    search_fields = search.FIELDS
    search_help_text = gettext_lazy(
        "In text, name, email and website: all words, the last one perhaps only begun. “In quotes”: words in "
        "a row. A star stands for the end of a word: pharm* online."
    )

    def get_search_results(self, request, queryset, search_term):
        """Return the comments found, among those of the queryset and in its order."""
        if not search_term:
            return queryset, False
        request.found = search.find(search_term)
        return queryset.filter(search.among(request.found.ids)), False

    def get_changelist_instance(self, request):
        changes = super().get_changelist_instance(request)
        changes.search_notes = notes(getattr(request, "found", None))
        return changes


def notes(found):
    """Return what has to be said of an answer, in sentences. ``found``: None where nothing was asked."""
    if found is None:
        return []
    most = number_format(search.MOST, force_grouping=True)
    said = []
    if not found.has_words:
        said.append(_("There is no word to look for: signs and pictures are not searched."))
    if found.is_shortened:
        longest = number_format(search.LONGEST, force_grouping=True)
        said.append(_("Only the first %(count)s characters were looked for.") % {"count": longest})
    if found.is_cut:
        said.append(
            _(
                "More than %(count)s comments have these words, whatever their status. Only the newest "
                "%(count)s of them were looked at; one more word leads further."
            )
            % {"count": most}
        )
    return said
