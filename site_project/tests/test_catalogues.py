"""The interface in other languages: every text is translated, exactly, and compiled as it is written."""

import os
import re
import shutil
import subprocess
import sys

import polib
import pytest
from django.conf import settings
from django.utils import translation

from conftest import needed

FOLDER = settings.BASE_DIR / "locale"
LANGUAGES = sorted(path.name for path in FOLDER.iterdir())
PLACEHOLDER = re.compile(r"%\(\w+\)[+.\d]*[sd]|%[sd%]|\{\w*\}|</?\w+")


def catalogue(language):
    return polib.pofile(FOLDER / language / "LC_MESSAGES" / "django.po")


def key(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


def test_each_language_is_one_that_django_knows():
    assert set(LANGUAGES) <= {code for code, _name in settings.LANGUAGES} and {"ar", "de", "ja"} <= set(
        LANGUAGES
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete(language):
    found = catalogue(language)
    assert [entry.msgid for entry in found.untranslated_entries()] == []
    assert [entry.msgid for entry in found.fuzzy_entries()] == []
    assert [entry.msgid for entry in found.obsolete_entries()] == []
    forms = int(re.search(r"nplurals=(\d)", found.metadata["Plural-Forms"])[1])
    assert {len(entry.msgstr_plural) for entry in found if entry.msgid_plural} == {forms}


def slip(entry):
    """Return what is wrong with the placeholders of a translation, if anything is."""
    wanted = placeholders(entry.msgid_plural or entry.msgid)
    for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
        found = placeholders(text)
        # “One comment”: what a form for one number says in words, it need not say in figures.
        in_words = [each for each in wanted if each not in found] if entry.msgid_plural else []
        if sorted(found + in_words) != wanted or len(in_words) > 1:
            return f"{text!r}: {found}, not {wanted}"
        if text.strip() != text and entry.msgid.strip() == entry.msgid:
            return f"{text!r}: spaces around it"
    return None


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_what_is_filled_in_and_no_more(language):
    assert [fault for fault in map(slip, catalogue(language)) if fault] == []


@pytest.mark.parametrize(
    ("translated", "is_right"),
    [
        ({0: "%(count)d von %(total)s", 1: "%(count)d von %(total)s"}, True),
        ({0: "der eine von %(total)s", 1: "%(count)d von %(total)s"}, True),
        ({0: "der eine von einem", 1: "%(count)d von %(total)s"}, False),
        ({0: "%(count)d von %(total)s", 1: "%(count)d von %(totals)s"}, False),
        ({0: "%(count)d von %(total)s", 1: "%(count)d von %(total)s %(total)s"}, False),
        ({0: "%(count)d von %(total)s", 1: "<b>%(count)d von %(total)s"}, False),
    ],
)
def test_a_slip_in_a_placeholder_is_found(translated, is_right):
    text = "%(count)d of %(total)s"
    entry = polib.POEntry(msgid=text, msgid_plural=text, msgstr_plural=translated)
    assert (slip(entry) is None) == is_right


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_says_what_the_written_one_does(language):
    compiled = polib.mofile(FOLDER / language / "LC_MESSAGES" / "django.mo")

    def content(entries):
        return {key(entry): entry.msgstr or entry.msgstr_plural for entry in entries}

    assert content(compiled) == content(catalogue(language)), "run `make messages`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fresh_machine_reads_the_compiled_catalogue(language):
    with translation.override(language):
        assert translation.gettext("Post Comment") != "Post Comment"


def test_every_text_of_the_source_is_in_the_catalogues(tmp_path):
    if not shutil.which("xgettext"):
        needed("gettext is not installed")
    for name in ("articles", "comments", "site_project", "templates"):
        shutil.copytree(
            settings.BASE_DIR / name, tmp_path / name, ignore=shutil.ignore_patterns("tests", "demo")
        )
    shutil.copy(settings.BASE_DIR / "manage.py", tmp_path)
    (tmp_path / "locale").mkdir()
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "de", "--keep-pot"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "unused"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    source = {key(entry) for entry in polib.pofile(tmp_path / "locale" / "django.pot")}
    for language in LANGUAGES:
        assert {key(entry) for entry in catalogue(language)} == source, f"{language}: run `make messages`"


# What xgettext passes over: a text inside an f-string, or called by a name that it does not know.
UNSEEN = [
    re.compile(r"""\bf(['"]).*\{(?:_|n?p?gettext)\(.*\1"""),
    re.compile(r"import n?p?gettext(?:_lazy)? as (?!_$)\w+", re.MULTILINE),
]


@pytest.mark.parametrize(
    "code", ["""f"{held} {_('Held too.')}\"""", "from django.utils.translation import gettext as _translated"]
)
def test_a_text_that_cannot_be_found_is_found_out(code):
    assert any(pattern.search(code) for pattern in UNSEEN)


@pytest.mark.parametrize("app", ["articles", "comments", "site_project"])
def test_no_text_stands_where_it_cannot_be_found(app):
    sources = [path for path in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in path.parts]
    assert [
        f"{path.name}: {match[0]}"
        for path in sources
        for pattern in UNSEEN
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ] == []
