"""The queue on each engine: jobs a second, how long a click waits, and how long a killed worker is missed.

    python benchmarks/queue.py [--engines embedded rq celery] [--jobs 100] [--clicks 50] [--schedules 10000]

Real `manage.py worker` processes on a database of their own (SQLite, or MLHEALTH_DATABASE_URL: an empty PostgreSQL),
with a Redis and a RabbitMQ that are started for the purpose. The jobs do nothing but leave a mark, each in a process
of its own. Latency is from enqueue to the start of an interactive job on an idle worker. Recovery is from kill -9 of
the worker to the second start of the job that it had, with a lease of 2 seconds and a new worker at once. Then so
many schedules, spread over an hour, tick for ten minutes of that hour: processor seconds and database statements of
one scheduler for each of those minutes.
Machines differ and are noisy: compare the lines of one run, not the runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # instead of this folder, in which the standard library would find this file for its own queue
LEASE = 2
SLOTS = (1, 2, 4, 8)
MINUTES = 10


def wait_until(seen: Callable[[], object]) -> float:
    """Seconds until it happened, which fails after five minutes."""
    began = time.monotonic()
    while not seen():
        if time.monotonic() - began > 300:
            raise TimeoutError("it did not happen")
        time.sleep(0.005)
    return time.monotonic() - began


@contextmanager
def working(slots: int) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that has done a first job, so that all its processes are there."""
    from apps.jobs import queue  # noqa: PLC0415  # Django has to be set up first
    from apps.jobs.models import Job, Status  # noqa: PLC0415

    command = [sys.executable, "manage.py", "worker", "--slots", str(slots)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        try:
            first = queue.enqueue("chores.succeed", os.devnull)
            wait_until(Job.objects.filter(pk=first.pk, status=Status.SUCCEEDED).exists)
            yield worker
        finally:
            worker.terminate()


def rate(slots: int, jobs: int) -> float:
    """Jobs a second, of as many that are queued at once."""
    from apps.jobs import queue  # noqa: PLC0415
    from apps.jobs.models import Job, Status  # noqa: PLC0415

    marks = Path(tempfile.mkdtemp(dir=os.environ["MLHEALTH_DATA"]))
    with working(slots):
        began = time.monotonic()
        for number in range(jobs):
            queue.enqueue("chores.succeed", str(marks / str(number)))
        mine = Job.objects.filter(subject__startswith=str(marks), status=Status.SUCCEEDED)
        wait_until(lambda: mine.count() == jobs)
        return jobs / (time.monotonic() - began)


def latencies(clicks: int) -> list[float]:
    """Milliseconds from enqueue to start, sorted."""
    from apps.jobs import queue  # noqa: PLC0415
    from apps.jobs.models import Job, Status  # noqa: PLC0415

    found = []
    with working(1):
        for _ in range(clicks):
            job = queue.enqueue("chores.succeed", os.devnull, priority=queue.Priority.INTERACTIVE)
            wait_until(Job.objects.filter(pk=job.pk, status=Status.SUCCEEDED).exists)
            job.refresh_from_db()
            assert job.started_at
            found.append((job.started_at - job.created_at) / timedelta(milliseconds=1))
    return sorted(found)


def recovery() -> float:
    """Seconds from the death of a worker to the second start of its job."""
    from apps.jobs import queue  # noqa: PLC0415
    from apps.jobs.models import Job, Status  # noqa: PLC0415

    marks = Path(tempfile.mkdtemp(dir=os.environ["MLHEALTH_DATA"])) / "marks"
    with working(1) as worker:
        job = queue.enqueue("chores.stall_once", str(marks))
        wait_until(lambda: marks.exists() and "started" in marks.read_text())
        worker.kill()
        worker.wait()
        died = time.monotonic()
        with working(1):
            wait_until(lambda: marks.read_text().count("started") == 2)
            taken = time.monotonic() - died
            wait_until(Job.objects.filter(pk=job.pk, status=Status.SUCCEEDED).exists)
    return taken


def measure_engine(jobs: int, clicks: int) -> None:
    import django  # noqa: PLC0415

    django.setup()
    name = os.environ["MLHEALTH_ENGINE"]
    rates = [rate(slots, jobs) for slots in SLOTS]
    waits = latencies(clicks)
    p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    columns = " ".join(f"{each:8.1f} {each / rates[0]:5.2f}x" for each in rates)
    print(f"{name:10} {columns} {p50:10.0f} {p99:10.0f} {recovery():12.1f}", flush=True)


def measure_ticks(schedules: int) -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from apps.jobs import schedule  # noqa: PLC0415
    from apps.jobs.models import Job, Schedule  # noqa: PLC0415

    now = timezone.now()
    rows = [
        Schedule(kind="chores.succeed", subject=str(n), cron="0 * * * *", time_zone="UTC", spread=timedelta(hours=1))
        for n in range(schedules)
    ]
    for row in rows:
        row.next_run_at = row.after(now)
    Schedule.objects.bulk_create(rows, batch_size=500)
    statements = 0

    def count(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    began, first = time.process_time(), min(row.next_run_at for row in rows)
    with connection.execute_wrapper(count):
        for minute in range(MINUTES):
            tick_for_a_minute(schedule.tick, first + timedelta(minutes=minute), schedule.BATCH)
    seconds = time.process_time() - began
    taken = Job.objects.count() / MINUTES
    print(
        f"\n{schedules} schedules: {taken:.0f} turns, {seconds / MINUTES:.2f} processor seconds and "
        f"{statements / MINUTES:.0f} database statements a minute"
    )


def tick_for_a_minute(tick: Callable[[datetime], int], begin: datetime, batch: int) -> None:
    """As a scheduler does: every two seconds, and again at once where there is more."""
    for second in range(0, 60, 2):
        while tick(begin + timedelta(seconds=second)) == batch:
            pass


def run_alone(part: str, options: argparse.Namespace, **environment: str) -> None:
    """A part of the benchmark, as a process with its own settings and data."""
    with tempfile.TemporaryDirectory(prefix="mlhealth-queue-") as data:
        values = {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "MLHEALTH_DATA": data,
            "MLHEALTH_TEST_DATA": data,
            "MLHEALTH_TEST_LEASE": str(LEASE),
            **environment,
        }
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=os.environ | values, check=True)
        numbers = {name: str(getattr(options, name)) for name in ("jobs", "clicks", "schedules")}
        arguments = [f"--{name}={number}" for name, number in numbers.items()]
        subprocess.run([sys.executable, __file__, "--part", part, *arguments], env=os.environ | values, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="*", default=["embedded", "rq", "celery"])
    for name, default in (("jobs", 100), ("clicks", 50), ("schedules", 10_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--part", choices=["engine", "ticks"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "engine":
        return measure_engine(options.jobs, options.clicks)
    if options.part == "ticks":
        return measure_ticks(options.schedules)
    from tests.servers.brokers import Broker, RabbitMQ, Redis  # noqa: PLC0415

    brokers: dict[str, type[Broker]] = {"rq": Redis, "celery": RabbitMQ}
    columns = " ".join(f"{f'{slots} slots':>15}" for slots in SLOTS)
    print(f"{'jobs a s':10}{columns} {'p50 ms':>10} {'p99 ms':>10} {'recovery s':>12}", flush=True)
    for engine in options.engines:
        with tempfile.TemporaryDirectory(prefix="mlhealth-broker-") as folder:
            broker = brokers[engine](Path(folder) / "data") if engine in brokers else None
            try:
                if broker:
                    broker.start()
                url = {"MLHEALTH_BROKER_URL": broker.url} if broker else {}
                run_alone("engine", options, MLHEALTH_ENGINE=engine, **url)
            finally:
                if broker:
                    broker.stop()
    run_alone("ticks", options, MLHEALTH_ENGINE="embedded")
    return None


if __name__ == "__main__":
    main()
