"""Changing one's own password."""

from __future__ import annotations

from django.test import Client

from apps.accounts.models import User
from tests.apps.accounts.conftest import PASSWORD

NEW = "a much newer password"


def answers(old: str, new: str) -> dict[str, str]:
    return {"old_password": old, "new_password1": new, "new_password2": new}


def test_the_new_password_holds_and_only_other_sessions_end(client: Client, ada: User) -> None:
    elsewhere = Client()
    for each in (client, elsewhere):
        each.force_login(ada)
    assert client.post("/password/", answers(PASSWORD, NEW)).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert client.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302


def test_the_old_password_is_asked_for(client: Client, ada: User) -> None:
    client.force_login(ada)
    response = client.post("/password/", answers("guess", NEW))
    assert 'aria-describedby="id_old_password_error"' in response.text
    assert 'id="id_old_password_error"' in response.text
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
