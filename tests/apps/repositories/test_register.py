"""Adding a repository, and the example."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs.models import Job, Priority, Schedule
from apps.repositories import registration
from apps.repositories.models import Repository, State
from tests.apps.repositories.origins import Origin

ADD = {"address": "https://github.com/example/churn", "tags": "NLP, production nlp"}


def test_a_member_adds_a_repository(browsers: dict[str, Client], people: dict[str, User], team: Team) -> None:
    answer = browsers["member"].post(reverse("register"), ADD)
    repository = Repository.objects.get()
    assert answer.headers["Location"] == reverse("repository", args=[repository.pk])
    assert (repository.team, repository.created_by) == (team, people["member"])
    assert (repository.name, repository.url) == ("churn", "https://github.com/example/churn.git")
    assert (repository.forge, repository.web_url) == ("github", "https://github.com/example/churn")
    assert [str(tag) for tag in repository.tags.all()] == ["nlp", "production"]
    assert repository.state == State.QUEUED


def test_it_is_audited_at_once_and_then_daily(repository: Repository) -> None:
    job, schedule = Job.objects.get(), Schedule.objects.get()
    assert (job.kind, job.subject, job.priority) == ("scorecards.audit", str(repository.pk), Priority.INTERACTIVE)
    assert (schedule.kind, schedule.subject) == (job.kind, job.subject)
    assert timedelta(0) < schedule.next_run_at - timezone.now() <= timedelta(days=1)


def test_a_folder_of_this_machine(browsers: dict[str, Client], origin: Origin) -> None:
    browsers["member"].post(reverse("register"), {"address": str(origin)})
    repository = Repository.objects.get()
    assert (repository.name, repository.url, repository.forge) == ("origin", str(origin), "")


@pytest.mark.parametrize("typed", ["ext::sh -c true", "/etc", "https://localhost/a/b", "", "me:secret@github.com:a/b"])
def test_a_refused_address_comes_back_with_the_reason(browsers: dict[str, Client], typed: str) -> None:
    answer = browsers["member"].post(reverse("register"), {"address": typed, "tags": "kept"})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert 'value="kept"' in answer.content.decode()
    assert not Repository.objects.exists()


def test_a_tag_that_is_none(browsers: dict[str, Client]) -> None:
    answer = browsers["member"].post(reverse("register"), {**ADD, "tags": "fine not_fine"})
    assert "not not_fine" in answer.content.decode()
    assert not Repository.objects.exists()


@pytest.mark.parametrize(
    "typed", [ADD["address"], "https://GitHub.com/example/Churn.git", "git@github.com:example/churn"]
)
def test_an_address_that_is_there_already(browsers: dict[str, Client], repository: Repository, typed: str) -> None:
    answer = browsers["lead"].post(reverse("register"), {"address": typed, "tags": "other"})
    assert answer.headers["Location"] == reverse("repository", args=[repository.pk])
    assert Repository.objects.count() == Job.objects.count() == 1
    assert [str(tag) for tag in repository.tags.all()] == ["nlp"]


def test_who_has_a_choice_is_asked_for_the_team(
    browsers: dict[str, Client], people: dict[str, User], team: Team
) -> None:
    assert 'name="team"' not in browsers["member"].get(reverse("register")).content.decode()
    other = Team.objects.get(slug="elsewhere")
    Membership.objects.create(user=people["member"], team=other, role=Role.MEMBER)
    assert 'name="team"' in browsers["member"].get(reverse("register")).content.decode()
    browsers["member"].post(reverse("register"), {**ADD, "team": other.pk})
    assert Repository.objects.get().team == other


def test_nobody_adds_to_a_team_they_only_look_at(browsers: dict[str, Client], people: dict[str, User]) -> None:
    other = Team.objects.get(slug="elsewhere")
    Membership.objects.create(user=people["member"], team=other, role=Role.VIEWER)
    browsers["member"].post(reverse("register"), {**ADD, "team": other.pk})
    assert not Repository.objects.filter(team=other).exists()


@pytest.mark.parametrize("name", ["register", "load_example"])
def test_a_viewer_finds_no_such_page(browsers: dict[str, Client], name: str) -> None:
    assert browsers["viewer"].get(reverse("register")).status_code == 404
    assert browsers["viewer"].post(reverse(name), ADD).status_code == 404
    assert not Repository.objects.exists()


@pytest.mark.parametrize("name", ["register", "load_example"])
def test_a_visitor_is_asked_to_log_in(client: Client, db: None, name: str) -> None:
    assert client.post(reverse(name), ADD).headers["Location"].startswith(reverse("login"))


def test_the_example_is_registered_once_and_built_by_a_worker(browsers: dict[str, Client], settings: Settings) -> None:
    pages = [browsers["member"].post(reverse("load_example")).headers["Location"] for _ in range(2)]
    repository = Repository.objects.get()
    assert pages == [reverse("repository", args=[repository.pk])] * 2
    assert (repository.name, repository.url) == ("churn-model", str((settings.EXAMPLES / "churn-model.git").resolve()))
    assert Job.objects.get().priority == Priority.INTERACTIVE
    assert not Path(repository.url).exists()
    for _ in range(2):
        registration.build_example(repository)
    assert (Path(repository.url) / "HEAD").exists()


def test_what_is_watched_already_is_said(browsers: dict[str, Client]) -> None:
    first, again = (browsers["member"].post(reverse("register"), ADD, follow=True) for _ in range(2))
    assert "watched already" not in first.content.decode()
    assert "watched already" in again.content.decode()
    assert Repository.objects.count() == 1


def test_the_example_changes_by_post_alone(browsers: dict[str, Client]) -> None:
    assert browsers["member"].get(reverse("load_example")).status_code == 405
