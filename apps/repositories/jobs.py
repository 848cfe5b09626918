"""What workers do for repositories beside audits."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from apps.jobs.worker import Running
from apps.repositories import mirror


def remove_mirror(job: Running) -> None:
    """Removes what is left on disk of a repository that is no longer watched."""
    mirror.remove(Path(settings.MIRRORS) / job.subject, timeout=settings.FETCH_SECONDS)
