from __future__ import annotations

import pytest

from apps.accounts.models import Membership, Role, Team, User
from apps.outbox.models import Channel, Kind


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
