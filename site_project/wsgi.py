"""The site as a WSGI application: what the server loads."""

import os
import re

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_project.settings")

CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)

django_application = get_wsgi_application()

from comments import notices, opinions, sweeping  # noqa: E402 - need what the line above sets up

# What an earlier process left to be sent; nothing without a key.
opinions.wake()
# To be mailed to editors.
notices.wake()
# And to be looked at again, or what rules that have changed would say.
sweeping.start()


def application(environ, start_response):
    """Answer a request, taking what it brings for UTF-8, the encoding of our pages and forms.

    Django would believe any other encoding that a request names. Some of Python's codecs fail on
    what they are given, before any page for errors can be made; others make characters that no page
    and no database can hold.
    """
    content_type = environ.get("CONTENT_TYPE")
    if content_type:
        environ["CONTENT_TYPE"] = CHARSET.sub("", content_type)
    # No text has a NUL in it, and PostgreSQL fails on one: in an address, and as cookies write it.
    for name, nul in (("QUERY_STRING", "%00"), ("HTTP_COOKIE", "\\000")):
        if nul in environ.get(name, ""):
            environ[name] = environ[name].replace(nul, "")
    return django_application(environ, start_response)
