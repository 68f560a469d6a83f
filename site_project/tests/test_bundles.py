import os
from io import StringIO

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from site_project.bundles import BUNDLES


@pytest.fixture(autouse=True)
def bundles_root(settings, tmp_path):
    settings.BUNDLES_ROOT = tmp_path / "bundles"
    finders.get_finder.cache_clear()
    yield settings.BUNDLES_ROOT
    finders.get_finder.cache_clear()


def parts_of(path, settings):
    return [settings.BASE_DIR / "static" / part for part in BUNDLES[path]]


@pytest.mark.parametrize("path", BUNDLES)
def test_bundle_has_all_its_parts_in_order(path, settings):
    with open(finders.find(path), encoding="utf-8") as file:
        made = file.read()
    places = [made.index(part.read_text(encoding="utf-8")) for part in parts_of(path, settings)]
    assert places == sorted(places)


def test_every_style_sheet_of_readers_is_in_a_bundle(settings):
    written = {f"css/{path.name}" for path in (settings.BASE_DIR / "static" / "css").glob("*.css")}
    assert written == {part for parts in BUNDLES.values() for part in parts}


def test_bundle_is_made_anew_where_a_part_has_changed(settings):
    made = finders.find("css/site.css")
    with open(made, "w", encoding="utf-8") as file:
        file.write("old")
    assert finders.find("css/site.css") == made
    with open(made, encoding="utf-8") as file:
        assert file.read() == "old"
    newest = max(part.stat().st_mtime for part in parts_of("css/site.css", settings))
    os.utime(made, (newest - 1, newest - 1))
    with open(finders.find("css/site.css"), encoding="utf-8") as file:
        assert file.read() != "old"


def test_bundle_is_collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "collected"
    call_command("collectstatic", interactive=False, stdout=StringIO())
    assert (tmp_path / "collected" / "css" / "site.css").stat().st_size > 10_000


def test_what_is_no_bundle_is_left_to_others():
    assert finders.find("css/nothing.css") is None
