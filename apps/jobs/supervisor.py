"""Keeps a few programs running: one that ends is started again, and all end together."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from apps.jobs import processes

logger = logging.getLogger(__name__)

GRACE_SECONDS = 20.0
STEADY_SECONDS = 60.0
LONGEST_WAIT = 30.0


@dataclass
class Program:
    """A command to keep running. One that keeps ending is started less and less often."""

    name: str
    command: Sequence[str]
    files: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    wait: float = field(default=0.5)

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            pass_fds=self.files,
            start_new_session=True,  # a Ctrl-C reaches us alone, and we stop the others in good order
            preexec_fn=partial(processes.die_with, os.getpid(), signal.SIGTERM),
        )

    def keep_running(self) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif (status := self.process.poll()) is not None:
            processes.kill_group(self.process.pid)
            steady = now - self.started_at > STEADY_SECONDS
            self.wait = 1.0 if steady else min(self.wait * 2, LONGEST_WAIT)
            self.start_at, self.process = now + self.wait, None
            logger.error("The %s ended with status %s; it starts again in %g s", self.name, status, self.wait)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            processes.kill_group(self.process.pid)
            self.process.wait()


def supervise(
    programs: Sequence[Program], *, meanwhile: Callable[[], None] = lambda: None, grace: float = GRACE_SECONDS
) -> None:
    """Keep the programs running until we are asked to stop; a second request does not wait for them."""
    stop = {signal.SIGTERM, signal.SIGINT}
    with processes.Bell(*stop, signal.SIGCHLD) as bell:
        try:
            while True:
                for program in programs:
                    program.keep_running()
                meanwhile()
                if stop & bell.sleep(0.5):
                    break
            terminate(programs, bell, stop, grace)
        finally:
            for program in programs:
                program.kill()


def terminate(programs: Sequence[Program], bell: processes.Bell, stop: set[signal.Signals], grace: float) -> None:
    for program in programs:
        program.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace
    while any(program.is_running for program in programs) and time.monotonic() < deadline:
        if stop & bell.sleep(0.1):
            break
