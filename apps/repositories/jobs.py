"""What workers do for repositories beside auditing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from apps.jobs.worker import Running
from apps.repositories import audits, mirror
from apps.repositories.models import Repository


def remove_mirror(job: Running) -> None:
    """Removes what is left on disk of a repository that is no longer watched."""
    mirror.remove(Path(settings.MIRRORS) / job.subject, timeout=settings.FETCH_SECONDS)


def plan_audits(job: Running) -> dict[str, Any]:
    """Has the repositories of a team, or all, audited when they are to be now that a schedule has changed."""
    watched = Repository.objects.order_by("pk")
    if job.subject != audits.EVERYONE:
        watched = watched.filter(team_id=job.subject)
    found = list(watched)
    for done, repository in enumerate(found, 1):
        audits.plan(repository)
        job.progress("planning audits", done, len(found))
    return {"planned": len(found)}
