"""One thing goes wrong: a full disk, a stuck git, a frozen worker, a poisonous job, a clock or a database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db.models import F
from pytest_django.fixtures import Settings

from apps.accounts.models import Team
from apps.jobs import claims, queue
from apps.jobs.models import ACTIVE, Job, Schedule, Status, Worker
from apps.jobs.pool import Pool
from apps.repositories.models import Repository
from apps.scorecards.models import Scorecard, Standing
from tests.apps.jobs.conftest import turn_until, wait_until
from tests.apps.jobs.invariants import assert_all_is_well, assert_no_process_is_left
from tests.apps.jobs.storm import AUDIT, Start, Storm, register
from tests.apps.repositories.origins import Origin
from tests.servers.postgres import Postgres

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
MakePool = Callable[..., Pool]
ROOM = 1 << 60


@pytest.fixture
def origin(tmp_path: Path, settings: Settings) -> Origin:
    settings.LOCAL_ROOTS, settings.MIRRORS = [tmp_path], tmp_path / "mirrors"
    return Origin(tmp_path / "origin.git")


@pytest.fixture
def repository(origin: Origin, transactional_db: None) -> Repository:
    return register(origin, Team.objects.default())


def all_is_over(kind: str = "") -> bool:
    return not Job.objects.filter(status__in=ACTIVE, kind__startswith=kind).exists()


def audits_are_over() -> bool:
    """What follows them may still be at work."""
    return all_is_over(AUDIT)


def audited(worker: Pool, repository: Repository, timeout: int | None = None) -> Job:
    job = queue.enqueue(AUDIT, str(repository.pk), timeout=timeout)
    turn_until(worker, audits_are_over)
    job.refresh_from_db()
    repository.refresh_from_db()
    return job


@pytest.fixture
def small_disk(tmp_path: Path, settings: Settings) -> Iterator[Callable[[], None]]:
    """A disk of 6 MB for the mirrors; call it to make room. Where we may mount none, the limit of free space is it."""
    folder = tmp_path / "mirrors"
    folder.mkdir()
    settings.FREE_BYTES = 0
    mount = ["mount", "-t", "tmpfs", "-o"]
    if subprocess.run([*mount, "size=6m", "tmpfs", folder], capture_output=True).returncode:
        settings.FREE_BYTES = ROOM
        yield lambda: setattr(settings, "FREE_BYTES", 0)
        return

    def make_room() -> None:
        subprocess.run([*mount, "remount,size=64m", "tmpfs", folder], check=True)

    yield make_room
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_said_and_leaves_the_scorecard_that_was_there(
    small_disk: Callable[[], None], origin: Origin, repository: Repository, pool: MakePool, settings: Settings
) -> None:
    worker, room = pool(), settings.FREE_BYTES
    settings.FREE_BYTES = 0
    assert audited(worker, repository).status == Status.SUCCEEDED
    settings.FREE_BYTES, before = room, Standing.objects.get()
    for number in range(8):
        origin.push("data", random.Random(number).randbytes(900_000))
    origin.push("main")
    assert audited(worker, repository).status == Status.DEAD
    assert "disk" in repository.state_detail
    assert Standing.objects.get() == before
    small_disk()
    assert audited(worker, repository).status == Status.SUCCEEDED
    assert_all_is_well()


@pytest.mark.parametrize(("limit", "said"), [("the job's", "longer than 1 s"), ("the fetch's", "within 1 seconds")])
def test_a_stuck_git_is_ended_by_a_limit(
    origin: Origin, repository: Repository, pool: MakePool, settings: Settings, limit: str, said: str
) -> None:
    (origin.path / "config").unlink()
    os.mkfifo(origin.path / "config")  # git waits for who writes to it
    if limit == "the fetch's":
        settings.FETCH_SECONDS = 1
    job = audited(pool(), repository, timeout=1 if limit == "the job's" else None)
    assert (job.status, said in job.error) == (Status.DEAD, True), job.error
    assert_no_process_is_left(origin.path)


def test_two_workers_at_one_repository_record_it_once(repository: Repository, pool: MakePool) -> None:
    workers = pool(), pool()
    for number in range(2):  # what the queue never does
        Job.objects.create(kind=AUDIT, subject=str(repository.pk), dedupe_key=f"forced {number}")
    for worker in workers:
        worker.turn()
        assert worker.children
    wait_until(lambda: [worker.turn() for worker in workers] and audits_are_over())
    assert Scorecard.objects.count() == 1
    assert_all_is_well()


def test_a_worker_that_thaws_after_another_took_its_job_records_nothing(
    origin: Origin, repository: Repository, pool: MakePool
) -> None:
    frozen, another = pool(), pool()
    queue.enqueue(AUDIT, str(repository.pk))
    turn_until(frozen, Job.objects.filter(phase="auditing").exists)
    (child,) = frozen.children
    os.killpg(child.pid, signal.SIGSTOP)
    Job.objects.update(lease_until=F("created_at") - timedelta(hours=1))
    pushed = origin.push("main")
    turn_until(another, audits_are_over)
    os.killpg(child.pid, signal.SIGCONT)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    turn_until(frozen, lambda: not frozen.children)
    job = Job.objects.get(kind=AUDIT)
    assert (job.attempts, job.fence) == (1, 2)
    assert Scorecard.objects.get().commit == pushed
    repository.refresh_from_db()
    assert_all_is_well()


def test_a_job_that_kills_its_worker_is_dead_after_three_and_keeps_no_other(
    engine: str, start: Start, tmp_path: Path
) -> None:
    storm, marks = Storm(start, tmp_path, 0), tmp_path / "marks"
    poison = queue.enqueue("chores.kill_its_worker", str(marks), priority=queue.Priority.INTERACTIVE)
    behind = queue.enqueue("chores.succeed", str(tmp_path / "other"))

    def is_over() -> bool:
        storm.keep_up(workers=1, schedulers=0)
        return all_is_over()

    wait_until(is_over, 120)
    poison.refresh_from_db()
    behind.refresh_from_db()
    assert (poison.status, poison.attempts, behind.status) == (Status.DEAD, 3, Status.SUCCEEDED)
    assert "was lost" in poison.reason
    assert marks.read_text() == "killing\n" * 3
    storm.end()
    assert_all_is_well()


def jump(by: timedelta) -> None:
    """The database's clock goes forward: all that was written down is as much longer ago."""
    moments = ("run_after", "lease_until", "created_at", "started_at")
    Job.objects.update(**{name: F(name) - by for name in moments})
    Schedule.objects.update(next_run_at=F("next_run_at") - by)
    Worker.objects.update(seen_at=F("seen_at") - by)


@pytest.mark.parametrize("by", [timedelta(days=1), timedelta(days=-1)], ids=["forward", "back"])
def test_a_clock_that_jumps_holds_no_job_up(pool: MakePool, tmp_path: Path, by: timedelta) -> None:
    """One that runs, one whose worker is gone, one that waits."""
    worker, held = pool(), tmp_path / "held"
    queue.enqueue("chores.hold", str(held))
    turn_until(worker, held.exists)
    queue.enqueue("chores.succeed", str(tmp_path / "lost"))
    assert claims.claim("gone")
    queue.enqueue("chores.succeed", str(tmp_path / "waiting"))
    jump(by)
    Path(f"{held}.go").touch()
    worker.beat()
    turn_until(worker, all_is_over)
    assert held.read_text().count("finished") == 1
    assert_all_is_well()


@pytest.fixture
def postgres(environment: dict[str, str]) -> Iterator[Postgres]:
    """A server of which pytest's own connections know nothing; its user may not read pytest's folders."""
    with tempfile.TemporaryDirectory(prefix="mlhealth-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "cluster")
        server.start()
        environment["MLHEALTH_DATABASE_URL"] = server.url
        yield server
        server.stop()


def test_a_database_that_restarts_in_the_middle_of_a_job_loses_none(
    postgres: Postgres, start: Start, tmp_path: Path, environment: dict[str, str]
) -> None:
    assert start("migrate", "--verbosity", "0").wait(120) == 0
    marks = tmp_path / "marks"
    enqueue = f"from apps.jobs import queue; queue.enqueue('chores.hold', '{marks}')"
    assert start("shell", "-v", "0", "-c", enqueue).wait(60) == 0
    programs = [start("worker"), start("scheduler")]
    wait_until(marks.exists, 60)
    postgres.stop()
    postgres.start()
    Path(f"{marks}.go").touch()

    def jobs() -> list[tuple[str, int]]:
        with psycopg.connect(postgres.url) as connection:
            return connection.execute("SELECT status, attempts FROM jobs_job WHERE kind = 'chores.hold'").fetchall()

    wait_until(lambda: jobs()[0][0] == Status.SUCCEEDED, 60)
    assert len(jobs()) == 1
    assert jobs()[0][1] <= 1  # it is done once more where it ended while nobody could note so
    assert [program.poll() for program in programs] == [None, None]
