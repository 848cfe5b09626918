"""Turn schedules into jobs when they are due, and free the jobs of lost workers, until told to stop."""

from __future__ import annotations

import logging
import signal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.audit import digests
from apps.jobs import bells, claims, queue, schedule
from apps.jobs.models import Priority
from apps.jobs.processes import Bell
from apps.jobs.when import When

logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
NIGHTLY, EACH_MINUTE = When("0 3 * * *", "UTC"), When("* * * * *", "UTC")
# What comes round by itself.
ROUNDS = {
    "jobs.forget": NIGHTLY,
    "outbox.forget": NIGHTLY,
    "outbox.due": EACH_MINUTE,
    "alerts.look": EACH_MINUTE,
}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, when in ROUNDS.items():
            schedule.plan(kind, "all", when, priority=Priority.REPORT)
        # Nothing is left to do for it unless this is the first start after an upgrade that changed the rules.
        queue.enqueue("scorecards.renew", digests.engine(), priority=Priority.HISTORY)
        with Bell(signal.SIGTERM, signal.SIGINT) as bell:
            while not bell.sleep(0 if turn() else POLL_SECONDS):
                pass


def turn() -> bool:
    """Do what is due; True when there may be more."""
    try:
        claims.sweep()
        bells.ring_again()
        return schedule.tick(timezone.now()) == schedule.BATCH
    except DatabaseError:
        logger.exception("The database does not answer")
        connection.close()
        return False
