"""What the queue does for itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from apps.jobs.models import Job
from apps.jobs.worker import Running

REMEMBERED = timedelta(days=30)


def forget(job: Running) -> dict[str, Any]:
    """Delete jobs that ended long ago (scorecards keep what came of them), and sessions that are over."""
    call_command("clearsessions")
    deleted, _ = Job.objects.filter(finished_at__lt=timezone.now() - REMEMBERED).delete()
    return {"deleted": deleted}
