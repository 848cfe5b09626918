from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.utils import timezone

from apps.jobs import queue
from apps.jobs.models import ACTIVE, Job, Schedule, Status
from apps.jobs.pool import Pool
from tests.apps.jobs.conftest import come_due, is_running, turn_until, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database,
    # The worker has one thread; pytest, from which these fork, may have that of a live server too.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
MakePool = Callable[..., Pool]


def job_is_over() -> bool:
    return not Job.objects.filter(status__in=ACTIVE).exists()


def has_started(marks: Path) -> bool:
    return marks.exists() and "started" in marks.read_text()


def run(pool: Pool, kind: str, subject: object, timeout: int | None = None) -> Job:
    queue.enqueue(f"chores.{kind}", str(subject), timeout=timeout)
    turn_until(pool, job_is_over)
    return Job.objects.get()


def test_a_result_is_kept(pool: MakePool, tmp_path: Path) -> None:
    job = run(pool(), "succeed", tmp_path / "marks")
    assert (job.status, job.result, job.attempts) == (Status.SUCCEEDED, {"answer": 42}, 0)
    assert (tmp_path / "marks").read_text() == "done\n"


def test_what_fails_is_tried_three_times_and_its_traceback_kept(pool: MakePool, tmp_path: Path) -> None:
    job = run(pool(), "fail", tmp_path / "marks")
    assert (job.status, job.attempts) == (Status.DEAD, 3)
    assert (tmp_path / "marks").read_text() == "failing\n" * 3
    assert "ValueError: the milk is sour" in job.error
    assert "tests/chores/jobs.py" in job.error


def test_a_permanent_failure_is_not_tried_again_and_says_why(pool: MakePool) -> None:
    job = run(pool(), "give_up", "shop")
    assert (job.status, job.attempts, job.error) == (Status.FAILED, 1, "no such shop")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("answer_nonsense", "not JSON serializable"),
        ("leave", "status 3"),
        ("be_killed", "signal SIGKILL"),
        ("no_such_function", "no_such_function"),
    ],
)
def test_every_odd_end_is_a_failure(pool: MakePool, tmp_path: Path, kind: str, error: str) -> None:
    job = run(pool(), kind, tmp_path / "marks")
    assert (job.status, job.attempts) == (Status.DEAD, 3)
    assert error in job.error


def test_a_job_of_an_unknown_app_fails(pool: MakePool) -> None:
    queue.enqueue("nowhere.nothing", "a")
    turn_until(pool(), job_is_over)
    assert "nowhere" in Job.objects.get().error


def is_dead(marks: Path) -> bool:
    """Whether the process of the first run and the program that it started have ended."""
    return not any(is_running(int(pid)) for pid in marks.read_text().splitlines()[0].split()[1:])


def wait_until_dead(marks: Path) -> None:
    wait_until(lambda: is_dead(marks))


def test_a_job_that_takes_too_long_is_killed_with_its_programs(pool: MakePool, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    job = run(pool(), "stall_once", marks, timeout=1)
    assert (job.status, job.attempts) == (Status.SUCCEEDED, 1)
    wait_until_dead(marks)


def test_a_running_job_is_cancelled_with_its_programs(pool: MakePool, tmp_path: Path) -> None:
    marks, worker = tmp_path / "marks", pool()
    job = queue.enqueue("chores.stall_once", str(marks))
    turn_until(worker, lambda: has_started(marks))
    queue.cancel(job)
    turn_until(worker, job_is_over)
    job.refresh_from_db()
    assert (job.status, job.attempts) == (Status.CANCELLED, 0)
    wait_until_dead(marks)


def test_what_a_job_leaves_running_is_killed(pool: MakePool, tmp_path: Path) -> None:
    marks, worker = tmp_path / "marks", pool()
    assert run(worker, "leave_a_program", marks).status == Status.SUCCEEDED
    # The job says that it is done before its process ends, and only the worker sees that.
    turn_until(worker, lambda: is_dead(marks))


def test_a_stopped_worker_gives_its_jobs_back_without_an_attempt(pool: MakePool, tmp_path: Path) -> None:
    marks, worker = tmp_path / "marks", pool()
    queue.enqueue("chores.stall_once", str(marks))
    turn_until(worker, lambda: has_started(marks))
    worker.stop()
    job = Job.objects.get()
    assert (job.status, job.attempts) == (Status.QUEUED, 0)
    wait_until_dead(marks)


def test_a_worker_that_lost_its_lease_stops_the_job(pool: MakePool, tmp_path: Path) -> None:
    """As after a suspended laptop: another worker swept the job and has done it meanwhile."""
    marks, worker, another = tmp_path / "marks", pool(), pool()
    queue.enqueue("chores.stall_once", str(marks))
    turn_until(worker, lambda: has_started(marks))
    Job.objects.update(lease_until=timezone.now() - timedelta(hours=1))
    turn_until(another, job_is_over)
    turn_until(worker, lambda: not worker.children)
    job = Job.objects.get()
    assert (job.status, job.attempts, job.fence) == (Status.SUCCEEDED, 1, 2)
    assert marks.read_text().count("finished") == 1
    wait_until_dead(marks)


def test_a_long_job_keeps_its_lease(pool: MakePool, tmp_path: Path) -> None:
    marks, worker = tmp_path / "marks", pool(lease=1.5)
    queue.enqueue("chores.stall_once", str(marks))
    turn_until(worker, lambda: has_started(marks))
    begin = timezone.now()
    turn_until(worker, lambda: timezone.now() - begin > timedelta(seconds=3))
    assert Job.objects.get().attempts == 0


def test_nothing_is_written_once_the_claim_is_lost(pool: MakePool) -> None:
    come_due("chores.succeed", "a")
    worker = pool()
    queue.enqueue("chores.write_once", "a")
    turn_until(worker, lambda: Job.objects.filter(fence__gt=1).exists())
    turn_until(worker, lambda: not worker.children)
    assert Schedule.objects.get().priority == 1
    assert Job.objects.get().status == Status.RUNNING


def test_progress_is_shown_but_not_written_each_time(pool: MakePool, tmp_path: Path) -> None:
    run(pool(), "report_progress", tmp_path / "marks")
    phase, done, total = (tmp_path / "marks").read_text().split()
    assert (phase, total) == ("counting", "1000")
    assert int(done) < 999


def test_slots_are_filled_and_no_more(pool: MakePool, tmp_path: Path) -> None:
    worker = pool(slots=2)
    for name in "abc":
        queue.enqueue("chores.stall_once", str(tmp_path / name))
    turn_until(worker, lambda: len(list(tmp_path.iterdir())) == 2)
    assert worker.turn()
    assert Job.objects.filter(status=Status.RUNNING).count() == 2
    assert Job.objects.filter(status=Status.QUEUED, fence=F("attempts")).count() == 1


def test_a_process_that_answers_many_bells_keeps_no_file_open(transactional_db: None) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    Pool(1).answer()
    before = open_files()
    for _ in range(3):
        Pool(1).answer()
    assert open_files() == before


def test_the_engine_is_forked_from_the_process_that_has_it_imported(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    worker = start("worker", "--slots", "1")
    queue.enqueue("chores.ask_the_engine", str(tmp_path / "marks"))
    wait_until(lambda: (tmp_path / "marks").exists())
    forking, by = map(int, (tmp_path / "marks").read_text().split())
    assert by == worker.pid
    assert is_running(forking)
