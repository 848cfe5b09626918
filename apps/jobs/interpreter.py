"""A fresh interpreter with an empty environment, for the code that parses what others wrote."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, cast

from django.conf import settings

from apps.jobs.processes import die_with

# The end of a complaint says what it is about.
MOST_COMPLAINT = 10_000


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


def listen_to(
    module: str, options: Sequence[str], told: bytes, *, seconds: float, most: int, open_files: Sequence[int] = ()
) -> Said:
    """Run a module with `told` on its standard input. It stays in the caller's group and dies with the caller."""
    with TemporaryFile() as standard_input, TemporaryFile() as complaint:
        standard_input.write(told)
        standard_input.seek(0)
        with subprocess.Popen(
            [sys.executable, "-s", "-m", module, *options],
            cwd=settings.BASE_DIR,
            env={},
            stdin=standard_input,
            stdout=subprocess.PIPE,
            stderr=complaint,
            pass_fds=open_files,
            preexec_fn=partial(die_with, os.getpid()),
        ) as process:
            answer, late = hear(process, seconds, most)
        complaint.seek(max(complaint.seek(0, os.SEEK_END) - MOST_COMPLAINT, 0))
        return Said(answer, complaint.read().decode(errors="replace"), process.returncode, late)


def hear(process: subprocess.Popen[bytes], seconds: float, most: int) -> tuple[bytes, bool]:
    """What it says until it ends, or has to: because it says too much, or (then True) takes too long."""
    timer = Timer(seconds, process.kill)
    timer.start()
    said = cast("IO[bytes]", process.stdout).read(most + 1)
    if len(said) > most:
        process.kill()
    process.wait()
    late = not timer.is_alive()
    timer.cancel()
    return said, late
