"""The worker: claims jobs, runs each in a process of its own, and looks after those processes.

It is single-threaded, so that it may fork, and runs no handler itself, so that none can stop its heartbeat.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import inf
from tempfile import TemporaryFile
from typing import IO

from django.db import DatabaseError, connection, connections
from django.db.models import Q

from apps.jobs import claims, interpreter, logs, presence, processes, worker
from apps.jobs.claims import Claim, Fenced

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
STOP = {signal.SIGTERM, signal.SIGINT}


@dataclass
class Child:
    """A process at work on a job, and the file that it logs to."""

    pid: int
    claim: Claim
    started_at: float
    log: IO[bytes]
    status: int | None = None


class Pool:
    """As many jobs at a time as there are slots."""

    def __init__(self, slots: int, *, lease: timedelta = claims.LEASE, retry_in: timedelta = claims.BACKOFF) -> None:
        self.slots, self.lease, self.retry_in = slots, lease, retry_in
        self.heartbeat = lease.total_seconds() / 3
        self.name = presence.name()
        self.reach = Q()
        self.is_announced = False
        self.children: list[Child] = []
        self.beat_at = -inf
        self.watched, self.lifeline = os.pipe()
        self.preloaded = interpreter.Preloaded()

    def run(self) -> None:
        """Work until we are asked to stop; what is running then goes back to the queue."""
        self.is_announced = True
        with closing(self), processes.Bell(*STOP, signal.SIGCHLD) as bell, closing(self.preloaded):
            self.preloaded.ready()
            while not STOP & bell.sleep(POLL_SECONDS if self.turn() else 0):
                self.preloaded.ready()
            self.stop()
        presence.leave()

    def answer(self) -> None:
        """Do one job, if one is ready; it goes back to the queue where we are asked to stop meanwhile."""
        with closing(self), processes.Bell(*STOP, signal.SIGCHLD) as bell:
            self.turn()
            while self.children and not STOP & bell.sleep(POLL_SECONDS):
                self.attempt(self.look)
            self.stop()

    def close(self) -> None:
        """Let go of the pipe that our jobs' guardians watch."""
        os.close(self.watched)
        os.close(self.lifeline)

    def turn(self) -> bool:
        """Look at everything once and start a job; True when there is nothing to do until something happens."""
        return not (self.attempt(self.look) and self.attempt(self.start))

    def attempt(self, step: Callable[[], bool]) -> bool:
        """What the step says; False where the database does not answer."""
        try:
            return step()
        except DatabaseError:
            logger.exception("The database does not answer; our leases may run out")
            connection.close()
            return False

    def look(self) -> bool:
        """Keep our leases, and see how our jobs do."""
        if time.monotonic() - self.beat_at >= self.heartbeat:
            self.beat_at = time.monotonic()
            self.beat()
        for child in list(self.children):
            self.look_after(child)
        return True

    def stop(self) -> None:
        """Kill every job and give it back to the queue."""
        for child in list(self.children):
            self.kill(child)
            self.settle(child, claims.put_back)

    def beat(self) -> None:
        """Keep our leases, take those of lost workers away, and learn who is at work beside us."""
        for child in self.children:
            claims.renew(child.claim, self.lease)
        claims.sweep()
        if self.is_announced:
            presence.announce(self.slots)
        self.reach = presence.reach()

    def look_after(self, child: Child) -> None:
        """See whether a job has ended, or must."""
        if child.status is None:
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            child.status = status if ended else None
        if child.status is not None:
            self.settle(child, self.failure(f"Its process ended with {describe(child.status)}."))
            return
        job = child.claim.rows().first()
        if job is None:
            self.kill(child)
            self.let_go(child)
        elif job.cancel_requested:
            self.kill(child)
            self.settle(child, claims.cancel)
        elif time.monotonic() - child.started_at > job.timeout:
            self.kill(child)
            self.settle(child, self.failure(f"It took longer than {job.timeout} seconds."))

    def failure(self, error: str) -> Callable[[Claim], None]:
        return partial(claims.fail, error=error, retry_in=self.retry_in)

    def kill(self, child: Child) -> None:
        processes.kill_group(child.pid)
        if child.status is None:
            _, child.status = os.waitpid(child.pid, 0)

    def settle(self, child: Child, record: Callable[[Claim], None]) -> None:
        """Record how a job's process ended, unless it did so itself, and kill what it left running."""
        processes.kill_group(child.pid)
        with suppress(Fenced):
            record(child.claim)
        self.let_go(child)

    def let_go(self, child: Child) -> None:
        claims.keep_log(child.claim, logs.end(child.log))
        child.log.close()
        self.children.remove(child)

    def start(self) -> bool:
        """Start one job if a slot is free and a job is ready."""
        if len(self.children) >= self.slots:
            return False
        claim = claims.claim(self.name, self.lease, self.reach)
        if claim is None:
            return False
        log = TemporaryFile()  # noqa: SIM115  # closed when the job is settled
        self.children.append(Child(self.fork(claim, log), claim, time.monotonic(), log))
        return True

    def fork(self, claim: Claim, log: IO[bytes]) -> int:
        connections.close_all()  # a connection that two processes share is broken for both
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self.be_child(claim, parent, log)
            except BaseException:
                logger.exception("Job %s", claim.job_id)
                os._exit(1)
            finally:
                os._exit(0)
        with suppress(OSError):
            os.setpgid(pid, pid)  # both sides do, so that it is done whichever runs first
        return pid

    def be_child(self, claim: Claim, parent: int, log: IO[bytes]) -> None:
        os.setpgid(0, 0)
        processes.die_with(parent)
        processes.forget_bell()
        os.close(self.lifeline)
        guardian = processes.guard_group(self.watched)
        interpreter.preloaded = self.preloaded
        logs.begin(claim, log)
        worker.perform(claim, self.retry_in)
        os.kill(guardian, signal.SIGKILL)
        os.waitpid(guardian, 0)


def describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
