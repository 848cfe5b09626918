"""What a role gives, and where it ends."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import Membership, Role, Team, User
from apps.accounts.permissions import teams_where


@pytest.mark.parametrize("held", Role)
@pytest.mark.parametrize("asked", Role)
def test_a_role_includes_those_below_it_in_its_own_team_only(ada: User, held: Role, asked: Role) -> None:
    team = Team.objects.create(name="Churn", slug="churn")
    Team.objects.create(name="Vision", slug="vision")
    Membership.objects.create(user=ada, team=team, role=held)
    expected = [team] if list(Role).index(held) >= list(Role).index(asked) else []
    assert list(teams_where(ada, asked)) == expected


@pytest.mark.django_db
def test_a_superuser_administers_every_team_and_a_stranger_sees_none() -> None:
    root = User.objects.create_superuser("root")
    team = Team.objects.default()
    assert list(teams_where(root, Role.ADMINISTRATOR)) == [team]
    assert not teams_where(AnonymousUser(), Role.VIEWER)
