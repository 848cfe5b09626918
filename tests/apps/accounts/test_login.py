"""Logging in and out, and being locked out."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.apps.accounts.conftest import PASSWORD


def log_in(client: Client, password: str, *, username: str = "ada", address: str = "127.0.0.1") -> int:
    data = {"username": username, "password": password}
    return client.post("/login/", data, REMOTE_ADDR=address).status_code


@pytest.mark.usefixtures("ada")
def test_the_right_password_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    response = client.get("/password/")
    assert response.headers["Location"] == "/login/?next=/password/"
    page = client.get(response.headers["Location"])
    assert 'name="next" value="/password/"' in page.text
    data = {"username": "ada", "password": PASSWORD, "next": "/password/"}
    assert client.post("/login/", data).headers["Location"] == "/password/"


@pytest.mark.usefixtures("ada")
def test_next_does_not_lead_to_another_site(client: Client) -> None:
    data = {"username": "ada", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login/", data).headers["Location"] == "/"


@pytest.mark.usefixtures("ada")
def test_repeated_wrong_passwords_lock_the_account_even_for_the_right_one(client: Client) -> None:
    assert [log_in(client, "wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    response = client.post("/login/", {"username": "ada", "password": PASSWORD})
    assert response.status_code == 429
    assert "for 15 minutes" in response.text


@pytest.mark.usefixtures("ada")
def test_a_lock_binds_neither_other_places_nor_other_people(client: Client) -> None:
    User.objects.create_user("grace", password=PASSWORD)
    for _ in range(5):
        log_in(client, "wrong")
    assert log_in(client, PASSWORD, address="127.0.0.2") == 302
    assert log_in(client, PASSWORD, username="grace") == 302


def test_logging_out_needs_a_post(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/password/").status_code == 302


def test_a_fresh_installation_says_where_to_begin(client: Client, db: None) -> None:
    assert "Nobody can log in yet" in client.get("/login/").content.decode()
    User.objects.create_superuser("root")
    assert "Nobody can log in yet" not in client.get("/login/").content.decode()
