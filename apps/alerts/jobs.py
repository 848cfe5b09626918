"""What workers do about alerts: look what changed, and tell what is due."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from apps.alerts.compose import letter
from apps.alerts.lines import Turn, lines
from apps.alerts.models import Alert, Rule
from apps.alerts.watch import changed, take_note
from apps.jobs.worker import Fenced, Running
from apps.outbox.post import post

logger = logging.getLogger(__name__)

# So many repositories a transaction.
BATCH = 200


def look(job: Running) -> dict[str, Any]:
    """Each minute. What was noted and what was told is so at once or not at all, whenever this is interrupted."""
    noted, differing = 0, list(changed().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(differing), BATCH):
        with job.fenced():
            for repository in changed().filter(pk__in=differing[start : start + BATCH]):
                take_note(repository)
                noted += 1
        job.progress("looking", noted, len(differing))
    told = 0
    waiting = Rule.objects.filter(active=True, alerts__isnull=False, alerts__told_at=None).distinct()
    for rule in waiting.select_related("team"):
        try:
            with job.fenced():
                told += tell(rule)
        except Fenced:
            raise
        except Exception:  # one rule must not keep all others from being told
            logger.exception("The rule %s", rule.pk)
    return {"noted": noted, "told": told}


def tell(rule: Rule) -> int:
    """Tell what waits, if it is due, and return how many events that were. Call inside a transaction."""
    waiting = Alert.objects.filter(rule=rule, told_at=None).order_by("event__at", "event__pk")
    alerts = list(waiting.select_related("event__repository"))
    now = timezone.now()
    if not alerts or not rule.is_due(alerts[0].event.at, now):
        return 0
    told = lines([alert.event for alert in alerts])
    if rule.when is None:  # who is told at once is told of what is wrong
        told = [line for line in told if line.turn != Turn.BETTER]
    if told:
        composed, key = letter(rule.team, told), f"alert:{rule.pk}:{alerts[-1].event_id}"
        for channel in rule.channels.all():
            post(channel, key, composed)
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(told_at=now)
    return len(alerts)
