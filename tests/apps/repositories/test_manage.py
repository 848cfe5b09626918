"""Editing, auditing and removing a repository: what each role may do, and what follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs.models import Job, Priority, Schedule, Status
from apps.jobs.worker import handler
from apps.repositories.models import Repository, State

ALLOWED = {
    "audit_now": {"member", "lead", "administrator", "root"},
    "edit_repository": {"lead", "administrator", "root"},
    "remove_repository": {"lead", "administrator", "root"},
}


@pytest.mark.parametrize("name", ALLOWED)
def test_others_find_no_such_page(browsers: dict[str, Client], repository: Repository, name: str) -> None:
    for role in browsers.keys() - ALLOWED[name]:
        for pk in (repository.pk, 987654):
            assert browsers[role].post(reverse(name, args=[pk]), {"name": "x"}).status_code == 404
    repository.refresh_from_db()
    assert repository.name == "churn"


@pytest.mark.parametrize("role", sorted(ALLOWED["audit_now"]))
def test_audit_now(browsers: dict[str, Client], repository: Repository, role: str) -> None:
    Job.objects.update(status=Status.SUCCEEDED)
    repository.enter(State.UNREACHABLE, "Its host was down.")
    answer = browsers[role].post(reverse("audit_now", args=[repository.pk]))
    assert answer.headers["Location"] == reverse("repository", args=[repository.pk])
    job = Job.objects.get(status=Status.QUEUED)
    assert (job.kind, job.subject, job.priority) == ("scorecards.audit", str(repository.pk), Priority.INTERACTIVE)
    repository.refresh_from_db()
    assert (repository.state, repository.state_detail) == (State.QUEUED, "")


def test_audit_now_joins_the_audit_that_runs(browsers: dict[str, Client], repository: Repository) -> None:
    Job.objects.update(status=Status.RUNNING)
    repository.enter(State.CLONING)
    browsers["member"].post(reverse("audit_now", args=[repository.pk]))
    repository.refresh_from_db()
    assert (repository.state, Job.objects.count()) == (State.CLONING, 1)


def test_audit_now_by_htmx_and_by_post_alone(browsers: dict[str, Client], repository: Repository) -> None:
    address, page = reverse("audit_now", args=[repository.pk]), reverse("repository", args=[repository.pk])
    assert browsers["member"].post(address, headers={"HX-Request": "true"}).headers["HX-Redirect"] == page
    assert browsers["member"].get(address).status_code == 405


def test_edit_repository(browsers: dict[str, Client], repository: Repository, team: Team) -> None:
    address = reverse("edit_repository", args=[repository.pk])
    repository.enter(State.READY)
    assert 'value="nlp"' in browsers["lead"].get(address).content.decode()
    change = {"name": "Churn model", "address": repository.url, "team": team.pk, "tags": "production", "url": "/etc"}
    browsers["lead"].post(address, change)
    repository.refresh_from_db()
    assert (repository.name, repository.url) == ("Churn model", "https://github.com/example/churn.git")
    assert repository.state == State.READY
    assert [str(tag) for tag in repository.tags.all()] == ["production"]


def test_a_repository_moves_with_its_tags(
    browsers: dict[str, Client], repository: Repository, people: dict[str, User]
) -> None:
    other = Team.objects.get(slug="elsewhere")
    change = {"name": "churn", "address": repository.url, "team": other.pk, "tags": "nlp"}
    address = reverse("edit_repository", args=[repository.pk])
    assert browsers["lead"].post(address, change).status_code == 200
    Membership.objects.create(user=people["lead"], team=other, role=Role.MEMBER)
    browsers["lead"].post(address, change)
    repository.refresh_from_db()
    assert repository.team == other
    assert [tag.team for tag in repository.tags.all()] == [other]


def test_a_team_that_watches_it_already(browsers: dict[str, Client], repository: Repository) -> None:
    other = Team.objects.get(slug="elsewhere")
    Repository.objects.create(team=other, name="twin", identity=repository.identity)
    address = reverse("edit_repository", args=[repository.pk])
    answer = browsers["root"].post(address, {"name": "new name", "address": repository.url, "team": other.pk})
    assert "Elsewhere watches this repository already, as twin." in answer.content.decode()
    assert "Edit <bdi>churn</bdi>" in answer.content.decode()


def test_a_repository_that_moved(browsers: dict[str, Client], repository: Repository, team: Team) -> None:
    repository.enter(State.READY)
    page, change = reverse("edit_repository", args=[repository.pk]), {"name": "churn", "team": team.pk}
    assert "ext is not possible" in browsers["lead"].post(page, {**change, "address": "ext::x"}).content.decode()
    browsers["lead"].post(page, {**change, "address": "git@gitlab.com:new/churn.git"})
    repository.refresh_from_db()
    assert (repository.url, repository.origin) == ("git@gitlab.com:new/churn.git", "ssh://gitlab.com")
    assert (repository.identity, repository.forge) == ("gitlab.com/new/churn", "gitlab")
    assert repository.web_url == "https://gitlab.com/new/churn"
    assert repository.state == State.QUEUED


def test_a_repository_moves_to_no_address_that_is_watched(
    browsers: dict[str, Client], repository: Repository, team: Team
) -> None:
    Repository.objects.create(team=team, name="twin", identity="gitlab.com/new/churn")
    change = {"name": "churn", "team": team.pk, "address": "git@gitlab.com:new/churn.git"}
    answer = browsers["lead"].post(reverse("edit_repository", args=[repository.pk]), change)
    assert "watches this repository already, as twin." in answer.content.decode()
    repository.refresh_from_db()
    assert repository.url == "https://github.com/example/churn.git"


def test_remove_asks_first(browsers: dict[str, Client], repository: Repository) -> None:
    answer = browsers["lead"].get(reverse("remove_repository", args=[repository.pk]))
    assert "Remove <bdi>churn</bdi>?" in answer.content.decode()
    assert Repository.objects.exists()


def test_remove_leaves_nothing_but_the_removal_of_its_mirror(
    browsers: dict[str, Client], repository: Repository, settings: Settings, tmp_path: Path
) -> None:
    settings.MIRRORS = tmp_path
    (repository.mirror / "objects").mkdir(parents=True)
    answer = browsers["lead"].post(reverse("remove_repository", args=[repository.pk]))
    assert answer.headers["Location"] == reverse("fleet")
    assert not Repository.objects.exists()
    assert not Schedule.objects.exists()
    assert Job.objects.get(kind="scorecards.audit").status == Status.CANCELLED
    removal = Job.objects.get(status=Status.QUEUED)
    assert removal.subject == str(repository.pk)
    handler(removal.kind)(removal)  # type: ignore[arg-type]  # it reads the subject alone
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("action", ["delete", "delete_selected"])
def test_removal_in_the_admin_is_the_same(browsers: dict[str, Client], repository: Repository, action: str) -> None:
    if action == "delete":
        browsers["root"].post(reverse("admin:repositories_repository_delete", args=[repository.pk]), {"post": "yes"})
    else:
        choice = {"action": action, "_selected_action": [repository.pk], "post": "yes"}
        browsers["root"].post(reverse("admin:repositories_repository_changelist"), choice)
    assert not Repository.objects.exists()
    assert not Schedule.objects.exists()
    assert Job.objects.get(status=Status.QUEUED).kind == "repositories.remove_mirror"


def test_a_hostile_name_is_text(browsers: dict[str, Client], repository: Repository) -> None:
    Repository.objects.update(name="<script>alert(1)</script>")
    for name in ("edit_repository", "remove_repository"):
        page = browsers["lead"].get(reverse(name, args=[repository.pk])).content.decode()
        assert "<script>alert" not in page
