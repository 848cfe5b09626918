"""Pages that end a way: friendly, in our frame, with a way on."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.views.defaults import permission_denied, server_error

from apps.accounts.models import User


@pytest.mark.django_db
def test_not_found(client: Client) -> None:
    client.force_login(User.objects.create_user("ada"))
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no such page" in response.text
    assert "Account of ada" in response.text


def test_not_allowed(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    response = permission_denied(request, PermissionDenied("the reason"))
    assert response.status_code == 403
    assert "Your role does not allow this" in response.content.decode()


def test_a_form_without_its_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "ada"})
    assert response.status_code == 403
    assert "send the form again" in response.text


def test_something_broke_needs_no_database(rf: RequestFactory) -> None:
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
