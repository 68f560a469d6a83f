"""Error pages, which belong to no app."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory
from django.views import defaults

from comments import views


def test_500_page_needs_no_database():
    response = defaults.server_error(RequestFactory().get("/"))
    page = response.content.decode()
    assert response.status_code == 500
    assert "Something broke on our side." in page
    assert 'href="/"' in page


@pytest.mark.parametrize("address", ["/", "/search/?q=back", "/archive/", "/2017/", "/nowhere/", "/a.php"])
def test_site_whose_database_is_away_answers_with_the_500_page(client, monkeypatch, address):
    def refuse(*args, **kwargs):
        raise OperationalError("the database is away")

    client.raise_request_exception = False
    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)
    response = client.get(address)
    assert response.status_code == 500
    page = response.content.decode()
    assert "Something broke on our side." in page
    assert "the database is away" not in page


def test_400_page_needs_no_database(client):
    response = client.get("/", headers={"host": "evil.example"})
    page = response.content.decode()
    assert response.status_code == 400
    assert "This request could not be read." in page
    assert "evil.example" not in page


@pytest.mark.django_db
def test_fault_in_a_view_is_answered_with_the_500_page(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(views, "render", None)
    response = client.get("/comments/data/")
    assert response.status_code == 500
    assert "Something broke on our side." in response.content.decode()


@pytest.mark.django_db
def test_404_page_leads_on_without_repeating_the_address(client):
    response = client.get("/no-such-article/%3Cb%3E/")
    page = response.content.decode()
    assert response.status_code == 404
    assert "There is nothing at this address." in page
    assert "no-such-article" not in page


@pytest.mark.django_db
def test_403_page_says_what_to_do():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    response = defaults.permission_denied(request, PermissionDenied("internal words"))
    page = response.content.decode()
    assert response.status_code == 403
    assert "This was not accepted." in page
    assert "internal words" not in page


@pytest.mark.django_db
def test_form_of_a_session_that_has_changed_is_refused_in_plain_words():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ana"})
    assert response.status_code == 403
    assert "could not be matched to a page of this site" in response.content.decode()
