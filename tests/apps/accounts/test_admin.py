"""People and teams in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import Membership, Role, Team, User


@pytest.fixture
def root(client: Client, db: None) -> User:
    user = User.objects.create_superuser("root")
    client.force_login(user)
    return user


@pytest.mark.usefixtures("root")
def test_a_team_is_made_with_its_members(client: Client, ada: User) -> None:
    members = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-user": ada.pk, "0-role": Role.LEAD}
    data = {"name": "Churn", "slug": "churn"} | {f"memberships-{key}": value for key, value in members.items()}
    assert client.post("/admin/accounts/team/add/", data).status_code == 302
    membership = Membership.objects.get()
    assert (membership.user, membership.team.name, membership.role) == (ada, "Churn", Role.LEAD)


def test_every_list_and_form_opens(client: Client, root: User) -> None:
    team = Team.objects.default()
    for path in ("user/", "user/add/", f"user/{root.pk}/change/", "team/", f"team/{team.pk}/change/"):
        assert client.get(f"/admin/accounts/{path}").status_code == 200, path
