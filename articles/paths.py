"""The address of an article: what it may look like, and which ones are taken.

A path is an article's whole address below the site's root, e.g.
``2017/03/home-treatment-for-back-spasms/``: relative, lower-case, with a closing slash.
"""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import get_resolver, resolve
from django.utils.translation import gettext as _

MAX_LENGTH = 200

SEGMENT = r"[\w-]+"
PATTERN = re.compile(rf"{SEGMENT}(?:/{SEGMENT})*/\Z")
# What a route begins with, if that is a segment: a file's name, with a dot in it, takes no article's place.
FIXED_SEGMENT = re.compile(r"\^?([\w-]+)(?![\w.-])")


class ArticlePathConverter:
    """The part of a request's address that may be an article's path, without the closing slash."""

    regex = rf"{SEGMENT}(?:/{SEGMENT})*"

    def to_python(self, value):
        return value + "/"

    def to_url(self, value):
        return value.removesuffix("/")


class YearConverter:
    """Four digits; whether there can be articles of that year is for the view to say."""

    regex = "[0-9]{4}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return f"{value:04}"


class MonthConverter(YearConverter):
    regex = "0[1-9]|1[0-2]"

    def to_url(self, value):
        return f"{value:02}"


class CommentedPathConverter(ArticlePathConverter):
    """The same where something of the article follows: lists have addresses of that form too."""

    regex = rf"(?!(?:category|tag|author|search)/){ArticlePathConverter.regex}"


class CategoryPathConverter:
    """The slugs of a category and of those above it."""

    regex = r"[-a-zA-Z0-9_]+(?:/[-a-zA-Z0-9_]+)*"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


def normalize_path(path):
    """Return the path as it is stored: no slash in front, one behind."""
    path = path.strip().strip("/")
    return path + "/" if path else ""


def reserved_segments():
    """Return the first segments that belong to the site's other routes, static files included."""
    taken = {settings.STATIC_URL.strip("/").split("/")[0]}
    for pattern in get_resolver().url_patterns:
        # Only what stands in the route before its first parameter is certain to be taken.
        fixed = FIXED_SEGMENT.match(str(pattern.pattern))
        if fixed:
            taken.add(fixed[1])
        for inner in getattr(pattern, "url_patterns", ()) if not fixed else ():
            fixed = FIXED_SEGMENT.match(str(inner.pattern))
            if fixed:
                taken.add(fixed[1])
    return taken


def validate_path(path):
    """Refuse a path that no article can have: odd characters, wrong case, somebody else's address.

    Raises ValidationError with one of the codes ``path_length``, ``path_case``, ``path_form``,
    ``path_reserved``.
    """
    if len(path) > MAX_LENGTH:
        raise ValidationError(
            _("The address has %(length)d characters; at most %(limit)d are allowed."),
            code="path_length",
            params={"length": len(path), "limit": MAX_LENGTH},
        )
    if path != path.lower():
        raise ValidationError(
            _("The address must be in lower case: “%(suggestion)s”."),
            code="path_case",
            params={"suggestion": path.lower()},
        )
    if not PATTERN.match(path):
        raise ValidationError(
            _(
                "“%(path)s” can't be an address. Use letters, digits, hyphens and underscores, with single "
                "slashes between the parts, for example “2017/03/home-treatment-for-back-spasms/”."
            ),
            code="path_form",
            params={"path": path},
        )
    first = path.split("/", 1)[0]
    # What has the form of a path reaches the article view, unless another route takes it first. That of a
    # year or a month asks for an article before anything else.
    is_free = resolve("/" + path).view_name in ("articles:detail", "articles:period")
    if not is_free or first in reserved_segments():
        raise ValidationError(
            _(
                "The site itself uses the address “/%(path)s” or what begins with “/%(first)s/”. "
                "Choose another."
            ),
            code="path_reserved",
            params={"path": path, "first": first},
        )
