"""A real repository with experiments, mirrored and collected by the real jobs, in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.repositories import mirror
from apps.repositories.models import Repository
from tests.apps.scorecards.conftest import ada, origin, push, reader, repository, work

__all__ = ["ada", "origin", "push", "reader", "repository"]


@pytest.fixture
def collect(repository: Repository) -> Callable[[], Job]:
    """Fetches what was pushed and collects its experiments through the queue."""

    def run() -> Job:
        mirror.update(repository.url, repository.mirror, timeout=60)
        job = work(enqueue("experiments.collect", str(repository.pk)))
        assert job.status == Status.SUCCEEDED, job.error
        return job

    return run
