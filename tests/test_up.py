"""`manage.py up`, as a person runs it: on a fresh data folder, with real processes."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from tests.apps.jobs.conftest import is_running, wait_until

ENQUEUE = """
import sys, django; django.setup()
from apps.jobs.queue import enqueue
enqueue("chores.stall_once", sys.argv[1])
"""


class Site:
    """An `up` of its own data folder and port."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.address = data, f"http://localhost:{port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "MLHEALTH_TEST_DATA": str(data),
            "MLHEALTH_DATABASE_URL": f"sqlite:///{data / 'mlhealth.sqlite3'}",
            "MLHEALTH_PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        self.printed = data.parent / "printed"
        self.process = self.manage("up", self.printed)

    def manage(self, command: str, printed: Path) -> subprocess.Popen[bytes]:
        with printed.open("w") as output:
            return subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def children(self) -> list[int]:
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listing.read_text().split()]

    def get(self, path: str) -> int:
        with closing(urllib.request.urlopen(self.address + path, timeout=30)) as answer:
            return int(answer.status)

    def job(self) -> tuple[str, int]:
        with closing(sqlite3.connect(self.data / "mlhealth.sqlite3")) as database:
            status, attempts = database.execute(
                "SELECT status, attempts FROM jobs_job WHERE kind LIKE 'chores.%'"
            ).fetchone()
            return status, attempts


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Callable[[], Site]]:
    sites = []

    def start_and_wait() -> Site:
        sites.append(Site(tmp_path / "data", port))
        wait_until(lambda: "mlhealth is at" in sites[-1].printed.read_text())
        wait_until(lambda: len(sites[-1].children()) == 3)
        return sites[-1]

    yield start_and_wait
    for site in sites:
        site.process.terminate()
        site.process.wait(30)


def test_it_prints_the_address_and_a_link_that_makes_an_administrator(start: Callable[[], Site]) -> None:
    site = start()
    printed = site.printed.read_text()
    link = next(word for word in printed.split() if "/setup/" in word)
    assert f"mlhealth is at {site.address}/" in printed
    assert link.startswith(f"{site.address}/setup/")
    assert site.get("/login/") == 200
    assert site.get(link.removeprefix(site.address)) == 200


def test_a_second_one_on_the_same_data_names_the_first_and_ends(start: Callable[[], Site]) -> None:
    site = start()
    printed = site.data.parent / "second"
    assert site.manage("up", printed).wait(30) == 1
    assert f"process {site.process.pid}" in printed.read_text()
    assert site.get("/login/") == 200


def test_ctrl_c_stops_everything_and_requeues_the_running_job(start: Callable[[], Site], tmp_path: Path) -> None:
    site, marks = start(), tmp_path / "marks"
    children = site.children()
    enqueue = [sys.executable, "-c", ENQUEUE, str(marks)]
    subprocess.run(enqueue, cwd=settings.BASE_DIR, env=site.environment, check=True)
    wait_until(lambda: marks.exists() and "started" in marks.read_text())
    job_and_program = [int(pid) for pid in marks.read_text().split()[1:3]]
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(30) == 0
    wait_until(lambda: not any(map(is_running, [*children, *job_and_program])))
    assert site.job() == ("queued", 0)


def test_whatever_crashes_is_started_again(start: Callable[[], Site]) -> None:
    site = start()
    crashed = site.children()
    for pid in crashed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(site.children()) == 3 and not set(crashed) & set(site.children()))
    assert site.get("/login/") == 200
    assert site.printed.read_text().count("starts again in") == 3


def test_nothing_outlives_a_killed_one_and_the_next_starts(start: Callable[[], Site]) -> None:
    site = start()
    children = site.children()
    site.process.kill()
    wait_until(lambda: not any(map(is_running, children)))
    assert start().get("/login/") == 200


def test_a_port_in_use_is_named(tmp_path: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        site = Site(tmp_path / "data", port)
        assert site.process.wait(30) == 1
    printed = site.printed.read_text()
    assert f"port {port}" in printed
    assert "MLHEALTH_PORT" in printed


def test_an_old_git_is_named(tmp_path: Path, port: int) -> None:
    old = tmp_path / "bin/git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(0o755)
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "up"]
    environment = {**os.environ, "PATH": f"{old.parent}:{os.environ['PATH']}", "MLHEALTH_TEST_DATA": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "git version 2.30.2 is too old" in done.stderr


def test_a_database_that_does_not_answer_is_named(tmp_path: Path, port: int) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "mlhealth.sqlite3").mkdir()
    site = Site(folder, port)
    assert site.process.wait(30) == 1
    printed = site.printed.read_text()
    assert "MLHEALTH_DATABASE_URL" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("command", ["up", "worker", "scheduler"])
def test_a_wrong_setting_is_named(tmp_path: Path, command: str) -> None:
    printed = tmp_path / "printed"
    with printed.open("w") as output:
        status = subprocess.call(
            [sys.executable, "manage.py", command],
            cwd=settings.BASE_DIR,
            env={**os.environ, "MLHEALTH_PORT": "99999"},
            stderr=output,
        )
    assert status == 1
    assert "mlhealth cannot start" in printed.read_text()
    assert "MLHEALTH_PORT" in printed.read_text()
