"""A repository to fetch; a team with one person of each role, and a repository of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.repositories import address, registration
from apps.repositories.models import Repository
from tests.apps.repositories.origins import Origin


@pytest.fixture
def origin(tmp_path: Path, settings: Settings) -> Origin:
    settings.LOCAL_ROOTS = [tmp_path]
    return Origin(tmp_path / "origin.git")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a mirror goes."""
    return tmp_path / "mirrors" / "1"


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Churn", slug="churn")


@pytest.fixture
def people(team: Team) -> dict[str, User]:
    """By role; the stranger is a lead elsewhere, root a superuser of no team."""
    people = {role.value: User.objects.create_user(role.value) for role in Role}
    for role in Role:
        Membership.objects.create(user=people[role.value], team=team, role=role)
    elsewhere = Team.objects.create(name="Elsewhere", slug="elsewhere")
    people["stranger"] = User.objects.create_user("stranger")
    Membership.objects.create(user=people["stranger"], team=elsewhere, role=Role.LEAD)
    people["root"] = User.objects.create_superuser("root")
    return people


@pytest.fixture
def repository(team: Team, people: dict[str, User]) -> Repository:
    source = address.parse("https://github.com/example/churn", [])
    return registration.register(team, source, tags=["nlp"], by=people["member"])


@pytest.fixture
def browsers(people: dict[str, User]) -> dict[str, Client]:
    """A browser for each of them."""
    clients = {}
    for name, person in people.items():
        clients[name] = Client()
        clients[name].force_login(person)
    return clients
