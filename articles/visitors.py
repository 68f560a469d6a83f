"""Who is asking, without making the page anybody's own.

A page for anonymous readers must be the same bytes for all, so nothing may touch the session of a
request that brings none: these functions look at the cookie's name first.
"""

from django.conf import settings


def signed_in_user(request):
    """Return the user whose session the request carries, or None for everybody else."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if request.user.is_authenticated else None
