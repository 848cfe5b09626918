"""`python -m apps.jobs.preloaded MODULE…`: imports modules once, and forks a process for each that is to run one.

It is started with an empty environment and told nothing, so that all it hands on to the processes that parse
repositories is our own code. It reads no repository itself; each process confines itself as one started afresh does.

A request is a datagram on standard input, with files: the standard ones of the process, a line to who asked, and any
more. The line brings the exit status; whoever hangs up kills the process. All end when we do.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from apps.jobs.processes import die_with

MOST_BYTES, MOST_FILES, LAST_FILE = 100_000, 8, 1 << 20
STANDARD = (0, 1, 2)
BROKE = 1


@dataclass(frozen=True)
class Request:
    """A module to run with its options, the process group of who asks, and the numbers of the files that it gets
    beside the standard ones."""

    module: str
    options: Sequence[str]
    group: int
    files: Sequence[int]

    def written(self) -> bytes:
        return json.dumps([self.module, list(self.options), self.group, list(self.files)]).encode()


@dataclass(frozen=True, eq=False)
class Child:
    """A process at work, the file that is readable once it has ended, and the line to who asked."""

    pid: int
    ended: int
    line: socket.socket


class Nursery:
    """The processes at work."""

    def __init__(self, requests: socket.socket) -> None:
        self.requests, self.children, self.waiting = requests, set[Child](), selectors.DefaultSelector()
        self.waiting.register(requests, selectors.EVENT_READ, self.hear)

    def serve(self) -> None:
        """Until nobody can ask any more."""
        with suppress(EOFError):
            while True:
                for key, _ in self.waiting.select():
                    react: Callable[[], None] = key.data
                    react()

    def hear(self) -> None:
        message, files, _, _ = socket.recv_fds(self.requests, MOST_BYTES, MOST_FILES)
        if not message:
            raise EOFError
        request, parent = Request(*json.loads(message)), os.getpid()
        if (pid := os.fork()) == 0:
            self.waiting.close()
            os._exit(become(request, files, parent))
        line = socket.socket(fileno=files[len(STANDARD)])
        for file in files:
            if file != line.fileno():
                os.close(file)
        child = Child(pid, os.pidfd_open(pid), line)
        self.children.add(child)
        self.waiting.register(child.ended, selectors.EVENT_READ, partial(self.settle, child))
        self.waiting.register(line, selectors.EVENT_READ, partial(self.kill, child))

    def settle(self, child: Child) -> None:
        """Tell who asked how it ended."""
        self.children.remove(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        with suppress(OSError):
            child.line.send(str(status).encode())
        for file in (child.ended, child.line):
            with suppress(KeyError):
                self.waiting.unregister(file)
        os.close(child.ended)
        child.line.close()

    def kill(self, child: Child) -> None:
        """Whoever asked has hung up."""
        if child in self.children:
            os.kill(child.pid, signal.SIGKILL)
            self.waiting.unregister(child.line)


def become(request: Request, files: Sequence[int], parent: int) -> int:
    """Be the process that was asked for; its exit status."""
    try:
        os.setpgid(0, request.group)  # to be killed with who asked
        die_with(parent)
        hold(files, [*STANDARD, *request.files])
        return int(importlib.import_module(f"{request.module}.cli").main(list(request.options)))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else BROKE
    except BaseException:
        traceback.print_exc()
        return BROKE
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()


def hold(files: Sequence[int], numbers: Sequence[int]) -> None:
    """Hold files under these numbers, the line aside, and no others."""
    given = [*files[: len(STANDARD)], *files[len(STANDARD) + 1 :]]
    above = max(*numbers, *files) + 1
    moved = [fcntl.fcntl(file, fcntl.F_DUPFD, above) for file in given]
    for file, number in zip(moved, numbers, strict=True):
        os.dup2(file, number)
    for before, after in pairwise([*sorted(numbers), LAST_FILE]):
        os.closerange(before + 1, after)


def main() -> None:
    gc.disable()  # as each module does for itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the worker
    for module in sys.argv[1:]:
        importlib.import_module(f"{module}.cli").prepare()
    with socket.socket(fileno=os.dup(0)) as requests:
        Nursery(requests).serve()


if __name__ == "__main__":
    main()
