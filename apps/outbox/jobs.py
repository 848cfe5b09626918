"""What workers do about the outbox: deliver a message, look which are due, forget what they said.

The next attempt is planned before each one: whatever dies in between, the row says that it is due again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.jobs.queue import Priority
from apps.jobs.worker import Running
from apps.outbox import smtp, web
from apps.outbox.models import Kind, Message, Status
from apps.outbox.post import deliver_soon
from apps.outbox.undelivered import Undelivered

logger = logging.getLogger(__name__)

SEND: dict[str, Callable[[Message], None]] = {
    Kind.EMAIL: smtp.send,
    Kind.SLACK: web.send_to_slack,
    Kind.WEBHOOK: web.send_to_server,
}
# Attempts after 1, 4, 16 and 64 minutes, four hours, then every six: two days in all.
FIRST_WAIT, LONGEST_WAIT, ATTEMPTS = timedelta(minutes=1), timedelta(hours=6), 13
BATCH = 500
REMEMBERED = timedelta(days=90)


def deliver(job: Running) -> dict[str, Any] | None:
    """Send a message and note what came of it; one that is not due is left alone."""
    message = begin(job)
    if message is None:
        return None
    try:
        SEND[message.channel.kind](message)
        status, why = Status.SENT, ""
    except Undelivered as failure:
        status, why = (Status.FAILED if failure.final else Status.QUEUED), str(failure)
    except Exception:
        logger.exception("Message %s", message.pk)
        status, why = Status.QUEUED, "an error of ours, which the worker's log tells more about"
    if status == Status.QUEUED and message.attempts >= ATTEMPTS:
        status = Status.FAILED
    with job.fenced():
        note(message, status, why)
    return {"status": status, "why": why}


def begin(job: Running) -> Message | None:
    """The message, if it is to be sent now; its next attempt is planned already."""
    with job.fenced():
        due = Message.objects.filter(pk=job.subject, status=Status.QUEUED, due_at__lte=timezone.now())
        message = due.select_related("channel__user").select_for_update(of=("self",)).first()
        if message is None:
            return None
        if why := message.channel.why_not:
            note(message, Status.SKIPPED, why)
            return None
        if message.attempts >= ATTEMPTS:  # the last one killed its worker
            note(message, Status.FAILED, message.why)
            return None
        message.due_at = timezone.now() + min(FIRST_WAIT * 4**message.attempts, LONGEST_WAIT)
        message.attempts += 1
        message.save(update_fields=["attempts", "due_at"])
        return message


def note(message: Message, status: Status, why: str) -> None:
    message.status, message.why = status, why[:300]
    message.ended_at = None if status == Status.QUEUED else timezone.now()
    message.save(update_fields=["status", "why", "ended_at"])


def due(job: Running) -> dict[str, Any]:
    """Have those delivered that wait for another attempt, or that a lost job left behind."""
    waiting = Message.objects.filter(status=Status.QUEUED, due_at__lte=timezone.now()).order_by("due_at")
    for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
        deliver_soon(pk, Priority.REPORT)
    return {}


def forget(job: Running) -> dict[str, Any]:
    """Empty old messages; their rows stay, so that nothing is ever sent twice."""
    old = Message.objects.filter(ended_at__lt=timezone.now() - REMEMBERED).exclude(text="")
    return {"emptied": old.update(text="", html="", images={}, data={})}
