"""Jobs that ended long ago are forgotten; others are not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.jobs import claims
from apps.jobs.jobs import REMEMBERED, REMEMBERED_SUCCESS
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.jobs.worker import perform

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def ended(subject: str, ago: timedelta, status: Status = Status.SUCCEEDED) -> Job:
    return Job.objects.create(
        kind="x.y", subject=subject, dedupe_key=subject, status=status, finished_at=timezone.now() - ago
    )


def test_it_forgets_what_ended_long_ago() -> None:
    ended("old", REMEMBERED_SUCCESS + timedelta(hours=1))
    ended("new", REMEMBERED_SUCCESS - timedelta(hours=1))
    ended("old failure", REMEMBERED + timedelta(hours=1), Status.DEAD)
    ended("new failure", REMEMBERED - timedelta(hours=1), Status.DEAD)
    job = enqueue("jobs.forget", "all")
    claim = claims.claim("test")
    assert claim is not None
    perform(claim)
    assert set(Job.objects.values_list("subject", flat=True)) == {"new", "new failure", "all"}
    job.refresh_from_db()
    assert job.result == {"deleted": 2}
