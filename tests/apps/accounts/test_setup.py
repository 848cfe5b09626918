"""The first administrator is made by whoever holds the one-time link, and by nobody else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site
from django.test import Client
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.accounts.setup import link_token, make_administrator, token_file, write_token

pytestmark = pytest.mark.django_db
ANSWERS = {
    "username": "ada",
    "email": "ada@example.org",
    "password1": "correct horse battery staple",
    "password2": "correct horse battery staple",
}


@pytest.fixture(autouse=True)
def data(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def test_the_link_stays_the_same_until_it_is_used() -> None:
    first = link_token()
    assert first is not None
    assert len(first) >= 43
    assert link_token() == first


def test_a_superuser_who_came_by_the_command_line_can_add_a_repository(tmp_path: Path) -> None:
    environment = {**os.environ, "MLHEALTH_TEST_DATA": str(tmp_path), "DJANGO_SUPERUSER_PASSWORD": "correct horse"}
    environment["MLHEALTH_DATABASE_URL"] = f"sqlite:///{tmp_path}/new.sqlite3"

    def manage(*arguments: str) -> str:
        command = [sys.executable, str(site.BASE_DIR / "manage.py"), *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    manage("migrate", "-v0")
    manage("createsuperuser", "--noinput", "--username", "root", "--email", "root@example.org")
    ask = "from apps.accounts.models import *; from apps.accounts.permissions import *; "
    ask += "print(teams_where(User.objects.get(), Role.MEMBER).get())"
    assert "Default team" in manage("shell", "--no-imports", "-c", ask)


def test_nobody_else_on_the_machine_can_read_the_token() -> None:
    link_token()
    assert stat.S_IMODE(token_file().stat().st_mode) == 0o600


def test_the_second_of_two_processes_keeps_the_token_of_the_first(tmp_path: Path) -> None:
    write_token("first")
    write_token("second")
    assert token_file().read_text() == "first"
    assert [file.name for file in tmp_path.iterdir()] == ["setup_token"]


def test_the_form_creates_an_administrator_who_is_logged_in(client: Client) -> None:
    response = client.post(f"/setup/{link_token()}/", ANSWERS)
    assert response.status_code == 302
    user = User.objects.get()
    assert user.is_superuser
    assert user.is_staff
    assert client.session["_auth_user_id"] == str(user.pk)
    assert Membership.objects.get().role == Role.ADMINISTRATOR
    assert Membership.objects.get().team == Team.objects.default()


def test_the_link_works_once(client: Client) -> None:
    address = f"/setup/{link_token()}/"
    client.post(address, ANSWERS)
    assert Client().get(address).status_code == 404
    assert Client().post(address, {**ANSWERS, "username": "eve"}).status_code == 404
    assert link_token() is None
    assert not token_file().exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("token", ["guess", "ünïcode", "x" * 43])
def test_a_guess_is_not_found(client: Client, token: str) -> None:
    link_token()
    assert client.get(f"/setup/{token}/").status_code == 404


def test_there_is_nothing_to_find_before_a_token_was_asked_for(client: Client) -> None:
    assert client.get("/setup/guess/").status_code == 404
    assert not token_file().exists()


def test_a_superuser_made_on_the_command_line_closes_the_link(client: Client) -> None:
    address = f"/setup/{link_token()}/"
    User.objects.create_superuser("root", password=ANSWERS["password1"])
    assert client.get(address).status_code == 404
    assert link_token() is None
    assert not token_file().exists()


def test_of_two_people_with_the_link_one_becomes_administrator() -> None:
    assert make_administrator(User(username="ada"))
    assert not make_administrator(User(username="eve"))
    assert list(User.objects.values_list("username", flat=True)) == ["ada"]


def test_a_weak_password_is_refused_and_the_link_still_works(client: Client) -> None:
    address = f"/setup/{link_token()}/"
    response = client.post(address, {**ANSWERS, "password1": "12345678", "password2": "12345678"})
    assert "too short" in response.text
    assert not User.objects.exists()
    assert client.get(address).status_code == 200
