from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.jobs import claims, queue
from apps.jobs.models import Job, Priority, Status

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_second_request_gets_the_job_that_waits() -> None:
    first = queue.enqueue("chores.succeed", "a")
    assert queue.enqueue("chores.succeed", "a") == first
    assert Job.objects.count() == 1


def test_a_second_request_gets_the_job_that_runs() -> None:
    first = queue.enqueue("chores.succeed", "a")
    claims.claim("w")
    assert queue.enqueue("chores.succeed", "a") == first


def test_what_is_asked_for_while_it_runs_is_done_once_more() -> None:
    job = queue.enqueue("chores.succeed", "a")
    for again in (True, False):
        held = claims.claim("w")
        assert held is not None
        if again:
            queue.enqueue("chores.succeed", "a")
        claims.succeed(held, {})
        job.refresh_from_db()
        assert job.status == (Status.QUEUED if again else Status.SUCCEEDED)
    assert Job.objects.count() == 1


@pytest.mark.parametrize("other", [("chores.fail", "a"), ("chores.succeed", "b")])
def test_other_work_is_another_job(other: tuple[str, str]) -> None:
    assert queue.enqueue("chores.succeed", "a") != queue.enqueue(*other)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.DEAD])
def test_what_is_over_does_not_stand_in_the_way(status: Status) -> None:
    first = queue.enqueue("chores.succeed", "a")
    Job.objects.update(status=status)
    assert queue.enqueue("chores.succeed", "a") != first


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        (Priority.AUDIT, Priority.INTERACTIVE, Priority.INTERACTIVE),
        (Priority.INTERACTIVE, Priority.AUDIT, Priority.INTERACTIVE),
    ],
)
def test_a_duplicate_only_ever_raises_the_priority(before: Priority, asked: Priority, after: Priority) -> None:
    queue.enqueue("chores.succeed", "a", priority=before)
    assert queue.enqueue("chores.succeed", "a", priority=asked).priority == after


def test_a_duplicate_ends_the_wait_for_a_retry() -> None:
    queue.enqueue("chores.succeed", "a", run_after=timezone.now() + timedelta(hours=1))
    assert claims.claim("w") is None
    queue.enqueue("chores.succeed", "a")
    assert claims.claim("w")


def test_a_duplicate_does_not_disturb_the_callers_transaction() -> None:
    with transaction.atomic():
        queue.enqueue("chores.succeed", "a")
        queue.enqueue("chores.succeed", "a")
        queue.enqueue("chores.succeed", "b")
    assert Job.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_job_is_undone_with_the_callers_transaction() -> None:
    with transaction.atomic():
        queue.enqueue("chores.succeed", "a")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_cancel_ends_a_queued_job() -> None:
    job = queue.enqueue("chores.succeed", "a")
    queue.cancel(job)
    assert claims.claim("w") is None
    job.refresh_from_db()
    assert (job.status, bool(job.finished_at)) == (Status.CANCELLED, True)


def test_cancel_leaves_a_finished_job_alone() -> None:
    job = queue.enqueue("chores.succeed", "a")
    Job.objects.update(status=Status.SUCCEEDED)
    queue.cancel(job)
    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == (Status.SUCCEEDED, False)


@pytest.mark.parametrize("status", [Status.FAILED, Status.DEAD, Status.CANCELLED])
def test_retry_starts_afresh(status: Status) -> None:
    job = queue.enqueue("chores.succeed", "a")
    Job.objects.update(status=status, attempts=3, cancel_requested=True)
    assert queue.retry(job)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.cancel_requested) == (Status.QUEUED, 0, False)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.SUCCEEDED])
def test_retry_is_for_what_ended_badly(status: Status) -> None:
    job = queue.enqueue("chores.succeed", "a")
    Job.objects.update(status=status)
    assert not queue.retry(job)


def test_retry_leaves_a_subject_alone_that_is_under_way() -> None:
    dead = queue.enqueue("chores.succeed", "a")
    Job.objects.update(status=Status.DEAD)
    queue.enqueue("chores.succeed", "a")
    assert not queue.retry(dead)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.FAILED, Status.DEAD])
def test_discard_puts_it_aside(status: Status) -> None:
    job = queue.enqueue("chores.succeed", "a")
    Job.objects.update(status=status)
    queue.discard(job)
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
