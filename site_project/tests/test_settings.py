"""Settings are read once, when a process starts; so most of these tests start one."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as project_settings

from conftest import needed
from tests.factories import make_user

SECRET_KEY = "long-enough-and-random-enough-0123456789-abcdefghijklmnopqrstuvwxyz"
PRODUCTION = {"SECRET_KEY": SECRET_KEY, "SITE_URL": "https://blog.example"}


def manage(*arguments, **environment):
    """Run manage.py in an environment that holds nothing else."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=project_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def values(*names, **environment):
    """The settings of these names in such an environment."""
    code = (
        "import json; from django.conf import settings; "
        f"print(json.dumps([getattr(settings, name) for name in {names}]))"
    )
    answer = manage("shell", "--no-imports", "--command", code, **environment)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_missing_secret_key_is_a_clear_error():
    answer = manage("check")
    assert answer.returncode == 1
    assert "SECRET_KEY is not set." in answer.stderr


def test_nothing_but_a_secret_key_is_safe():
    assert values(
        "DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", SECRET_KEY=SECRET_KEY
    ) == [False, True, True, True]


def test_production_settings_pass_djangos_own_deployment_checks():
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert answer.returncode == 0, answer.stderr
    assert "0 silenced" in answer.stdout


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ({"SITE_URL": "https://blog.example"}, ["blog.example"]),
        ({"SITE_URL": "https://blog.example:8443/"}, ["blog.example"]),
        ({"SITE_URL": "http://localhost:8000"}, ["localhost", "127.0.0.1", "[::1]"]),
        (
            {"SITE_URL": "https://blog.example", "ALLOWED_HOSTS": "a.example,b.example"},
            ["a.example", "b.example"],
        ),
    ],
)
def test_allowed_hosts_follow_the_sites_address(environment, hosts):
    assert values("ALLOWED_HOSTS", SECRET_KEY=SECRET_KEY, **environment) == [hosts]


@pytest.mark.parametrize(
    ("address", "https"), [("https://blog.example", True), ("http://localhost:8000", False)]
)
def test_https_follows_the_sites_address(address, https):
    names = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
    assert values(*names, SECRET_KEY=SECRET_KEY, SITE_URL=address) == [https] * 3


def test_mistaken_setting_of_the_comments_stops_the_start():
    answer = manage("check", COMMENTS_POLICY="whatever", **PRODUCTION)
    assert answer.returncode == 1
    assert "hold, known, clean" in answer.stderr


def test_profiles_are_addresses_or_stop_the_start():
    profiles = "https://social.example/@me,mailto:me@blog.example"
    assert values("SITE_PROFILES", SITE_PROFILES=profiles, **PRODUCTION) == [profiles.split(",")]
    answer = manage("check", SITE_PROFILES="javascript:alert(1)", **PRODUCTION)
    assert answer.returncode == 1
    assert "SITE_PROFILES is" in answer.stderr


def test_redis_serves_as_the_cache():
    address = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
    code = (
        "from django.core.cache import cache; "
        "cache.set('afterword-test', 'kept', 10); print(cache.get('afterword-test')); "
        "cache.delete('afterword-test')"
    )
    answer = manage("shell", "--no-imports", "--command", code, CACHE_URL=address, **PRODUCTION)
    if "ConnectionError" in answer.stderr:
        needed(f"no Redis answers at {address}")
    assert answer.stdout.strip() == "kept", answer.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/nowhere/", "/admin/", "/admin/login/"])
def test_every_page_forbids_what_does_not_come_from_here(client, address):
    if address == "/admin/":
        client.force_login(make_user(is_staff=True))
    policy = client.get(address)["Content-Security-Policy"]
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["style-src"] == "'self'"
    # In a page itself stands only which links a browser may fetch in advance: it runs nothing.
    assert directives["script-src"] == "'self' 'inline-speculation-rules'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SITE_URL", "blog.example", "SITE_URL is 'blog.example'"),
        ("DATABASE_URL", "foo", "DATABASE_URL must be"),
    ],
)
def test_address_that_cannot_be_one_is_named(name, value, words):
    environment = os.environ | {"SECRET_KEY": "x", name: value}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=project_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert words in done.stderr
