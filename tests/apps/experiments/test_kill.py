"""A worker that is killed between two portions of a long history leaves the first, and the next one goes on there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from apps.accounts.models import Team
from apps.audit.experiments.collecting import MOST_COMMITS
from apps.experiments.models import Collection, Run
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.repositories.example.story import Commit, commit, write
from apps.repositories.models import Repository
from tests.apps.experiments.trials import FIRST, trial
from tests.apps.jobs.conftest import environment, start, wait_until

__all__ = ["environment", "start"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def ids(environment: dict[str, str], tmp_path: Path) -> dict[Commit, str]:
    """A registered repository whose mirror stands, with more commits than one portion takes."""
    day = datetime(2024, 3, 1)
    chores = [commit((day + timedelta(minutes=n)).isoformat(), "chore: nothing") for n in range(MOST_COMMITS)]
    repository = Repository.objects.create(team=Team.objects.default(), name="churn", url="x", identity="x")
    mirror = tmp_path / "data/mirrors" / str(repository.pk)
    return write(mirror, [FIRST, *chores, trial("2025-01-01", 0.2, 0.8)])


def test_the_next_worker_goes_on_after_the_last_portion(
    ids: dict[Commit, str], start: Callable[..., subprocess.Popen[str]]
) -> None:
    job = enqueue("experiments.collect", str(Repository.objects.get().pk))
    worker = start("worker")
    wait_until(lambda: Collection.objects.exclude(known=[]).exists())
    worker.kill()
    worker.wait()
    first, collection = Run.objects.get(), Collection.objects.get()
    assert collection.collected_at is None
    assert collection.known == [list(ids.values())[MOST_COMMITS - 1]]
    # Whoever starts from the beginning tells the first run once more.
    Run.objects.update(subject="told once")
    start("worker")
    wait_until(Job.objects.filter(pk=job.pk, status=Status.SUCCEEDED).exists)
    newest, oldest = Run.objects.all()
    assert (oldest.pk, oldest.subject) == (first.pk, "told once")
    assert (newest.commit, newest.baseline) == (list(ids.values())[-1], first.commit)
    assert Collection.objects.get().known == [newest.commit]
