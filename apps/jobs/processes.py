"""Processes that start processes: none may outlive the one that looks after it."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Self

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with(parent: int, signal_number: int = signal.SIGKILL) -> None:
    """Have the kernel send us a signal when our parent ends, and end at once if it has already."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)


def kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def guard_group(lifeline: int) -> int:
    """Fork a guardian that kills our process group, the programs in it too, when the lifeline closes."""
    guardian = os.fork()
    if guardian == 0:
        try:
            os.read(lifeline, 1)
            kill_group(os.getpgrp())
        finally:
            os._exit(1)
    return guardian


class Bell:
    """Wakes a sleeper on its signals. No code runs in a signal handler, so none is interrupted half-way."""

    def __init__(self, *signals: signal.Signals) -> None:
        self.signals = signals

    def __enter__(self) -> Self:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        self.handlers = {number: signal.signal(number, ring) for number in self.signals}
        self.previous = signal.set_wakeup_fd(self.writer, warn_on_full_buffer=False)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.set_wakeup_fd(self.previous)
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        os.close(self.reader)
        os.close(self.writer)

    def sleep(self, seconds: float) -> set[int]:
        """Sleep this long or until a signal comes; the numbers of those that came."""
        ready, _, _ = select.select([self.reader], [], [], seconds)
        return set(os.read(self.reader, 4096)) if ready else set()


def ring(number: int, frame: FrameType | None) -> None:
    """The kernel's note in the pipe is all we want of a signal."""


def forget_bell() -> None:
    """In a forked child: signals mean again what they mean to any process."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
