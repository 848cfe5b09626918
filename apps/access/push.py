"""Notices of pushes: how a forge proves that one is from it, and what becomes of one.

A notice is a reason to go and look, and nothing in it is believed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.access.models import Delivery, PushHook
from apps.accounts.models import User
from apps.repositories import registration
from apps.repositories.models import Repository

PREFIX, SECRET_BYTES = "whsec_", 32
# How far a clock may be off that a signature covers, and for how long a notice that comes again is known.
WINDOW, REMEMBERED = timedelta(minutes=5), timedelta(days=7)
DELIVERY_HEADERS = (
    "webhook-id",
    "X-GitHub-Delivery",
    "X-Gitea-Delivery",
    "X-Forgejo-Delivery",
    "Idempotency-Key",
    "X-Gitlab-Event-UUID",
    "X-Request-UUID",
    "X-Request-Id",
)
EVENT_HEADERS = ("X-GitHub-Event", "X-Gitlab-Event", "X-Gitea-Event", "X-Forgejo-Event", "X-Event-Key")
PUSHES = {"push", "create", "delete", "Push Hook", "Tag Push Hook", "repo:push", "repo:refs_changed"}


def new_secret() -> str:
    """One that every forge takes: GitLab wants its signing tokens to look like this, the others take any text."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether whoever sent this body knows the secret."""
    proofs = [*signatures(secret, headers, body), *standard_signatures(secret, headers, body, now)]
    return sum(hmac.compare_digest(shown.encode(), right.encode()) for shown, right in proofs) > 0


def signatures(secret: str, headers: Mapping[str, str], body: bytes) -> Iterator[tuple[str, str]]:
    """What the headers show, and what they should: GitHub's, Bitbucket's, Gitea's, Forgejo's, GitLab's older way."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    yield headers.get("X-Hub-Signature-256", ""), f"sha256={digest}"
    yield headers.get("X-Hub-Signature", ""), f"sha256={digest}"
    yield headers.get("X-Gitea-Signature", ""), digest
    yield headers.get("X-Forgejo-Signature", ""), digest
    yield headers.get("X-Gitlab-Token", ""), secret


def standard_signatures(
    secret: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> Iterator[tuple[str, str]]:
    """The same by the Standard Webhooks, which GitLab's signing tokens follow; these cover the time, too."""
    name, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", sent) or abs(now.timestamp() - int(sent)) > WINDOW.total_seconds():
        return
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{name}.{sent}.".encode() + body, hashlib.sha256).digest()
    for shown in headers.get("webhook-signature", "").split(" "):
        yield shown, f"v1,{base64.b64encode(digest).decode()}"


def make(repository: Repository, by: User) -> tuple[PushHook, str]:
    """The repository's hook with a new secret, which is told this once; its address stays."""
    secret = new_secret()
    hook, _ = PushHook.objects.get_or_create(repository=repository)
    hook.created_at, hook.created_by = timezone.now(), by
    hook.seal(secret)
    hook.save()
    return hook, secret


@transaction.atomic
def take(hook: PushHook, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Have the repository looked at, unless this notice has come before or is of something else."""
    hook.deliveries.filter(received_at__lt=now - REMEMBERED).delete()
    try:
        with transaction.atomic():
            Delivery.objects.create(hook=hook, identifier=identifier(headers, body), received_at=now)
    except IntegrityError:
        return
    event = first(headers, EVENT_HEADERS)
    hook.heard_at = now
    if event in PUSHES or not event:
        hook.pushed_at = now
        registration.request_audit(hook.repository)
    hook.save(update_fields=["heard_at", "pushed_at"])


def identifier(headers: Mapping[str, str], body: bytes) -> str:
    """What its forge calls a notice, or else what is in it; of one length, whatever was sent."""
    return hashlib.sha256(first(headers, DELIVERY_HEADERS).encode() or body).hexdigest()


def first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((headers[name] for name in names if headers.get(name)), "")
