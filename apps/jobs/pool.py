"""The worker: claims jobs, runs each in a process of its own, and looks after those processes.

It is single-threaded, so that it may fork, and runs no handler itself, so that none can stop its heartbeat.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, connection, connections

from apps.jobs import claims, processes, worker
from apps.jobs.claims import Claim, Fenced

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0


@dataclass
class Child:
    """A process at work on a job."""

    pid: int
    claim: Claim
    started_at: float
    status: int | None = None


class Pool:
    """As many jobs at a time as there are slots."""

    def __init__(self, slots: int, *, lease: timedelta = claims.LEASE, retry_in: timedelta = claims.BACKOFF) -> None:
        self.slots, self.lease, self.retry_in = slots, lease, retry_in
        self.heartbeat = lease.total_seconds() / 3
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.children: list[Child] = []
        self.beat_at = 0.0
        self.watched, self.lifeline = os.pipe()

    def run(self) -> None:
        """Work until we are asked to stop; what is running then goes back to the queue."""
        stop = {signal.SIGTERM, signal.SIGINT}
        with processes.Bell(*stop, signal.SIGCHLD) as bell:
            while not stop & bell.sleep(POLL_SECONDS if self.turn() else 0):
                pass
            self.stop()

    def turn(self) -> bool:
        """Look at everything once; True when there is nothing to do until something happens."""
        try:
            if time.monotonic() - self.beat_at >= self.heartbeat:
                self.beat_at = time.monotonic()
                self.beat()
            for child in list(self.children):
                self.look_after(child)
            return not self.start()
        except DatabaseError:
            logger.exception("The database does not answer; our leases may run out")
            connection.close()
            return True

    def stop(self) -> None:
        """Kill every job and give it back to the queue."""
        for child in list(self.children):
            self.kill(child)
            self.settle(child, claims.put_back)

    def beat(self) -> None:
        """Keep our leases, and take those of lost workers away."""
        for child in self.children:
            claims.renew(child.claim, self.lease)
        claims.sweep()

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
            self.children.remove(child)
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
        self.children.remove(child)

    def start(self) -> bool:
        """Start one job if a slot is free and a job is ready."""
        if len(self.children) >= self.slots:
            return False
        claim = claims.claim(self.name, self.lease)
        if claim is None:
            return False
        logger.info("Job %s: %s %s", claim.job_id, claim.kind, claim.subject)
        self.children.append(Child(self.fork(claim), claim, time.monotonic()))
        return True

    def fork(self, claim: Claim) -> int:
        connections.close_all()  # a connection that two processes share is broken for both
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self.be_child(claim, parent)
            except BaseException:
                logger.exception("Job %s", claim.job_id)
                os._exit(1)
            finally:
                os._exit(0)
        with suppress(OSError):
            os.setpgid(pid, pid)  # both sides do, so that it is done whichever runs first
        return pid

    def be_child(self, claim: Claim, parent: int) -> None:
        os.setpgid(0, 0)
        processes.die_with(parent)
        processes.forget_bell()
        os.close(self.lifeline)
        guardian = processes.guard_group(self.watched)
        worker.perform(claim, self.retry_in)
        os.kill(guardian, signal.SIGKILL)
        os.waitpid(guardian, 0)


def describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
