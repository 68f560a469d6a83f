"""Dates, numbers and plurals by the rules of the reader's language."""

from datetime import UTC, datetime

import polib
import pytest
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import ngettext

from comments.fragments import clock_time, comment_time

MOMENT = datetime(2017, 3, 20, 7, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words", "clock"),
    [
        ("en", "March 20, 2017 at 7:31 am", "7:31 am"),
        ("de", "20. März 2017 um 7:31 Uhr", "7:31"),
        ("fr", "20 mars 2017 à 7\u00a0h\u00a031", "7\u00a0h\u00a031"),
        ("es", "20 de marzo de 2017 a las 7:31", "7:31"),
        ("ar", "20 مارس، 2017 الساعة 7:31 ص", "7:31 ص"),
        ("ja", "2017年3月20日 7:31", "7:31"),
    ],
)
def test_a_time_reads_as_in_a_blog_of_that_language(settings, language, words, clock):
    settings.TIME_ZONE = "UTC"
    with translation.override(language):
        assert (comment_time(MOMENT), clock_time(MOMENT)) == (words, clock)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "20. März 2017, 7:31"),
        ("fr", "20 mars 2017 à 7\u00a0h\u00a031"),
        ("es", "20 de marzo de 2017 a las 7:31"),
        ("ar", "20 مارس، 2017، 7:31 ص"),
        ("ja", "2017年3月20日7:31"),
    ],
)
def test_date_and_time_together_are_in_full(language, words):
    with translation.override(language):
        assert date_format(MOMENT, "DATETIME_FORMAT") == words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "10,000"), ("de", "10.000"), ("fr", "10\u00a0000"), ("ar", "10.000"), ("ja", "10,000")],
)
def test_large_numbers_are_grouped(language, words):
    with translation.override(language):
        assert number_format(10_000, force_grouping=True) == words


SLAVIC = "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"
RULES = {
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "ru": f"nplurals=3; plural=({SLAVIC});",
}
COMMENTS = {
    "pl": ["%(count)d komentarz", "%(count)d komentarze", "%(count)d komentarzy"],
    "ru": ["%(count)d комментарий", "%(count)d комментария", "%(count)d комментариев"],
}


@pytest.fixture
def slavic_catalogues(settings, tmp_path):
    """Two languages that the site does not come with, each with one text."""
    for language, forms in COMMENTS.items():
        found = polib.POFile()
        found.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Language": language,
            "Plural-Forms": RULES[language],
        }
        found.append(
            polib.POEntry(
                msgid="%(count)d comment",
                msgid_plural="%(count)d comments",
                msgstr_plural=dict(enumerate(forms)),
            )
        )
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        found.save_as_mofile(folder / "django.mo")
    settings.LOCALE_PATHS = [tmp_path]


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("pl", 1, "1 komentarz"),
        ("pl", 2, "2 komentarze"),
        ("pl", 5, "5 komentarzy"),
        ("pl", 22, "22 komentarze"),
        ("ru", 1, "1 комментарий"),
        ("ru", 2, "2 комментария"),
        ("ru", 5, "5 комментариев"),
        ("ru", 22, "22 комментария"),
        ("ru", 21, "21 комментарий"),
    ],
)
def test_a_number_takes_the_form_of_its_language(slavic_catalogues, language, count, words):
    with translation.override(language):
        assert ngettext("%(count)d comment", "%(count)d comments", count) % {"count": count} == words
