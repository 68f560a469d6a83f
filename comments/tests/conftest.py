"""What several tests of comments share."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache

from comments import background, intake
from comments.admin.languages import KEPT_AS
from comments.akismet import Client
from comments.moderation.pipeline import PRIOR, judge
from comments.moderation.types import Finding
from tests.factories import make_moderator

from .loopback import Loopback


@pytest.fixture(autouse=True)
def nothing_read_yet():
    """Let no test meet the articles and languages of an earlier one, which this process has read."""
    background.forget()
    cache.delete(KEPT_AS)


@pytest.fixture
def ana(client, db):
    """A moderator, logged in."""
    ana = make_moderator("ana")
    client.force_login(ana)
    return ana


@pytest.fixture
def evidence(monkeypatch):
    """Return a function that sets the log odds of spam, in decibans, that new comments come to."""

    def set_to(log_odds):
        def only_rule(submission, weights):
            return Finding("only_rule", log_odds - PRIOR, "whatever the comment")

        monkeypatch.setattr(
            intake, "judge", lambda facts, **options: judge(facts, rules=[only_rule], **options)
        )

    return set_to


@pytest.fixture
def own_thread(monkeypatch):
    """Let Akismet's client work in a thread of its own, as on the site.

    The tests' own thread may be busy with the event loop of a browser that another test has started.
    """
    real = Client._post

    def post(*arguments):
        with ThreadPoolExecutor(1) as worker:
            return worker.submit(real, *arguments).result()

    monkeypatch.setattr(Client, "_post", post)


@pytest.fixture
def server(own_thread):
    """Akismet on this machine."""
    server = Loopback()
    yield server
    server.close()
