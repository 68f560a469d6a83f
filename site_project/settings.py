"""Settings of the site. All that may differ between two sites is read from the environment, here.

Nothing set is safe: no debugging, HTTPS assumed, and no start without a secret key. `make run`
supplies what a local copy needs; docs/deployment.md shows a production environment.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

# The environment ---------------------------------------------------------------------------------

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `make run` makes one by itself; elsewhere put a long random text into "
        'the environment: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    )

# The public address, e.g. https://example.org: links, allowed hosts and HTTPS follow from it.
SITE_URL = env.str("SITE_URL", default="https://localhost").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Afterword")
SITE_TAGLINE = env.str("SITE_TAGLINE", default="")

# Where else whoever runs the site is found, e.g. https://social.example/@name: each page says it with rel=me.
SITE_PROFILES = env.list("SITE_PROFILES", default=[])
if not all(urlsplit(profile).scheme in ("https", "http", "mailto") for profile in SITE_PROFILES):
    raise ImproperlyConfigured(
        f"SITE_PROFILES is {SITE_PROFILES!r}; it must be addresses such as https://social.example/@name, "
        "separated by commas."
    )

_site = urlsplit(SITE_URL)
if _site.scheme not in ("http", "https") or not _site.hostname:
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL!r}; it must be an address such as https://example.org."
    )
_host = _site.hostname.encode("idna").decode()
_loopback = ["localhost", "127.0.0.1", "[::1]"]
_hosts = _loopback if _site.hostname in ("localhost", "127.0.0.1", "::1") else [_host]
ALLOWED_HOSTS = [host.strip() for host in env.list("ALLOWED_HOSTS", default=_hosts)]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'afterword.sqlite3'}")}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured("DATABASE_URL must be an address such as postgres://user:password@host/name.")
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

# How mail leaves: smtp://user:password@host:25, smtp+tls:// on 587, smtp+ssl:// on 465; else it is printed.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"no-reply@{_host}")

# Whether the site vouches for its subdomains too: for a year, browsers take them by HTTPS only.
HSTS_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)

# How many proxies of ours stand in front. Only then is X-Forwarded-For believed, that far and no further.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-us")
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# "hold": hold everything; "known": publish known good commenters; "clean": publish what is clean.
COMMENTS_POLICY = env.str("COMMENTS_POLICY", default="known")
# Comments close this many days after publication; 0: never. An article may say otherwise.
COMMENTS_CLOSE_AFTER_DAYS = env.int("COMMENTS_CLOSE_AFTER_DAYS", default=0)
COMMENTS_PER_PAGE = env.int("COMMENTS_PER_PAGE", default=50)
# At most so many comments from one address block within so many seconds; 0 comments: no limit.
COMMENTS_FLOOD_LIMIT = env.int("COMMENTS_FLOOD_LIMIT", default=10)
COMMENTS_FLOOD_SECONDS = env.int("COMMENTS_FLOOD_SECONDS", default=60)
# What was published in so many days is looked at again whenever more is known; 0: only by the command.
COMMENTS_SWEEP_DAYS = env.int("COMMENTS_SWEEP_DAYS", default=90)
# With a key, Akismet is asked about comments too, and is sent what editors allow; empty: nobody is asked.
AKISMET_KEY = env.str("AKISMET_KEY", default="")

# Fixed for every site ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "site_project",
    "comments",
    "articles",
    "crispy_forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "comments.admin.interrupted.InterruptedPosts",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "site_project.urls"
WSGI_APPLICATION = "site_project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "site_project.context_processors.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("afterword",)
CRISPY_TEMPLATE_PACK = "afterword"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers never wait for a writer (WAL); writers queue instead of failing (IMMEDIATE, timeout);
    # an answered comment survives a power cut (FULL).
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    } | DATABASES["default"].get("OPTIONS", {})
    # Closing the last connection would fold the log into the database each time, for nothing.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # A file, since a database in memory locks whole tables between threads.
    DATABASES["default"]["TEST"] = {"NAME": BASE_DIR / "var" / "test.sqlite3"}
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["site_project.formats"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
BUNDLES_ROOT = BASE_DIR / "var" / "bundles"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "site_project.bundles.BundleFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security ----------------------------------------------------------------------------------------

_https = _site.scheme == "https"
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https and HSTS_SUBDOMAINS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "site_project.views.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Of what stands in a page itself, only which links may be fetched in advance; that runs nothing.
        "script-src": [SELF, "'inline-speculation-rules'"],
        "style-src": [SELF],
        # data: for the admin's own icons; articles may show pictures from their own site only.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # What strangers ask for in vain is no news, and their words need not stand in our log.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},
    },
}
