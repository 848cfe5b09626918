"""Work that comes round: tick turns what is due into jobs."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.jobs.models import HOUR, Priority, Schedule
from apps.jobs.queue import enqueue
from apps.jobs.when import Never, When

logger = logging.getLogger(__name__)

BATCH = 200
NO_SPREAD = timedelta(0)


@transaction.atomic
def plan(
    kind: str,
    subject: str,
    when: When,
    *,
    spread: timedelta = NO_SPREAD,
    priority: Priority = Priority.AUDIT,
    timeout: int = HOUR,
) -> Schedule:
    """Schedule this work, or change when it is done. A turn that is due already is not lost by that."""
    terms = {
        "cron": when.cron,
        "time_zone": when.zone,
        "spread": spread,
        "priority": priority,
        "timeout": timeout,
    }
    now = timezone.now()
    wanted = Schedule(kind=kind, subject=subject, **terms)
    wanted.next_run_at = wanted.after(now)
    present, created = Schedule.objects.select_for_update().get_or_create(
        kind=kind, subject=subject, defaults={**terms, "next_run_at": wanted.next_run_at}
    )
    if created or all(getattr(present, name) == value for name, value in terms.items()):
        return present
    wanted.pk = present.pk
    moved = (present.when, present.spread) != (wanted.when, wanted.spread)
    if not moved or present.next_run_at <= now:
        wanted.next_run_at = present.next_run_at
    wanted.save(force_update=True)
    return wanted


def stop(kind: str, subject: str) -> None:
    Schedule.objects.filter(kind=kind, subject=subject).delete()


def tick(now: datetime) -> int:
    """Enqueue what is due, at most a batch, and return how many jobs; any number of schedulers may tick."""
    due = Schedule.objects.filter(next_run_at__lte=now).order_by("next_run_at")[:BATCH]
    return sum(run(schedule, now) for schedule in due)


def run(schedule: Schedule, now: datetime) -> bool:
    """Move the schedule on and enqueue its job, both or neither; False when another scheduler was faster.

    Turns missed while nothing ran are made up for by one job, not by one each. A turn that was taken before its time,
    because a clock was wrong, is not taken again.
    """
    unmoved = Schedule.objects.filter(
        pk=schedule.pk,
        next_run_at=schedule.next_run_at,
        cron=schedule.cron,
        time_zone=schedule.time_zone,
        spread=schedule.spread,
    )
    try:
        following = schedule.after(now)
    except Never:  # a time zone that this machine no longer knows must not keep all others from their turn
        logger.exception("The schedule %s is not understood; it comes daily", schedule.pk)
        following = now + timedelta(days=1)
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
