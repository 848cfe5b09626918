"""What workers do: issue the reports that are due."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.jobs import schedule
from apps.jobs.worker import Running
from apps.reports import issue as issuing
from apps.reports.models import ISSUE, Edition, Report


def issue(job: Running) -> dict[str, Any] | None:
    """The edition of the last turn of a report, unless there is one."""
    report = (
        Report.objects.filter(pk=job.subject, active=True).select_related("team", "repository", "created_by").first()
    )
    if report is None:  # removed with its team or repository, which know nothing of it
        schedule.stop(ISSUE, job.subject)
        return None
    until = issuing.last_turn(report.when, timezone.now())
    if Edition.objects.filter(report=report, until=until).exists() or not report.repositories().exists():
        return None
    job.progress("composing")
    contents = issuing.contents_of(report, until)
    with job.fenced():
        edition = issuing.issue(report, contents)
    return {"edition": edition.pk}
