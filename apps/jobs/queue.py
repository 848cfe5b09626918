"""What the rest of the site asks of the queue: enqueue, cancel, retry, discard."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Greatest, Least, Now

from apps.jobs.bells import ring_after_commit
from apps.jobs.models import ACTIVE, HOUR, Job, Priority, Status
from apps.jobs.shards import bucket_of

__all__ = ["Priority", "cancel", "discard", "enqueue", "retry"]


def enqueue(
    kind: str,
    subject: str,
    *,
    priority: Priority = Priority.AUDIT,
    run_after: datetime | None = None,
    timeout: int | None = None,
) -> Job:
    """Queue a job in the caller's transaction, or return the one that is already under way for this subject.

    One that waits already is made at least as urgent as the new one would have been; one that runs already is done
    once more, for it may have read what this caller has changed since.
    """
    job = Job(kind=kind, subject=subject, dedupe_key=f"{kind}:{subject}", priority=priority)
    job.timeout, job.bucket = timeout or HOUR, bucket_of(subject)
    if run_after:
        job.run_after = run_after
    while True:
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            active = Job.objects.filter(dedupe_key=job.dedupe_key, status__in=ACTIVE).first()
            if active and hasten(active, priority, run_after):
                ring_after_commit(active)
                return active
        else:
            ring_after_commit(job)
            return job


def hasten(job: Job, priority: Priority, run_after: datetime | None) -> bool:
    """Make a queued job at least this urgent, or have a running one done again; False when it is over."""
    row, urgency = Job.objects.filter(pk=job.pk), Greatest("priority", int(priority))
    queued = row.filter(status=Status.QUEUED).update(priority=urgency, run_after=Least("run_after", run_after or Now()))
    running = not queued and row.filter(status=Status.RUNNING).update(priority=urgency, again=True)
    job.refresh_from_db()
    return bool(queued or running)


def cancel(job: Job) -> None:
    """End a queued job now, and a running one as soon as its worker looks."""
    with transaction.atomic():
        current = Job.objects.select_for_update().get(pk=job.pk)
        if current.status == Status.QUEUED:
            Job.objects.filter(pk=job.pk).update(status=Status.CANCELLED, finished_at=Now())
        elif current.status == Status.RUNNING:
            Job.objects.filter(pk=job.pk).update(cancel_requested=True)


def retry(job: Job) -> bool:
    """Queue a job that ended badly again; False when its subject is under way, or all is well."""
    ended_badly = Job.objects.filter(pk=job.pk, status__in=(Status.FAILED, Status.DEAD, Status.CANCELLED))
    try:
        with transaction.atomic():
            return bool(
                ended_badly.update(
                    status=Status.QUEUED,
                    attempts=0,
                    run_after=Now(),
                    cancel_requested=False,
                    finished_at=None,
                )
            )
    except IntegrityError:
        return False


def discard(job: Job) -> None:
    """Nobody needs it any more: cancel it, or put one that failed aside."""
    cancel(job)
    Job.objects.filter(pk=job.pk, status__in=(Status.FAILED, Status.DEAD)).update(status=Status.CANCELLED)
