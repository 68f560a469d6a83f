"""What all tests share."""

import os
import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.db import connection

from tests.quality import NU_CHECKER


def pytest_configure():
    # Hashed names need `collectstatic`, which tests have no use for.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.WHITENOISE_AUTOREFRESH = True
    # One quick hasher: no test is about the strength of a password's hash.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    (settings.BASE_DIR / "var").mkdir(exist_ok=True)


def pytest_collection_modifyitems(config, items):
    """Leave out, rather than skip, what only another database does: nothing is wanting for it here."""
    elsewhere = {
        item for item in items for mark in item.iter_markers("only_on") if mark.args != (connection.vendor,)
    }
    config.hook.pytest_deselected(items=list(elsewhere))
    items[:] = [item for item in items if item not in elsewhere]


def pytest_terminal_summary(terminalreporter):
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and not os.environ.get("CI"):
        terminalreporter.write_line(
            "These tests ran on SQLite; DATABASE_URL=postgres://… runs them on PostgreSQL."
        )


def needed(what):
    """Skip for want of something that a fresh machine need not have; in CI nothing may be wanting."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and in CI nothing may skip")
    pytest.skip(what)


@pytest.fixture(autouse=True)
def nobody_is_mailed_in_passing(monkeypatch):
    """Keep the thread that mails editors out of tests, which have its work done themselves."""
    monkeypatch.setattr("comments.notices._mailer", Mock())


@pytest.fixture(scope="session")
def shared():
    """The folder of real data beside the checkout."""
    folder = Path(__file__).resolve().parent.parent / "shared"
    return (
        folder
        if (folder / "corpus").is_dir()
        else needed("the folder of real data is not beside this checkout")
    )


@pytest.fixture(scope="session")
def chromium_path():
    path = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    return path or needed("no Chromium is installed")


@pytest.fixture(scope="session")
def nu_checker():
    if not NU_CHECKER.exists():
        needed("the Nu HTML checker is not installed (`make judges`)")
    if not shutil.which("java"):
        needed("no Java is installed, which the Nu HTML checker needs")
    return NU_CHECKER
