"""Work that comes round: every so often, tick turns what is due into jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from apps.jobs.models import HOUR, Priority, Schedule
from apps.jobs.queue import enqueue

BATCH = 200


def every(
    kind: str,
    subject: str,
    interval: timedelta,
    first_run_at: datetime,
    *,
    priority: Priority = Priority.AUDIT,
    timeout: int = HOUR,
) -> Schedule:
    """Schedule this work, or change how often it is done; its next turn, if it has one, stays."""
    terms = {"every": interval, "priority": priority, "timeout": timeout}
    schedule, _ = Schedule.objects.update_or_create(
        kind=kind,
        subject=subject,
        defaults=terms,
        create_defaults={**terms, "next_run_at": first_run_at},
    )
    return schedule


def stop(kind: str, subject: str) -> None:
    Schedule.objects.filter(kind=kind, subject=subject).delete()


def tick(now: datetime) -> int:
    """Enqueue what is due, at most a batch, and return how many jobs; any number of schedulers may tick."""
    due = Schedule.objects.filter(next_run_at__lte=now).order_by("next_run_at")[:BATCH]
    return sum(run(schedule, now) for schedule in due)


def run(schedule: Schedule, now: datetime) -> bool:
    """Move the schedule on and enqueue its job, both or neither; False when another scheduler was faster.

    Turns missed while nothing ran are made up for by one job, not by one each.
    """
    missed = (now - schedule.next_run_at) // schedule.every
    following = schedule.next_run_at + schedule.every * (missed + 1)
    unmoved = Schedule.objects.filter(pk=schedule.pk, next_run_at=schedule.next_run_at)
    with transaction.atomic():
        if not unmoved.update(next_run_at=following):
            return False
        enqueue(
            schedule.kind,
            schedule.subject,
            priority=Priority(schedule.priority),
            timeout=schedule.timeout,
        )
        return True
