"""Jobs that do little, and end in every way a job can. They leave marks in a file, the subject, as they go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, cast

from apps.jobs import interpreter
from apps.jobs.models import Job, Schedule
from apps.jobs.worker import Permanent, Running

SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def mark(job: Running, word: str) -> None:
    with Path(job.subject).open("a") as marks:
        marks.write(f"{word}\n")


def succeed(job: Running) -> dict[str, Any]:
    mark(job, "done")
    return {"answer": 42}


def fail(job: Running) -> None:
    mark(job, "failing")
    raise ValueError("the milk is sour")


def give_up(job: Running) -> None:
    raise Permanent("no such shop")


def answer_nonsense(job: Running) -> dict[str, Any]:
    return {"answer": object()}


def leave(job: Running) -> None:
    os._exit(3)


def be_killed(job: Running) -> None:
    mark(job, "dying")
    os.kill(os.getpid(), signal.SIGKILL)


def stall_once(job: Running) -> dict[str, Any]:
    """Hang, with a program of our own that hangs too, until a second run."""
    seen = Path(job.subject).exists()
    program = None if seen else subprocess.Popen([sys.executable, "-c", SLEEPER])
    mark(job, f"started {os.getpid()} {program.pid if program else 0}")
    if program:
        time.sleep(60)
    mark(job, "finished")
    return {}


def leave_a_program(job: Running) -> None:
    program = subprocess.Popen([sys.executable, "-c", SLEEPER])
    mark(job, f"started {os.getpid()} {program.pid}")


def report_progress(job: Running) -> None:
    for done in range(1000):
        job.progress("counting", done, 1000)
    row = Job.objects.get(pk=job.job_id)
    mark(job, f"{row.phase} {row.done} {row.total}")


def write_once(job: Running) -> None:
    """Write under the fence after having lost it, as a worker does that was frozen for longer than its lease."""
    with job.fenced():
        Schedule.objects.filter(subject=job.subject).update(priority=1)
    Job.objects.filter(pk=job.job_id).update(fence=job.claim.fence + 1)
    with job.fenced():
        Schedule.objects.filter(subject=job.subject).update(priority=2)


def ask_the_engine(job: Running) -> None:
    """Say which process forked the engine's that we asked, and who started that one."""
    with (
        TemporaryFile() as told,
        TemporaryFile() as complaint,
        interpreter.run("apps.audit", ["--help"], (told.fileno(), complaint.fileno())) as process,
    ):
        answer, status, _ = interpreter.hear(process, 60, 100_000)
    assert isinstance(process, interpreter.Forked)
    assert (status, answer[:5]) == (0, b"usage")
    forking = cast(interpreter.Preloaded, interpreter.preloaded).process
    mark(job, f"{forking.pid if forking else 0} {os.getppid()}")


def hold(job: Running) -> dict[str, Any]:
    """Work until told to go on, and say all the while that we do."""
    mark(job, "started")
    gate = Path(f"{job.subject}.go")
    while not gate.exists():
        job.progress("holding")
        time.sleep(0.02)
    mark(job, "finished")
    return {}


def kill_its_worker(job: Running) -> None:
    mark(job, "killing")
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
