"""How workers hear of work. The row is the truth and the broker a doorbell: a bell that is lost is rung again.

A bell names a queue, not a job: whoever answers it does the most urgent job that is ready for it. The embedded engine
has none, its workers look for themselves.
"""

from __future__ import annotations

import logging
import time
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from apps.jobs import engines, presence
from apps.jobs.claims import from_now
from apps.jobs.models import Job, Priority, Status
from apps.jobs.shards import home

logger = logging.getLogger(__name__)

# A broker that does not answer is left alone for a while: each attempt makes somebody wait.
SILENCE_SECONDS = 10.0
MOST_AT_ONCE = 500
silent_until = 0.0


def ring_after_commit(job: Job) -> None:
    """Ring for a job once it can be seen."""
    if settings.ENGINE != engines.EMBEDDED:
        transaction.on_commit(partial(ring_for, Priority(job.priority), job.bucket), robust=True)


def ring_for(priority: Priority, bucket: int) -> None:
    shards = presence.shards()[priority]
    ring(bell(priority, home(bucket, shards)) if len(shards) > 1 else bell(priority))


def bell(priority: Priority, shard: str = "") -> str:
    """A queue at the broker: of one shard, or the one that all answer."""
    return f"{priority.queue}@{shard}" if shard else priority.queue


def bells(shard: str) -> list[str]:
    """What a worker of a shard listens to, most urgent first."""
    return [name for priority in presence.queues() for name in (bell(priority, shard), bell(priority))]


def ring(name: str, times: int = 1) -> None:
    global silent_until
    if time.monotonic() < silent_until:
        return
    try:
        for _ in range(times):
            engines.chosen().ring(name)
    except engines.Silence as silence:
        silent_until = time.monotonic() + SILENCE_SECONDS
        logger.warning("The broker does not answer; jobs wait in the database until it does: %s", silence)


def ring_again() -> None:
    """Ring for jobs that nobody came for: they waited for their time, the bell was lost, or their shard is busy."""
    if settings.ENGINE == engines.EMBEDDED:
        return
    late = Job.objects.filter(status=Status.QUEUED, run_after__lte=from_now(-presence.PATIENCE))
    for priority, count in late.values_list("priority").annotate(Count("pk")).order_by("-priority"):
        name = bell(Priority(priority))
        try:
            unanswered = engines.chosen().unanswered(name)
        except engines.Silence:
            unanswered = 0  # ring() says so, and how often
        if count > unanswered:
            ring(name, min(count - unanswered, MOST_AT_ONCE))
