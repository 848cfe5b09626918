"""A repository behind a server that asks who is there, and the people of its team."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.repositories import address, registration
from apps.repositories.models import Repository
from tests.apps.repositories.origins import Origin
from tests.servers import answers, https, ssh

TOKEN = "canary-5tg/%+b"


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """The file of the keys that credentials are sealed with; not there yet."""
    settings.CREDENTIAL_KEYS, settings.CREDENTIAL_KEY_FILE = [], tmp_path / "data" / "keys"
    return tmp_path / "data" / "keys"


@pytest.fixture
def origin(tmp_path: Path, settings: Settings, keys: Path) -> Origin:
    settings.MIRRORS = tmp_path / "mirrors"
    settings.INTERNAL_HOSTS = ["127.0.0.1"]
    return Origin(tmp_path / "origin.git")


@pytest.fixture
def web(origin: Origin, tmp_path: Path, settings: Settings) -> Iterator[https.Server]:
    """Lets in who shows the token."""
    with https.serve(answers.require("git", TOKEN, answers.git(tmp_path))) as server:
        settings.CA_FILE = server.ca
        yield server


@pytest.fixture
def sshd(origin: Origin, tmp_path: Path) -> Iterator[ssh.Server]:
    with ssh.serve(tmp_path) as server:
        yield server


@pytest.fixture
def lead(db: None) -> User:
    person = User.objects.create_user("lead")
    Membership.objects.create(user=person, team=Team.objects.default(), role=Role.LEAD)
    return person


@pytest.fixture
def reader(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def watch(url: str, by: User) -> Repository:
    return registration.register(Team.objects.default(), address.parse(url, [], ["127.0.0.1"]), by=by)


@pytest.fixture
def repository(web: https.Server, lead: User) -> Repository:
    """One that is read over https."""
    return watch(web.url("/origin.git"), lead)
