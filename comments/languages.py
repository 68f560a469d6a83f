"""In which languages comments are written: of one, of all that are stored, and by name."""

from django.conf.locale import LANG_INFO
from django.db import connection
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from .markup import plain_text
from .moderation.language import language_of

# What Django has no name for: scripts, and a few languages.
NAMES = {
    "": _("Not recognised"),
    "Latn": _("Latin letters, language unclear"),
    "Cyrl": _("Cyrillic letters, language unclear"),
    "Arab": _("Arabic letters, language unclear"),
    "Deva": _("Devanagari letters"),
    "gu": _("Gujarati"),
    "or": _("Odia"),
    "si": _("Sinhala"),
    "tl": _("Tagalog"),
    "zh": _("Chinese"),
}

# From one language to the next by the index, however many comments each of them has.
_OCCURRING = """
    WITH RECURSIVE found (language) AS (
        SELECT min(language) FROM comments_comment
        UNION ALL
        SELECT (SELECT min(comment.language) FROM comments_comment AS comment
            WHERE comment.language > found.language)
        FROM found WHERE found.language IS NOT NULL
    )
    SELECT language FROM found WHERE language IS NOT NULL"""


def language_of_html(body_html):
    """Return what is kept as the language of a comment whose text is shown like this."""
    return language_of(plain_text(body_html))


def occurring():
    """Return the languages of all comments that are stored, each once, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_OCCURRING)
        return [language for (language,) in cursor.fetchall()]


def tag_of(language):
    """Return the tag (BCP 47) by which pages tell browsers a stored language; empty where it is not known."""
    if language in ("", "Latn"):
        return ""
    # Of a script alone: some language that is written in it.
    return f"und-{language}" if language.istitle() else language


def direction_of(language):
    """Return the direction in which a stored language is written, for ``dir``; "auto": look at the text."""
    if language in ("", "Latn"):
        return "auto"
    return "rtl" if language == "Arab" or LANG_INFO.get(language, {}).get("bidi") else "ltr"


def name_of(language):
    """Return the name of a stored language in the language of the page."""
    # Capitals, since some languages write the names of languages small, but no list does.
    return NAMES.get(language) or _capitalised(get_language_info(language)["name_translated"])


def _capitalised(name):
    return name[:1].upper() + name[1:]
