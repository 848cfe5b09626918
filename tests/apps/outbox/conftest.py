from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs import claims, worker
from apps.outbox import web
from apps.outbox.models import Channel, Kind, Message
from apps.outbox.post import Letter, post
from tests.servers import smtp

LETTER = Letter(
    "Weekly report",
    "All is well.\n",
    html='<p>All is well.</p><img src="cid:chart"><a href="mlhealth:unsubscribe">Unsubscribe</a>',
    images={"chart": b"\x89PNG"},
    data={"repositories": 3},
    link="http://localhost:8000/reports/1/",
)


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> None:
    """Keys and hosts of the test's own."""
    settings.CREDENTIAL_KEYS, settings.CREDENTIAL_KEY_FILE = [], tmp_path / "data/credential_keys"
    settings.INTERNAL_HOSTS = ["127.0.0.1"]


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.default()


@pytest.fixture
def lead(team: Team) -> User:
    person = User.objects.create_user("ada", email="ada@example.org")
    Membership.objects.create(user=person, team=team, role=Role.LEAD)
    return person


@pytest.fixture
def channel(team: Team) -> Channel:
    """An address of e-mail."""
    return Channel.objects.create(team=team, kind=Kind.EMAIL, label="Data people", target="data@example.org")


def hook(team: Team, url: str, kind: Kind = Kind.WEBHOOK) -> tuple[Channel, str]:
    """A channel to a server, and the key that signs."""
    made = Channel(team=team, kind=kind, label=kind.label)
    key = web.seal(made, url)
    made.save()
    return made, key


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[smtp.Server]:
    with smtp.serve() as server:
        use(settings, server)
        yield server


def use(settings: Settings, server: smtp.Server) -> None:
    """Hand mail over to this server."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port


def work() -> None:
    """Do all jobs that are due."""
    while claim := claims.claim("a worker"):
        worker.perform(claim)


def sent(channel: Channel, letter: Letter = LETTER, key: str = "report:1") -> Message:
    """What became of a letter to a channel."""
    message = post(channel, key, letter)
    work()
    message.refresh_from_db()
    return message


def without_digits(text: str) -> str:
    return re.sub(r"\d+", "N", text)
