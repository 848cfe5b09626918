"""Who sees which repository, and the states it goes through."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import Settings

from apps.accounts.models import Team, User
from apps.repositories.models import Repository, State, Tag

ROLES = ["viewer", "member", "lead", "administrator", "stranger", "root"]


def test_what_each_role_may_do(repository: Repository, people: dict[str, User]) -> None:
    def who(method: str) -> list[str]:
        return [role for role in ROLES if getattr(Repository.objects, method)(people[role]).exists()]

    assert who("visible_to") == ["viewer", "member", "lead", "administrator", "root"]
    assert who("editable_by") == ["member", "lead", "administrator", "root"]
    assert who("manageable_by") == ["lead", "administrator", "root"]


def test_a_visitor_sees_nothing(repository: Repository) -> None:
    assert not Repository.objects.visible_to(AnonymousUser()).exists()


def test_a_state_knows_since_when(repository: Repository) -> None:
    since = repository.state_since
    repository.enter(State.QUEUED)
    assert repository.state_since == since
    repository.enter(State.UNREACHABLE, "Its host is unknown.")
    repository.refresh_from_db()
    assert (repository.state, repository.state_detail) == (State.UNREACHABLE, "Its host is unknown.")
    since, before = repository.state_since, since
    assert since > before
    repository.enter(State.UNREACHABLE, "It is private.")
    repository.refresh_from_db()
    assert (repository.state_since, repository.state_detail) == (since, "It is private.")


def test_entering_a_state_writes_nothing_else(repository: Repository) -> None:
    Repository.objects.filter(pk=repository.pk).update(name="renamed")
    repository.enter(State.READY)
    repository.refresh_from_db()
    assert repository.name == "renamed"


def test_a_link_to_a_line(repository: Repository) -> None:
    oid = "ab" * 20
    assert repository.link(oid, "a.py", 3) == f"https://github.com/example/churn/blob/{oid}/a.py?plain=1#L3"


def test_a_mirror_is_named_by_its_row_alone(repository: Repository, settings: Settings) -> None:
    assert repository.mirror == settings.MIRRORS / str(repository.pk)


def test_an_address_is_watched_once_by_a_team(repository: Repository) -> None:
    twin = Repository(team=repository.team, name="twin", identity=repository.identity)
    with transaction.atomic(), pytest.raises(IntegrityError):
        twin.save()
    twin.team = Team.objects.get(slug="elsewhere")
    twin.save()


def test_tags_belong_to_the_team(repository: Repository) -> None:
    repository.tag(["production", "time-series"])
    assert [str(tag) for tag in repository.tags.all()] == ["production", "time-series"]
    assert set(Tag.objects.values_list("team", flat=True)) == {repository.team.pk}


@pytest.mark.parametrize("name", ["Upper", "two words", "-a", "a-", "a--b", "é", "", "a\n", "a_b", "x" * 41])
def test_what_is_no_tag(team: Team, name: str) -> None:
    with pytest.raises(ValidationError):
        Tag(team=team, name=name).full_clean()
