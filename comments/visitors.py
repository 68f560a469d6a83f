"""What a request tells of its sender: where from, through which page, and proved to be whom."""

import enum
import ipaddress
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.urls import reverse

from articles.visitors import signed_in_user

from .models import Commenter
from .permissions import may_moderate

COMMENTER_COOKIE = "commenter"
COMMENTER_SALT = "comments.commenter"
COMMENTER_COOKIE_SECONDS = 365 * 24 * 3600


class Sender(enum.Enum):
    """Where the browser says a form was sent from."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Visitor:
    """``address``: shortened. ``user``: who is signed in, if anybody. ``commenter``: proved by a key."""

    address: str | None
    sender: Sender
    user: AbstractBaseUser | None
    commenter: Commenter | None

    @property
    def may_moderate(self):
        return self.user is not None and may_moderate(self.user)


def visitor_of(request):
    return Visitor(
        address=shorten(client_address(request)),
        sender=sender_of(request),
        user=signed_in_user(request),
        commenter=commenter_of(request),
    )


def sender_of(request):
    """Tell whether this site's own page sent the form, by headers that no script can forge.

    Browsers of today send Sec-Fetch-Site; older ones at least Origin with a form that is posted. One
    word against it is enough.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site", "").lower()
    origin = request.headers.get("Origin", "").lower()
    if fetch_site and fetch_site not in ("same-origin", "none"):
        return Sender.ELSEWHERE
    # "null" is what a browser writes that keeps the origin to itself.
    if origin and not (fetch_site and origin == "null"):
        return (
            Sender.HERE if origin in (_own_origin(request), settings.SITE_URL.lower()) else Sender.ELSEWHERE
        )
    return Sender.HERE if fetch_site else Sender.UNKNOWN


def client_address(request):
    """Return the address of the client, or None where it can't be told.

    X-Forwarded-For is believed only as far as proxies of ours wrote it: the last
    TRUSTED_PROXY_COUNT entries. The rest is whatever the client cared to send.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXY_COUNT
    if proxies:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        address = forwarded[-proxies] if len(forwarded) >= proxies else address
    # Some proxies write the port behind it.
    match = re.fullmatch(r"\[(?P<v6>[^]]+)\](?::\d+)?|(?P<v4>[^:]+):\d+", address.strip())
    try:
        return ipaddress.ip_address((match["v6"] or match["v4"]) if match else address.strip())
    except ValueError:
        return None


def shorten(address):
    """Return an address's network as text, /24 or /48: enough to count by, too little to find anybody."""
    if address is None:
        return None
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, prefix), strict=False).network_address)


def commenter_of(request):
    """Return who the signed key in the browser proves this to be, or None."""
    key = request.get_signed_cookie(COMMENTER_COOKIE, default=None, salt=COMMENTER_SALT)
    return Commenter.objects.filter(key=key).first() if key else None


def new_commenter():
    return Commenter.objects.create(key=secrets.token_urlsafe(32))


def remember_commenter(response, commenter):
    """Give the browser its key. It travels to the posting address alone, never with a page."""
    response.set_signed_cookie(
        COMMENTER_COOKIE,
        commenter.key,
        salt=COMMENTER_SALT,
        max_age=COMMENTER_COOKIE_SECONDS,
        path=reverse("comments:post_root"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _own_origin(request):
    parts = urlsplit(request.build_absolute_uri("/"))
    return f"{parts.scheme}://{parts.netloc}".lower()
