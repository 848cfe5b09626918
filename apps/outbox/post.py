"""Puts letters into the outbox. A worker takes them out."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.audit.text import cleaned
from apps.jobs.queue import Priority, enqueue
from apps.outbox.models import Channel, Message, Status

LONGEST_SUBJECT = 200
DELIVERY_SECONDS = 300


@dataclass(frozen=True)
class Letter:
    """What is sent, in all the forms that channels want.

    `text` is for people, in mail programs that show no HTML and in Slack; `html` may show `images` (PNG, by content id)
    as `<img src="cid:…">`, and extends outbox/mail.html; `data` is for programs; `link` leads to the same as a page.
    """

    subject: str
    text: str
    html: str = ""
    images: Mapping[str, bytes] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


@transaction.atomic
def post(channel: Channel, key: str, letter: Letter, *, priority: Priority = Priority.REPORT) -> Message:
    """Have a letter sent to a channel, in the caller's transaction.

    A key, as in `report:7:2026-11-30`, says what the letter is about: what was posted before is returned as it is, and
    nothing is sent again. The word before the first colon is the type that webhooks are told.
    """
    message, is_new = Message.objects.get_or_create(
        channel=channel,
        key=key,
        defaults={
            "subject": one_line(letter.subject)[:LONGEST_SUBJECT],
            "text": storable(letter.text),
            "html": storable(letter.html),
            "images": {cid: base64.b64encode(image).decode() for cid, image in letter.images.items()},
            "data": cleaned(dict(letter.data)),
            "link": letter.link,
        },
    )
    if is_new:
        deliver_soon(message.pk, priority)
    return message


@transaction.atomic
def try_again(message: Message) -> bool:
    """Send what was given up, or left out; False where it was neither."""
    ended = Message.objects.filter(pk=message.pk, status__in=(Status.FAILED, Status.SKIPPED)).exclude(text="")
    if not ended.update(status=Status.QUEUED, attempts=0, due_at=timezone.now(), ended_at=None):
        return False
    deliver_soon(message.pk, Priority.INTERACTIVE)
    return True


def deliver_soon(pk: UUID, priority: Priority) -> None:
    enqueue("outbox.deliver", str(pk), priority=priority, timeout=DELIVERY_SECONDS)


def one_line(text: str) -> str:
    """What fits into a header: names from repositories may hold line breaks and controls."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def storable(text: str) -> str:
    """Databases take neither NUL nor half a character."""
    return text.replace("\0", "").encode(errors="replace").decode()
