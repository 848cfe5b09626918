"""How a job changes hands. A claim is good while its row is running and nobody has claimed it since.

Times are the database's, so a worker whose clock is wrong neither steals a job nor loses one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from apps.jobs.models import Job, Status

LEASE = timedelta(seconds=settings.LEASE_SECONDS)
BACKOFF = timedelta(seconds=settings.RETRY_SECONDS)
ATTEMPTS = 3
# Clocks of several machines, and leases of several versions, differ by less.
TOLERANCE = timedelta(hours=2)
ERROR_LENGTH = 20_000


class Fenced(Exception):
    """The claim is lost: the lease ended and the job went to someone else, or the job is over."""


@dataclass(frozen=True)
class Claim:
    """The right to do one job and to write what came of it."""

    job_id: int
    fence: int
    kind: str
    subject: str
    timeout: int

    def rows(self) -> QuerySet[Job]:
        """The job's row while the claim holds, else nothing."""
        return Job.objects.filter(pk=self.job_id, fence=self.fence, status=Status.RUNNING)

    @contextmanager
    def held(self) -> Iterator[Job]:
        """A transaction in which nobody else can take the job."""
        with transaction.atomic():
            job = self.rows().select_for_update().first()
            if job is None:
                raise Fenced(f"job {self.job_id} is no longer ours")
            yield job


def from_now(delay: timedelta) -> Combinable:
    """A moment on the database's clock."""
    if not delay:
        return Now()
    return ExpressionWrapper(Now() + Value(delay), output_field=DateTimeField())


def claim(worker: str, lease: timedelta = LEASE, reach: Q = Q()) -> Claim | None:  # noqa: B008  # it is not changed
    """Take the most urgent job within reach that is ready."""
    ready = Job.objects.filter(reach, status=Status.QUEUED, run_after__lte=Now())
    if not ready.exists():  # spares an idle SQLite the write lock that atomic() takes
        return None
    with transaction.atomic():
        job = ready.order_by("-priority", "run_after", "pk").select_for_update(skip_locked=True).first()
        if job is None:
            return None
        taken = Job.objects.filter(pk=job.pk, status=Status.QUEUED, fence=job.fence).update(
            status=Status.RUNNING,
            fence=F("fence") + 1,
            lease_until=from_now(lease),
            worker=worker,
            started_at=Now(),
            again=False,
            phase="",
            done=None,
            total=None,
        )
    return Claim(job.pk, job.fence + 1, job.kind, job.subject, job.timeout) if taken else None


def renew(claim: Claim, lease: timedelta = LEASE) -> bool:
    """Say that the job is still being worked on; False when the claim is lost."""
    return bool(claim.rows().update(lease_until=from_now(lease)))


def succeed(claim: Claim, result: dict[str, Any] | None) -> None:
    """Record what came of it. What was asked for again meanwhile is done again: it may have read what was so before."""
    with claim.held() as job:
        job.result, job.error = result, ""
        if job.again and not job.cancel_requested:
            job.attempts = 0
            queue_again(job, timedelta(0))
        else:
            end(job, Status.SUCCEEDED)


def fail(claim: Claim, error: str, *, retry_in: timedelta = BACKOFF, hopeless: bool = False) -> None:
    """Count an attempt. The job is tried again later, unless this was the last time or it is hopeless.

    What was asked for again meanwhile begins anew: what kept it from going well may have been mended.
    """
    with claim.held() as job:
        job.attempts += 1
        job.error = error[-ERROR_LENGTH:]
        if job.cancel_requested:
            end(job, Status.CANCELLED)
        elif job.again:
            job.attempts = 0
            queue_again(job, timedelta(0))
        elif hopeless:
            end(job, Status.FAILED)
        elif job.attempts >= ATTEMPTS:
            end(job, Status.DEAD)
        else:
            delay = retry_in * 4 ** (job.attempts - 1) * (0.5 + secrets.randbelow(1000) / 1000)
            queue_again(job, delay)


def cancel(claim: Claim) -> None:
    """Its process is gone, as somebody asked."""
    with claim.held() as job:
        end(job, Status.CANCELLED)


def put_back(claim: Claim) -> None:
    """The worker stops; that is not the job's fault, so it counts as no attempt."""
    with claim.held() as job:
        if job.cancel_requested:
            end(job, Status.CANCELLED)
        else:
            queue_again(job, timedelta(0))


def sweep() -> None:
    """Requeue the jobs whose worker has not been heard of for a whole lease, and let none wait for a clock put back."""
    forgive_clock()
    running, far = Job.objects.filter(status=Status.RUNNING), from_now(LEASE + TOLERANCE)
    expired = running.filter(Q(lease_until__lt=Now()) | Q(lease_until__gt=far))
    for job in expired:
        lost = Claim(job.pk, job.fence, job.kind, job.subject, job.timeout)
        with suppress(Fenced), transaction.atomic():
            if expired.filter(pk=job.pk).select_for_update().exists():
                fail(lost, f"The worker {job.worker} was lost.", retry_in=timedelta(0))


def forgive_clock() -> None:
    """Have what was queued or begun in the future, which only a clock that was put back explains, wait no longer."""
    future = from_now(TOLERANCE)
    waiting = Job.objects.filter(status=Status.QUEUED, run_after__gt=Now())
    ahead = waiting.filter(Q(created_at__gt=future) | Q(started_at__gt=future))
    if ahead.exists():  # spares an idle SQLite the write lock
        ahead.update(run_after=Now())


def keep_log(claim: Claim, log: str) -> None:
    """Keep what a run logged, unless the job has been run again since."""
    if log:
        Job.objects.filter(pk=claim.job_id, fence=claim.fence).update(log=log)


def end(job: Job, status: Status) -> None:
    release(job, status)
    job.finished_at = Now()
    job.save()


def queue_again(job: Job, delay: timedelta) -> None:
    release(job, Status.QUEUED)
    job.run_after = from_now(delay)
    job.save()


def release(job: Job, status: Status) -> None:
    job.status, job.lease_until, job.phase, job.done, job.total = status, None, "", None, None
