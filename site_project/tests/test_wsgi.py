from importlib import reload

import pytest

from comments import opinions
from site_project import wsgi


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("text/plain; charset=hex", "text/plain"),
        ("multipart/form-data; charset=utf-7; boundary=x", "multipart/form-data; boundary=x"),
        ("multipart/form-data; boundary=x; CHARSET = idna", "multipart/form-data; boundary=x"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("", ""),
    ],
)
def test_encoding_that_a_request_names_is_not_believed(monkeypatch, sent, taken):
    monkeypatch.setattr(wsgi, "django_application", lambda environ, start_response: environ)
    assert wsgi.application({"CONTENT_TYPE": sent}, None) == {"CONTENT_TYPE": taken}


def test_request_without_a_body_passes(monkeypatch):
    monkeypatch.setattr(wsgi, "django_application", lambda environ, start_response: environ)
    assert wsgi.application({}, None) == {}


def test_nul_is_taken_out_of_addresses_and_cookies(monkeypatch):
    monkeypatch.setattr(wsgi, "django_application", lambda environ, start_response: environ)
    environ = {"QUERY_STRING": "q=a%00b", "HTTP_COOKIE": 'sessionid="a\\000b"'}
    assert wsgi.application(environ, None) == {"QUERY_STRING": "q=ab", "HTTP_COOKIE": 'sessionid="ab"'}


def test_server_that_starts_sends_what_an_earlier_one_left(monkeypatch):
    woken = []
    monkeypatch.setattr(opinions, "wake", lambda: woken.append(True))
    reload(wsgi)
    assert woken == [True]
