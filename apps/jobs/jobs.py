"""What the queue does for itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from apps.jobs.models import Job, Status
from apps.jobs.worker import Running

# Rounds of each minute go well ten thousand times a week; what failed is of interest for longer.
REMEMBERED, REMEMBERED_SUCCESS = timedelta(days=30), timedelta(days=7)


def forget(job: Running) -> dict[str, Any]:
    """Delete jobs that ended long ago (scorecards keep what came of them), and sessions that are over."""
    call_command("clearsessions")
    now = timezone.now()
    old = Q(finished_at__lt=now - REMEMBERED)
    went_well = Q(status=Status.SUCCEEDED, finished_at__lt=now - REMEMBERED_SUCCESS)
    deleted, _ = Job.objects.filter(old | went_well).delete()
    return {"deleted": deleted}
