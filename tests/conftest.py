"""A real browser for the journeys: one window for each person, and no error goes unseen in any."""

from importlib import import_module
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import expect, sync_playwright

from .desk import OLDEST_FIRST, log_in
from .factories import make_article, make_author, make_comment, make_user

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What a page may take on a busy machine before it counts as broken, in milliseconds.
PATIENCE = 30_000


@pytest.fixture(scope="session")
def browser(chromium_path):
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_visitor(browser, live_server):
    """Return a function that opens a window for somebody who has never been here.

    It takes the options of a Playwright context, such as ``java_script_enabled=False``. Nothing moves
    unless asked for: a page left while it is still fading in would count as an error. The test
    fails if any page asks another host for anything, misses a file, breaks the content security
    policy or has an error in a script.
    """
    faults, contexts = [], []

    def open_window(**options):
        options = {"reduced_motion": "reduce"} | options
        context = browser.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: faults.extend(_foreign(request, live_server.url)))
        context.on("response", lambda response: faults.extend(_failed(response)))
        context.on("console", lambda message: faults.extend(_complaint(message)))
        context.on("weberror", lambda error: faults.extend(_broken(error)))
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()
    assert not faults


def _foreign(request, site):
    if urlsplit(request.url).scheme not in ("data", "blob") and not request.url.startswith(f"{site}/"):
        yield f"request to another host: {request.url}"


def _failed(response):
    """A page may be an error page, if it isn't the server's own fault; what belongs to it must be there."""
    if response.status >= (500 if response.request.is_navigation_request() else 400):
        yield f"{response.status}: {response.url}"


def _broken(error):
    # So Chromium ends a view transition to a page that takes part in none, such as the admin's.
    if "ViewTransition opt-in disabled" not in str(error.error):
        yield f"script: {error.error}"


def _complaint(message):
    # That a page is an error page is said in the console too; _failed() knows better which may be.
    if message.type == "error" and "the server responded with a status of" not in message.text:
        yield f"console: {message.text} ({message.location['url']})"


@pytest.fixture
def editor(live_server):
    """Somebody in the group of editors, which a migration made and the flush after a test emptied."""
    migration = import_module("comments.migrations.0002_groups")
    migration.make_groups(apps, connection.schema_editor())
    editor = make_user("ana", groups=["Editors"], is_staff=True)
    make_author(name="Ana Beaumont", slug="ana-beaumont", user=editor)
    return editor


@pytest.fixture
def open_desk(new_visitor):
    """Return a function that opens a page of the admin for one of the staff, in a window of their own."""

    def open_it(address=OLDEST_FIRST, username="ana", **options):
        page = new_visitor(**options)
        page.goto(address)
        log_in(page, username)
        # The keys come with the script, which the page does not wait for.
        page.wait_for_load_state()
        return page

    return open_it


@pytest.fixture
def waiting(editor):
    """Return a function that makes so many comments wait, each with its number for a name."""

    def make(count, **fields):
        article = make_article(title="Notes on a Stiff Neck", path="stiff-neck/")
        return [
            make_comment(article, author_name=f"No. {n}", status="pending", **fields) for n in range(count)
        ]

    return make


@pytest.fixture
def demo_site(live_server):
    call_command("seed_demo", stdout=StringIO())
