"""A team with a lead, and a report on what it watches."""

from __future__ import annotations

import pytest

from apps.accounts.models import Membership, Role, Team, User
from apps.outbox.models import Channel, Kind
from apps.reports.models import Report
from apps.repositories.models import Repository
from tests.apps.reports.fleet import MONDAY, audited, days, watch

WEEKLY = "0 7 * * 1"


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.default()


@pytest.fixture
def ada(team: Team) -> User:
    person = User.objects.create_user("ada", "ada@example.org")
    Membership.objects.create(user=person, team=team, role=Role.LEAD)
    return person


@pytest.fixture
def channel(team: Team) -> Channel:
    return Channel.objects.create(team=team, kind=Kind.EMAIL, label="List", target="list@example.org")


@pytest.fixture
def report(team: Team, ada: User, channel: Channel) -> Report:
    found = Report.objects.create(team=team, cron=WEEKLY, time_zone="UTC", created_by=ada)
    found.channels.add(channel)
    return found


@pytest.fixture
def churn(team: Team) -> Repository:
    """One that fell in the week before MONDAY."""
    repository = watch("churn")
    audited(repository, MONDAY - days(9), set())
    audited(repository, MONDAY - days(1), {"hygiene/secrets"})
    return repository
