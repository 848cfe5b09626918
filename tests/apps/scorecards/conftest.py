"""A real repository, and the job that audits it, run in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs import claims
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.jobs.worker import perform
from apps.repositories.example.story import Commit, commit, write
from apps.repositories.models import Repository
from apps.scorecards.models import Scorecard, Standing

BEGIN = commit("2024-01-01", "feat: begin", {"README.md": "# Title\n", "train.py": "import random\n"})
WRITER = commit("2024-02-01", "feat: model", {"models/m.pkl": "0" * 9000})


@pytest.fixture
def origin(tmp_path: Path, settings: Settings) -> Path:
    """Where the repository is registered from; `push` writes it."""
    settings.LOCAL_ROOTS = [tmp_path]
    settings.MIRRORS = tmp_path / "mirrors"
    return tmp_path / "origin.git"


@pytest.fixture
def push(origin: Path) -> Callable[[Sequence[Commit]], dict[Any, str]]:
    """Tells the whole story anew, as a push of its last commits would leave it."""

    def tell(story: Sequence[Commit], **more: Any) -> dict[Any, str]:
        if origin.exists():
            origin.rename(origin.with_name(f"old-{len(list(origin.parent.iterdir()))}"))
        return dict(write(origin, story, **more))

    return tell


@pytest.fixture
def ada(db: None) -> User:
    person = User.objects.create_user("ada", password="correct horse battery")
    Membership.objects.create(user=person, team=Team.objects.default(), role=Role.LEAD)
    return person


@pytest.fixture
def repository(db: None, origin: Path) -> Repository:
    return Repository.objects.create(team=Team.objects.default(), name="churn", url=str(origin), identity=str(origin))


@pytest.fixture
def audit(repository: Repository) -> Callable[[], Job]:
    """Audits the repository through the queue, in this process."""

    def run() -> Job:
        job = enqueue("scorecards.audit", str(repository.pk))
        return work(job)

    return run


def work(job: Job) -> Job:
    """Do every job that is ready; `job` as it ended."""
    while claim := claims.claim("test"):
        perform(claim)
    job.refresh_from_db()
    return job


@pytest.fixture
def card(push: Callable[..., Any], audit: Callable[[], Job], repository: Repository) -> Scorecard:
    push([BEGIN, WRITER])
    job = audit()
    assert job.status == Status.SUCCEEDED, job.error
    return Standing.objects.get(repository=repository).scorecard


@pytest.fixture
def reader(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client
