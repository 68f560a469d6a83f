import ipaddress

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from comments.visitors import (
    COMMENTER_COOKIE,
    Sender,
    client_address,
    commenter_of,
    new_commenter,
    remember_commenter,
    sender_of,
    shorten,
)


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, Sender.HERE),
        ({"Sec-Fetch-Site": "none"}, Sender.HERE),
        ({"Sec-Fetch-Site": "same-site"}, Sender.ELSEWHERE),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, Sender.ELSEWHERE),
        ({"Sec-Fetch-Site": "nonsense"}, Sender.ELSEWHERE),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, Sender.ELSEWHERE),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, Sender.HERE),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, Sender.HERE),
        ({"Origin": "http://testserver"}, Sender.HERE),
        ({"Origin": "HTTP://TESTSERVER"}, Sender.HERE),
        ({"Origin": "https://blog.example"}, Sender.HERE),
        ({"Origin": "https://evil.example"}, Sender.ELSEWHERE),
        ({"Origin": "http://testserver.evil.example"}, Sender.ELSEWHERE),
        ({"Origin": "null"}, Sender.ELSEWHERE),
        ({}, Sender.UNKNOWN),
    ],
)
def test_sender_is_what_the_browser_says(settings, headers, sender):
    settings.SITE_URL = "https://blog.example"
    assert sender_of(RequestFactory().post("/", headers=headers)) is sender


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "127.0.0.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9:5678", "203.0.113.9"),
        (1, "[2001:db8::1]:5678", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "<script>", None),
        (1, "\x00", None),
        (1, "", None),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_our_proxies_wrote_them(
    settings, proxies, forwarded, address
):
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().post("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.1")
    assert client_address(request) == (ipaddress.ip_address(address) if address else None)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
    ],
)
def test_stored_address_is_a_network_not_a_machine(address, network):
    assert shorten(ipaddress.ip_address(address)) == network


def test_unknown_address_stays_unknown():
    assert shorten(None) is None


@pytest.mark.django_db
def test_key_proves_the_commenter_and_travels_to_the_posting_address_alone():
    commenter, response = new_commenter(), HttpResponse()
    remember_commenter(response, commenter)
    cookie = response.cookies[COMMENTER_COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/comments/post/", True, "Strict")
    request = RequestFactory().post("/")
    request.COOKIES[COMMENTER_COOKIE] = cookie.value
    assert commenter_of(request) == commenter


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forge", [lambda key: key, lambda key: key + ":x", lambda key: "", lambda key: "\x00"]
)
def test_unsigned_key_proves_nothing(forge):
    request = RequestFactory().post("/")
    request.COOKIES[COMMENTER_COOKIE] = forge(new_commenter().key)
    assert commenter_of(request) is None
