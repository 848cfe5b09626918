"""A process with an empty environment, for the code that parses what others wrote.

It is forked from one that has our code imported, where there is one, and else an interpreter started afresh.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any, Protocol, Self, cast

from django.conf import settings

from apps.jobs.preloaded import Request
from apps.jobs.processes import die_with

# What is imported once for all jobs of a worker; other modules are started afresh.
MODULES = ("apps.audit", "apps.audit.experiments")
# The end of a complaint says what it is about.
MOST_COMPLAINT = 10_000
PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Said:
    """What a process said before it ended: at most one byte more than it may, then it was killed.

    `late` when it was killed for the time it took.
    """

    answer: bytes
    complaint: str
    status: int
    late: bool

    @property
    def death(self) -> signal.Signals | None:
        """What ended the process where it could not say so itself."""
        return signal.Signals(-self.status) if self.status < 0 else None


class Process(Protocol):
    """As a Popen: what it says, its end by force, and its exit status, minus the signal that ended it."""

    stdout: IO[bytes] | None

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class Forked:
    """A process that was forked for us; ours to kill and to wait for, but no child of ours."""

    def __init__(self, asked: socket.socket, request: Request, files: Sequence[int]) -> None:
        """`files` are its standard input, where it complains, and those that the request numbers. Raises OSError."""
        self.line, theirs = socket.socketpair()
        reader, writer = os.pipe()
        self.stdout: IO[bytes] | None = os.fdopen(reader, "rb")
        try:
            with theirs:
                given = [files[0], writer, files[1], theirs.fileno(), *files[2:]]
                socket.send_fds(asked, [request.written()], given)
        except OSError:
            self.__exit__()
            raise
        finally:
            os.close(writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        cast("IO[bytes]", self.stdout).close()
        self.line.close()

    def kill(self) -> None:
        with suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def wait(self) -> int:
        """Where it cannot be told any more, it was killed with the one that forks."""
        try:
            return int(self.line.recv(100) or -signal.SIGKILL)
        except ConnectionResetError:
            return -signal.SIGKILL


class Preloaded:
    """The process that forks, which a worker starts and its jobs ask."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = -inf

    def ready(self) -> None:
        """Start it, and again where it was killed, but not at once if it never lasts. What is asked before it can
        answer waits."""
        if sys.platform != "linux" or (self.process and self.process.poll() is None):
            return
        if time.monotonic() - self.started_at < PAUSE_SECONDS:
            return
        self.close()
        self.started_at = time.monotonic()
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = start("apps.jobs.preloaded", MODULES, stdin=theirs)

    def close(self) -> None:
        if self.process:
            self.requests.close()
            self.process.kill()
            self.process.wait()


# Set in a job's own process; where it is None, every process is started afresh.
preloaded: Preloaded | None = None


def listen_to(
    module: str, options: Sequence[str], told: bytes, *, seconds: float, most: int, open_files: Sequence[int] = ()
) -> Said:
    """Run a module with `told` on its standard input. It is in the caller's group and dies with the caller."""
    with TemporaryFile() as standard_input, TemporaryFile() as complaint:
        standard_input.write(told)
        standard_input.seek(0)
        with run(module, options, (standard_input.fileno(), complaint.fileno(), *open_files)) as process:
            answer, status, late = hear(process, seconds, most)
        complaint.seek(max(complaint.seek(0, os.SEEK_END) - MOST_COMPLAINT, 0))
        return Said(answer, complaint.read().decode(errors="replace"), status, late)


def run(module: str, options: Sequence[str], files: Sequence[int]) -> Forked | subprocess.Popen[bytes]:
    """A module's process; its standard input, where it complains, and what it gets beside that."""
    if preloaded and preloaded.process and module in MODULES:
        with suppress(OSError):  # it was killed: the worker starts another
            return Forked(preloaded.requests, Request(module, options, os.getpgrp(), files[2:]), files)
    return start(module, options, stdin=files[0], stdout=subprocess.PIPE, stderr=files[1], pass_fds=files[2:])


def start(module: str, options: Sequence[str], **files: Any) -> subprocess.Popen[bytes]:
    """A fresh interpreter that runs a module. It dies with the caller."""
    command = [sys.executable, "-s", "-m", module, *options]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env={}, preexec_fn=partial(die_with, os.getpid()), **files)


def hear(process: Process, seconds: float, most: int) -> tuple[bytes, int, bool]:
    """What it says until it ends, or has to: because it says too much, or (then True) takes too long; its status."""
    timer = Timer(seconds, process.kill)
    timer.start()
    said = cast("IO[bytes]", process.stdout).read(most + 1)
    if len(said) > most:
        process.kill()
    status = process.wait()
    late = not timer.is_alive()
    timer.cancel()
    return said, status, late
