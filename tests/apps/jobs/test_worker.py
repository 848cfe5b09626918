from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.jobs import queue
from apps.jobs.models import Job, Status
from tests.apps.jobs.conftest import come_due, is_running, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Start = Callable[..., subprocess.Popen[str]]
WORKER = ("worker", "--slots", "1")


def stalled_job(marks: Path) -> tuple[Job, int, int]:
    """A job that hangs in its first run, and the process ids of its child and its program."""
    job = queue.enqueue("chores.stall_once", str(marks))
    wait_until(lambda: marks.exists() and "started" in marks.read_text())
    child, program = map(int, marks.read_text().split()[1:3])
    return job, child, program


def job_has_succeeded() -> bool:
    return Job.objects.filter(status=Status.SUCCEEDED).exists()


@pytest.mark.parametrize("victims", ["worker", "child", "worker and child", "program too"])
def test_whatever_is_killed_the_job_is_done_once(start: Start, tmp_path: Path, victims: str) -> None:
    marks = tmp_path / "marks"
    worker = start(*WORKER)
    job, child, program = stalled_job(marks)
    killed = {
        "worker": [worker.pid],
        "child": [child],
        "worker and child": [worker.pid, child],
        "program too": [worker.pid, child, program],
    }[victims]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(child) and not is_running(program))
    if worker.pid in killed:
        start(*WORKER)
    wait_until(job_has_succeeded)
    job.refresh_from_db()
    assert (job.attempts, job.fence) == (1, 2)
    assert marks.read_text().count("finished") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_worker_requeues_its_job_and_leaves_nothing(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    worker = start(*WORKER)
    job, child, program = stalled_job(tmp_path / "marks")
    worker.send_signal(number)
    assert worker.wait(20) == 0
    job.refresh_from_db()
    assert (job.status, job.attempts) == (Status.QUEUED, 0)
    wait_until(lambda: not is_running(child) and not is_running(program))


def test_several_workers_share_the_work(start: Start, tmp_path: Path) -> None:
    for number in range(30):
        queue.enqueue("chores.succeed", str(tmp_path / str(number)))
    for _ in range(3):
        start(*WORKER)
    wait_until(lambda: Job.objects.filter(status=Status.SUCCEEDED).count() == 30)
    assert {marks.read_text() for marks in tmp_path.glob("[0-9]*")} == {"done\n"}
    assert not Job.objects.exclude(fence=1).exists()


def test_a_scheduler_enqueues_what_a_worker_does(start: Start, tmp_path: Path) -> None:
    come_due("chores.succeed", str(tmp_path / "marks"))
    scheduler, _ = start("scheduler"), start(*WORKER)
    wait_until(job_has_succeeded)
    scheduler.terminate()
    assert scheduler.wait(20) == 0
