"""This worker's own copy of a repository: another worker's audit may have been the last."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.access import credentials
from apps.jobs.worker import Running
from apps.repositories import mirror
from apps.repositories.models import Repository

LOOK_SECONDS = 60


def fetch(job: Running, repository: Repository) -> mirror.Mirror:
    """Make this worker's mirror equal to the repository. Raises mirror.Failure."""
    with credentials.opened(repository) as access:
        return mirror.update(
            repository.url, repository.mirror, timeout=settings.FETCH_SECONDS, progress=job.progress, access=access
        )


def require(job: Running, repository: Repository, commit: str) -> None:
    """Fetch the repository unless the mirror has this commit. Raises mirror.Failure."""
    if not holds(repository.mirror, commit):
        fetch(job, repository)


def holds(path: Path, commit: str) -> bool:
    return path.is_dir() and mirror.descends(path, commit, commit, timeout=LOOK_SECONDS)
