"""What is listened to behaves alike whether it is forked from the process that has our code, or started afresh."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from django.conf import settings

from apps.jobs import interpreter
from apps.jobs.interpreter import PAUSE_SECONDS, Preloaded, Said, listen_to
from tests.apps.jobs.conftest import is_running, wait_until

# One that listens, and has begun to when the file is there.
LISTENER = """\
import sys, django
django.setup()
from apps.jobs import interpreter
interpreter.MODULES = ("tests.chores",)
interpreter.preloaded = interpreter.Preloaded()
interpreter.preloaded.ready()
interpreter.listen_to("tests.chores", ["hang", sys.argv[1]], b"", seconds=60, most=10)
"""


@pytest.fixture
def preloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Preloaded]:
    monkeypatch.setattr(interpreter, "MODULES", ("tests.chores",))
    monkeypatch.setattr(interpreter, "preloaded", Preloaded())
    assert interpreter.preloaded
    interpreter.preloaded.ready()
    yield interpreter.preloaded
    interpreter.preloaded.close()


@pytest.fixture(params=["forked", "afresh"])
def door(request: pytest.FixtureRequest) -> None:
    if request.param == "forked":
        request.getfixturevalue("preloaded")


def listen(*options: str, told: str = "", seconds: float = 30, **more: Any) -> Said:
    return listen_to("tests.chores", options, told.encode(), seconds=seconds, most=1000, **more)


@pytest.mark.usefixtures("door")
def test_it_is_told_and_heard() -> None:
    assert listen("repeat", told="good morning ☀") == Said("good morning ☀\n".encode(), "that is all\n", 3, False)


@pytest.mark.usefixtures("door")
def test_it_has_our_group_and_nothing_else_of_ours() -> None:
    with TemporaryFile() as unseen:
        os.set_inheritable(unseen.fileno(), True)
        assert listen("tell").answer.decode().strip() == f"{os.getpgrp()} [] []"


@pytest.mark.usefixtures("door")
def test_a_file_is_given_under_its_number() -> None:
    with TemporaryFile() as given, TemporaryFile() as more:
        given.write(b"what was seen")
        given.flush()
        files = (given.fileno(), more.fileno())
        said = listen("read", f"/dev/fd/{given.fileno()}", open_files=files)
    assert (said.answer, said.status) == (b"what was seen\n", 0)


@pytest.mark.usefixtures("door")
def test_one_that_says_too_much_is_killed() -> None:
    said = listen("shout")
    assert (len(said.answer), said.death, said.late) == (1001, signal.SIGKILL, False)


@pytest.mark.usefixtures("door")
def test_one_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    said = listen("hang", str(tmp_path / "pid"), seconds=2)
    assert (said.answer, said.death, said.late) == (b"", signal.SIGKILL, True)
    assert not is_running(int((tmp_path / "pid").read_text()))


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize(
    ("way", "status", "complaint"),
    [("break_off", 1, "KeyError: 'odd'"), ("leave", 4, ""), ("be_killed", -signal.SIGXCPU, "")],
)
def test_its_end_is_told(way: str, status: int, complaint: str) -> None:
    said = listen(way)
    assert (said.status, said.complaint.strip().rpartition("\n")[2]) == (status, complaint)


def test_many_are_heard_one_after_the_other_and_none_is_left(preloaded: Preloaded) -> None:
    assert preloaded.process
    files = Path(f"/proc/{preloaded.process.pid}/fd")
    wait_until(lambda: "anon_inode:[eventpoll]" in [os.readlink(file) for file in files.iterdir()])
    before = len(list(files.iterdir()))
    assert [listen("repeat", told=str(number)).answer for number in range(5)] == [b"%d\n" % n for n in range(5)]
    wait_until(lambda: len(list(files.iterdir())) == before)


def test_where_the_one_that_forks_was_killed_another_way_is_found_and_it_is_started_again(preloaded: Preloaded) -> None:
    assert preloaded.process
    killed = preloaded.process
    killed.kill()
    killed.wait()
    assert listen("repeat", told="hello").answer == b"hello\n"
    preloaded.ready()
    assert preloaded.process is killed  # one that never lasts is not started all the time
    preloaded.started_at -= PAUSE_SECONDS
    preloaded.ready()
    assert preloaded.process is not killed
    assert listen("repeat", told="hello").answer == b"hello\n"


def test_nothing_outlives_the_listener(tmp_path: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    command = [sys.executable, "-c", LISTENER, str(tmp_path / "pid")]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment) as listener:
        wait_until((tmp_path / "pid").exists)
        wait_until((tmp_path / "pid").read_text)
        listener.kill()
    wait_until(lambda: not is_running(int((tmp_path / "pid").read_text())))
