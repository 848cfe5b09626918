from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.jobs import bells, schedule
from apps.jobs.models import Priority, Schedule
from apps.jobs.pool import Pool
from apps.jobs.when import When
from tests.servers.brokers import Broker, RabbitMQ, Redis

PATIENCE = 120.0
ENGINES: dict[str, type[Broker] | None] = {"embedded": None, "rq": Redis, "celery": RabbitMQ}


def wait_until(seen: Callable[[], Any], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not seen():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def come_due(kind: str, subject: str) -> Schedule:
    """Work that is scheduled, and due since a moment ago."""
    schedule.plan(kind, subject, When("* * * * *", "UTC"), priority=Priority.REPORT)
    Schedule.objects.filter(kind=kind, subject=subject).update(next_run_at=timezone.now())
    return Schedule.objects.get(kind=kind, subject=subject)


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def pool(transactional_db: None) -> Iterator[Callable[..., Pool]]:
    """Workers in this process, which a test turns by hand; their jobs run in processes of their own."""
    pools = []

    def make(slots: int = 1, lease: float = 60, retry_in: float = 0) -> Pool:
        pools.append(Pool(slots, lease=timedelta(seconds=lease), retry_in=timedelta(seconds=retry_in)))
        return pools[-1]

    yield make
    for each in pools:
        each.stop()


def turn_until(pool: Pool, seen: Callable[[], Any]) -> None:
    def turned() -> Any:
        pool.turn()
        return seen()

    wait_until(turned)


@pytest.fixture
def environment(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """For a process that is to use the test's database."""
    server = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{server['NAME']}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**server)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
        "MLHEALTH_TEST_DATA": str(tmp_path / "data"),
        "MLHEALTH_DATABASE_URL": url,
        "MLHEALTH_TEST_LEASE": "2",
        "MLHEALTH_TEST_RETRY": "0",
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `manage.py …`; whatever still runs at the test's end is killed."""
    started: list[subprocess.Popen[str]] = []

    def manage(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", *arguments]
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, text=True, stdout=subprocess.PIPE)
        started.append(process)
        return process

    yield manage
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    settings: Settings,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The site, and all that it starts, on an engine with a broker of its own."""
    settings.ENGINE = environment["MLHEALTH_ENGINE"] = request.param
    kind = ENGINES[request.param]
    if kind is None:
        yield request.param
        return
    broker = kind(tmp_path_factory.mktemp("broker") / "data")
    broker.start()
    settings.BROKER_URL = environment["MLHEALTH_BROKER_URL"] = broker.url
    monkeypatch.setattr(bells, "silent_until", 0.0)
    monkeypatch.delitem(sys.modules, f"apps.jobs.engines.{request.param}", raising=False)
    yield request.param
    monkeypatch.delitem(sys.modules, f"apps.jobs.engines.{request.param}", raising=False)
    broker.stop()
