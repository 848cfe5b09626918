"""Bells through RQ: one RQ job each, and as many RQ workers as there are slots."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from functools import cache

import django
from django.conf import settings
from redis import Redis, RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from apps.jobs.engines import Silence
from apps.jobs.processes import die_with
from apps.jobs.supervisor import Program

HOUR = 3600


@cache
def broker() -> Redis:
    return Redis.from_url(settings.BROKER_URL, socket_connect_timeout=1, socket_timeout=2)


def queue(bell: str) -> Queue:
    return Queue(bell, connection=broker(), serializer=JSONSerializer)


def ring(bell: str) -> None:
    """Of a bell nothing is kept, and it takes as long as the job that it finds, whose own limit holds.

    One that nobody hears, of a shard that is gone, does not stay for ever.
    """
    try:
        queue(bell).enqueue_call("apps.jobs.engines.rq.answer", timeout=-1, ttl=HOUR, result_ttl=0, failure_ttl=HOUR)
    except RedisError as error:
        raise Silence(str(error)) from error


def unanswered(bell: str) -> int:
    try:
        return queue(bell).count
    except RedisError as error:
        raise Silence(str(error)) from error


def programs(slots: int, bells: Sequence[str]) -> list[Program]:
    command = (sys.executable, "-m", "apps.jobs.engines.rq", *bells)
    return [Program(f"RQ worker {number + 1}", command) for number in range(slots)]


def answer() -> None:
    """What the broker calls, in a process that RQ forked for it."""
    from apps.jobs.pool import Pool  # noqa: PLC0415  # models; Django is set up by now

    die_with(os.getppid())
    Pool(1).answer()


class PromptWorker(Worker):
    """Asked to stop, it gives its job back instead of waiting for the end."""

    def handle_warm_shutdown_request(self) -> None:
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)


def work(bells: Sequence[str]) -> None:
    connection = Redis.from_url(settings.BROKER_URL, socket_connect_timeout=1)
    queues = [Queue(bell, connection=connection, serializer=JSONSerializer) for bell in bells]
    PromptWorker(queues, connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")


if __name__ == "__main__":
    django.setup()
    work(sys.argv[1:])
