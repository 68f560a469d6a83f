"""The environment of the tests, set before settings are read (loaded by ``-p`` in pyproject.toml)."""

import os

os.environ.setdefault("SECRET_KEY", "only for tests")
os.environ.setdefault("SITE_URL", "http://testserver")
# Whatever this machine is set to: no test sends anything to anybody.
os.environ["AKISMET_KEY"] = ""
# The browser drives the live server from a thread with an event loop of its own.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# Nothing is judged behind a test's back.
os.environ["COMMENTS_SWEEP_DAYS"] = "0"
# And nobody is mailed; tests of mail have an outbox of their own.
os.environ["EMAIL_URL"] = "dummymail://"
