"""Bells through Celery, over Redis or RabbitMQ: one task each, and one Celery worker with a process for each slot."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_shutting_down
from django.conf import settings
from kombu.exceptions import OperationalError

from apps.jobs.engines import Silence
from apps.jobs.processes import die_with
from apps.jobs.supervisor import Program

HOUR = 3600

app = Celery("mlhealth", set_as_current=False)
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A broker that is away must not keep a person waiting: without these, publishing tries for long.
    task_publish_retry=False,
    broker_connection_timeout=1,
    broker_transport_options={
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "max_retries": 0,
        "retry_on_timeout": False,
    },
    # The row is what lasts: a bell is acknowledged when it is heard, and no result of it is kept.
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
)


def answer() -> None:
    from apps.jobs.pool import Pool  # noqa: PLC0415  # the web process rings, and runs no pool

    Pool(1).answer()


heard = app.task(answer, name="apps.jobs.answer")


def ring(bell: str) -> None:
    try:
        heard.apply_async(queue=bell, retry=False, expires=HOUR)
    except OperationalError as error:
        raise Silence(str(error)) from error


def unanswered(bell: str) -> int:
    with app.connection_for_read() as connection:
        try:
            return int(connection.default_channel.queue_declare(bell, passive=True).message_count)
        except connection.channel_errors:
            return 0  # nobody has rung or listened yet
        except (OperationalError, *connection.connection_errors) as error:
            raise Silence(str(error)) from error


def programs(slots: int, bells: Sequence[str]) -> list[Program]:
    command = (
        *(sys.executable, "-m", "celery", "--app", __name__, "--quiet", "worker"),
        *("--pool", "prefork", "--concurrency", str(slots), "--queues", ",".join(bells)),
        *("--without-gossip", "--without-mingle"),
    )
    return [Program("Celery worker", command)]


def leave_logging_alone(**_: Any) -> None:
    """Somebody must say so, or Celery sets up its own."""


def be_ready(**_: Any) -> None:
    """An idle process ends with its worker; one at work hears the signal itself, and gives its job back."""
    die_with(os.getppid())
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def give_jobs_back(**_: Any) -> None:
    """Tell the processes at work, which are of our group, and hear it ourselves only once."""
    worker_shutting_down.disconnect(give_jobs_back)
    os.killpg(0, signal.SIGTERM)


setup_logging.connect(leave_logging_alone)
worker_process_init.connect(be_ready)
worker_shutting_down.connect(give_jobs_back)
