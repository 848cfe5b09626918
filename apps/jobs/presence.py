"""Who is at work. A worker says so as often as it renews its leases; one that is not heard of is gone."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from apps.audit import digests
from apps.jobs.claims import LEASE, from_now
from apps.jobs.models import Priority, Worker
from apps.jobs.shards import buckets_of

# What a worker that an engine started goes by: the name of the one that looks after it.
NAME = "MLHEALTH_WORKER_NAME"
# For so long a job is left to the shard that has its mirror.
PATIENCE = timedelta(seconds=5)


def queues() -> list[Priority]:
    """The queues that this worker serves, most urgent first."""
    return [priority for priority in Priority if priority.queue in settings.QUEUES]


def name() -> str:
    return os.environ.get(NAME) or f"{socket.gethostname()}:{os.getpid()}"


def announce(slots: int) -> None:
    """Say that we are at work, and forget those who have long stopped saying so."""
    terms = {
        "host": socket.gethostname(),
        "shard": settings.SHARD,
        "engine": settings.ENGINE,
        "version": digests.engine()[:8],
        "queues": ", ".join(priority.queue for priority in queues()),
        "slots": slots,
        "seen_at": Now(),
    }
    Worker.objects.update_or_create(name=name(), defaults=terms)
    Worker.objects.filter(seen_at__lt=from_now(-10 * LEASE)).delete()


def leave() -> None:
    Worker.objects.filter(name=name()).delete()


def at_work() -> QuerySet[Worker]:
    return Worker.objects.filter(seen_at__gte=from_now(-LEASE))


def reach() -> Q:
    """The jobs that are for us: of our queues, and of our shard unless its workers are busy."""
    at_it, late = shards(), Q(run_after__lte=from_now(-PATIENCE))
    found = Q(pk__in=[])
    for priority in queues():
        mine = Q(priority=priority)
        if len(at_it[priority]) > 1:
            mine &= late | Q(bucket__in=buckets_of(settings.SHARD, at_it[priority]))
        found |= mine
    return found


def shards() -> dict[Priority, set[str]]:
    """The shards that somebody works for, by the queues that are served there."""
    served = [(shard, names.split(", ")) for shard, names in at_work().values_list("shard", "queues")]
    return {priority: {shard for shard, names in served if priority.queue in names} for priority in Priority}
