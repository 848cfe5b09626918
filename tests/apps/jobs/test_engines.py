"""The same work on every engine, over the real brokers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.jobs import bells, queue
from apps.jobs.models import Job, Priority, Status, Worker
from tests.apps.jobs.conftest import is_running, wait_until
from tests.apps.jobs.invariants import assert_all_is_well
from tests.servers.brokers import Broker, RabbitMQ, Redis

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Start = Callable[..., subprocess.Popen[str]]
ENGINES: dict[str, tuple[str, type[Broker]]] = {
    "rq over Redis": ("rq", Redis),
    "celery over Redis": ("celery", Redis),
    "celery over RabbitMQ": ("celery", RabbitMQ),
}


@pytest.fixture(scope="module", params=ENGINES)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Broker]]:
    engine, kind = ENGINES[request.param]
    broker = kind(tmp_path_factory.mktemp("broker") / "data")
    broker.start()
    yield engine, broker
    broker.stop()


@pytest.fixture
def broker(
    served: tuple[str, Broker], settings: Settings, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Broker]:
    """The site, and all that it starts, on an engine. Each test begins with a broker that answers and is empty."""
    engine, broker = served
    if not broker.answers():
        broker.start()
    settings.ENGINE, settings.BROKER_URL = engine, broker.url
    environment |= {"MLHEALTH_ENGINE": engine, "MLHEALTH_BROKER_URL": broker.url}
    monkeypatch.setattr(bells, "silent_until", 0.0)
    monkeypatch.delitem(sys.modules, f"apps.jobs.engines.{engine}", raising=False)
    yield broker
    monkeypatch.delitem(sys.modules, f"apps.jobs.engines.{engine}", raising=False)


def succeeded() -> int:
    """How many of our jobs; the scheduler has one of its own."""
    return Job.objects.filter(kind__startswith="chores.", status=Status.SUCCEEDED).count()


def at_work(start: Start) -> subprocess.Popen[str]:
    worker = start("worker", "--slots", "1")
    wait_until(Worker.objects.exists)
    return worker


def stalled_job(marks: Path) -> tuple[Job, int, int]:
    """A job that hangs in its first run, and the process ids of its child and its program."""
    job = queue.enqueue("chores.stall_once", str(marks))
    wait_until(lambda: marks.exists() and "started" in marks.read_text())
    child, program = map(int, marks.read_text().split()[1:3])
    return job, child, program


def ancestors(pid: int, last: int) -> list[int]:
    """The processes between one and the one that looks after it."""
    found = []
    while pid not in (last, 1):
        found.append(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


def test_a_job_is_done_and_says_by_whom(broker: Broker, start: Start, tmp_path: Path) -> None:
    at_work(start)
    queue.enqueue("chores.succeed", str(tmp_path / "marks"))
    wait_until(lambda: succeeded() and Job.objects.exclude(log="").exists())
    job = Job.objects.get()
    assert (job.result, job.attempts, job.fence) == ({"answer": 42}, 0, 1)
    assert "done" in job.log
    assert job.worker == Worker.objects.get().name


def test_a_woken_worker_does_the_most_urgent_job(broker: Broker, start: Start, tmp_path: Path) -> None:
    for priority in (Priority.REPORT, Priority.AUDIT, Priority.INTERACTIVE):
        queue.enqueue("chores.succeed", str(tmp_path / priority.queue), priority=priority)
    at_work(start)
    wait_until(lambda: succeeded() == 3)
    order = Job.objects.order_by("started_at").values_list("priority", flat=True)
    assert list(order) == [Priority.INTERACTIVE, Priority.AUDIT, Priority.REPORT]


@pytest.mark.parametrize("victims", ["the worker", "the child", "all between", "the whole tree"])
def test_whatever_is_killed_the_job_is_done_once(broker: Broker, start: Start, tmp_path: Path, victims: str) -> None:
    worker, marks = at_work(start), tmp_path / "marks"
    job, child, program = stalled_job(marks)
    between = ancestors(child, worker.pid)[1:]
    killed = {
        "the worker": [worker.pid],
        "the child": [child],
        "all between": between,
        "the whole tree": [worker.pid, *between, child, program],
    }[victims]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, [child, program])))
    if worker.pid in killed:
        wait_until(lambda: not any(map(is_running, between)))
        start("worker", "--slots", "1")
    start("scheduler")
    wait_until(succeeded)
    job.refresh_from_db()
    assert (marks.read_text().count("finished"), job.fence) == (1, 2)


def test_a_stopped_worker_gives_its_job_back_within_its_grace(broker: Broker, start: Start, tmp_path: Path) -> None:
    worker = at_work(start)
    job, child, program = stalled_job(tmp_path / "marks")
    worker.terminate()
    assert worker.wait(10) == 0
    job.refresh_from_db()
    assert (job.status, job.attempts) == (Status.QUEUED, 0)
    wait_until(lambda: not any(map(is_running, [child, program])))
    assert not Worker.objects.exists()


def test_a_job_waits_in_the_database_while_the_broker_is_away(broker: Broker, start: Start, tmp_path: Path) -> None:
    at_work(start)
    start("scheduler")
    broker.stop()
    queue.enqueue("chores.succeed", str(tmp_path / "marks"))
    assert Job.objects.get().status == Status.QUEUED
    broker.start()
    wait_until(succeeded)


def test_bells_that_the_broker_forgot_are_rung_again(broker: Broker, start: Start, tmp_path: Path) -> None:
    for number in range(5):
        queue.enqueue("chores.succeed", str(tmp_path / str(number)))
    broker.stop()  # Redis forgets all of them; RabbitMQ keeps what it wrote to disk in time
    broker.start()
    start("scheduler")
    at_work(start)
    wait_until(lambda: succeeded() == 5)


DASHBOARD = """
import django; django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
from django.urls import reverse
from apps.accounts.models import User
client = Client(raise_request_exception=False)
client.force_login(User.objects.create_superuser("ada"))
workers, dashboard = client.get("/workers/"), client.get(reverse("admin:django_rq_dashboard_changelist"))
print(workers.status_code, b"RQ's dashboard" in workers.content)
print(dashboard.status_code, b"interactive" in dashboard.content)
"""


def test_administrators_have_rq_s_own_dashboard(
    served: tuple[str, Broker], broker: Broker, environment: dict[str, str]
) -> None:
    if served[0] != "rq":
        return  # the others have none
    ours = environment | {"MLHEALTH_DEBUG": "true"}  # or static files would have to be collected first
    said = subprocess.run([sys.executable, "-c", DASHBOARD], env=ours, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["200", "True", "200", "True"]


@pytest.mark.parametrize("fault", ["it restarts", "it forgets everything"])
def test_what_runs_and_what_waits_is_done_whatever_becomes_of_the_broker(
    broker: Broker, start: Start, tmp_path: Path, fault: str
) -> None:
    at_work(start)
    marks = tmp_path / "marks"
    queue.enqueue("chores.hold", str(marks))
    wait_until(marks.exists)
    for number in range(3):
        queue.enqueue("chores.succeed", str(tmp_path / str(number)))
    if fault == "it restarts":
        broker.stop()
        broker.start()
    else:
        broker.forget()
    Path(f"{marks}.go").touch()
    wait_until(lambda: succeeded() == 4)
    assert marks.read_text().count("finished") == 1
    assert_all_is_well()
