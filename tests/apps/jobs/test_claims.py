from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from apps.jobs import claims, queue
from apps.jobs.claims import Claim, Fenced
from apps.jobs.models import Job, Priority, Status

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOTHING, HOUR = timedelta(0), timedelta(hours=1)


def claimed(lease: timedelta = HOUR) -> Claim:
    queue.enqueue("chores.succeed", "a")
    claim = claims.claim("worker", lease)
    assert claim is not None
    return claim


def expire_lease() -> None:
    Job.objects.update(lease_until=F("created_at") - timedelta(seconds=1))


def test_the_most_urgent_goes_first_then_the_oldest() -> None:
    queue.enqueue("chores.succeed", "report", priority=Priority.REPORT)
    queue.enqueue("chores.succeed", "first")
    queue.enqueue("chores.succeed", "second")
    queue.enqueue("chores.succeed", "click", priority=Priority.INTERACTIVE)
    order = [claim.subject for claim in iter(lambda: claims.claim("worker"), None)]
    assert order == ["click", "first", "second", "report"]


def test_a_job_waits_until_its_time() -> None:
    queue.enqueue("chores.succeed", "a", run_after=timezone.now() + HOUR)
    assert claims.claim("worker") is None


def test_a_claim_is_exclusive() -> None:
    claimed()
    assert claims.claim("another") is None


def test_every_claim_raises_the_fence_and_none_counts_as_an_attempt() -> None:
    first = claimed()
    claims.put_back(first)
    second = claims.claim("worker")
    assert second is not None
    job = Job.objects.get()
    assert (second.fence, job.fence, job.attempts) == (first.fence + 1, first.fence + 1, 0)


WRITES: dict[str, Callable[[Claim], None]] = {
    "succeed": lambda claim: claims.succeed(claim, {}),
    "fail": lambda claim: claims.fail(claim, "error"),
    "cancel": claims.cancel,
    "put back": claims.put_back,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_lost_claim_writes_nothing(write: Callable[[Claim], None]) -> None:
    lost = claimed()
    claims.put_back(lost)
    assert claims.claim("another")
    before = Job.objects.values().get()
    with pytest.raises(Fenced):
        write(lost)
    assert not claims.renew(lost)
    assert Job.objects.values().get() == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_finished_job_is_not_finished_again(write: Callable[[Claim], None]) -> None:
    claim = claimed()
    claims.succeed(claim, {"answer": 42})
    with pytest.raises(Fenced):
        write(claim)
    assert Job.objects.get().result == {"answer": 42}


def test_success_keeps_the_result() -> None:
    claims.succeed(claimed(), {"answer": 42})
    job = Job.objects.get()
    assert (job.status, job.result, job.error, job.lease_until) == (Status.SUCCEEDED, {"answer": 42}, "", None)
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.started_at <= job.finished_at


def test_a_failure_is_tried_again_later_and_later() -> None:
    waits = []
    for _ in range(2):
        claim = claimed()
        claims.fail(claim, "error", retry_in=HOUR)
        waits.append(Job.objects.get().run_after - timezone.now())
        Job.objects.update(run_after=timezone.now() - HOUR)
    assert timedelta(minutes=29) < waits[0] < timedelta(minutes=91)
    assert timedelta(minutes=119) < waits[1] < timedelta(minutes=361)


def test_the_third_failure_is_the_last_and_its_error_stays() -> None:
    for attempt in range(3):
        claims.fail(claimed(), f"error {attempt}", retry_in=NOTHING)
    job = Job.objects.get()
    assert (job.status, job.attempts, job.error) == (Status.DEAD, 3, "error 2")


def test_a_hopeless_failure_is_not_tried_again() -> None:
    claims.fail(claimed(), "no such host", hopeless=True)
    assert Job.objects.get().status == Status.FAILED


def test_a_sweep_frees_the_job_of_a_lost_worker_and_counts_an_attempt() -> None:
    claimed()
    expire_lease()
    claims.sweep()
    job = Job.objects.get()
    assert (job.status, job.attempts) == (Status.QUEUED, 1)
    assert claims.claim("another")


def test_a_sweep_leaves_a_renewed_lease_alone() -> None:
    claim = claimed()
    expire_lease()
    assert claims.renew(claim)
    claims.sweep()
    assert Job.objects.get().status == Status.RUNNING


def test_a_job_that_loses_three_workers_is_dead() -> None:
    for _ in range(3):
        claimed()
        expire_lease()
        claims.sweep()
    job = Job.objects.get()
    assert (job.status, job.attempts) == (Status.DEAD, 3)
    assert "worker" in job.error


@pytest.mark.parametrize(
    "give_up", [lambda claim: claims.fail(claim, "error"), claims.put_back], ids=["failed", "put back"]
)
def test_a_job_to_be_cancelled_is_not_queued_again(give_up: Callable[[Claim], None]) -> None:
    claim = claimed()
    queue.cancel(Job.objects.get())
    give_up(claim)
    assert Job.objects.get().status == Status.CANCELLED


@pytest.mark.parametrize("year", [2001, 2101])
def test_a_worker_with_a_wrong_clock_harms_nobody(year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(year, 1, 1, tzinfo=UTC))
    claimed(lease=HOUR)
    claims.sweep()
    assert Job.objects.get().status == Status.RUNNING


CLAIM_ALL = """
import django; django.setup()
from apps.jobs import claims
while claim := claims.claim("worker"):
    print(claim.job_id)
"""


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_gets_a_job(environment: dict[str, str]) -> None:
    jobs = {queue.enqueue("chores.succeed", str(number)).pk for number in range(200)}
    command = [sys.executable, "-c", CLAIM_ALL]
    workers = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    taken = [int(line) for worker in workers for line in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(taken) == 200
    assert set(taken) == jobs


def put_the_clock_back() -> None:
    """By a day: all that was written down is a day further ahead."""
    moments = ("run_after", "lease_until", "created_at", "started_at")
    Job.objects.update(**{name: F(name) + timedelta(days=1) for name in moments})


def test_a_lost_job_does_not_wait_for_a_clock_that_was_put_back() -> None:
    claimed(claims.LEASE)
    put_the_clock_back()
    claims.sweep()
    assert claims.claim("another")


def test_a_queued_job_does_not_wait_for_a_clock_that_was_put_back() -> None:
    queue.enqueue("chores.succeed", "a")
    put_the_clock_back()
    claims.sweep()
    assert claims.claim("worker")


def test_a_job_that_is_to_wait_does() -> None:
    queue.enqueue("chores.succeed", "a", run_after=timezone.now() + timedelta(days=1))
    claims.sweep()
    assert claims.claim("worker") is None


@pytest.mark.parametrize("hopeless", [True, False])
def test_what_was_asked_for_again_while_it_failed_begins_anew(hopeless: bool) -> None:
    claim = claimed()
    Job.objects.update(attempts=claims.ATTEMPTS - 1)
    queue.enqueue("chores.succeed", "a")
    claims.fail(claim, "no such host", hopeless=hopeless)
    job = Job.objects.get()
    assert (job.status, job.attempts, job.error) == (Status.QUEUED, 0, "no such host")
    assert claims.claim("worker")
    claims.fail(claims.Claim(job.pk, job.fence + 1, job.kind, job.subject, job.timeout), "still none", hopeless=True)
    assert Job.objects.get().status == Status.FAILED
