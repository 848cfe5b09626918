"""A real repository with experiments, mirrored and collected by the real jobs, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from apps.experiments.models import Run
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.repositories import mirror
from apps.repositories.example.story import Commit
from apps.repositories.models import Repository
from tests.apps.scorecards.conftest import ada, origin, push, reader, repository, work

__all__ = ["ada", "origin", "push", "reader", "repository"]
Tell = Callable[[Sequence[Commit]], dict[Commit, Run]]


@pytest.fixture
def collect(repository: Repository) -> Callable[[], Job]:
    """Fetches what was pushed and collects its experiments through the queue."""

    def run() -> Job:
        mirror.update(repository.url, repository.mirror, timeout=60)
        job = work(enqueue("experiments.collect", str(repository.pk)))
        assert job.status == Status.SUCCEEDED, job.error
        return job

    return run


@pytest.fixture
def tell(repository: Repository, push: Callable[..., dict[Any, str]], collect: Callable[[], Job]) -> Tell:
    """Pushes a story and collects it; the run of each commit that is one."""

    def run(story: Sequence[Commit]) -> dict[Commit, Run]:
        oids = push(story)
        collect()
        runs = {run.commit: run for run in repository.runs.all()}
        return {each: runs[oid] for each, oid in oids.items() if oid in runs}

    return run
