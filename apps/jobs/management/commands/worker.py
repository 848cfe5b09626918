"""Do the jobs of the queue, until told to stop."""

from __future__ import annotations

import logging
import os
import time
from math import inf
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connection

from apps.jobs import bells, claims, engines, presence
from apps.jobs.pool import Pool
from apps.jobs.supervisor import supervise

logger = logging.getLogger(__name__)

GRACE_SECONDS = 8.0


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slots", type=int, default=settings.WORKERS, help="jobs side by side")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENGINE == engines.EMBEDDED:
            Pool(options["slots"]).run()
        else:
            keep_running(options["slots"])


def keep_running(slots: int) -> None:
    """Look after the workers of an engine, and speak for them."""
    os.environ[presence.NAME] = presence.name()
    programs = engines.chosen().programs(slots, bells.bells(settings.SHARD))
    supervise(programs, meanwhile=Voice(slots), grace=GRACE_SECONDS)
    presence.leave()


class Voice:
    """Says as often as leases are renewed that we are here, and looks after jobs that were lost."""

    def __init__(self, slots: int) -> None:
        self.slots, self.spoke_at = slots, -inf

    def __call__(self) -> None:
        if time.monotonic() - self.spoke_at < claims.LEASE.total_seconds() / 3:
            return
        self.spoke_at = time.monotonic()
        try:
            presence.announce(self.slots)
            claims.sweep()
            bells.ring_again()
        except DatabaseError:
            logger.exception("The database does not answer")
            connection.close()
