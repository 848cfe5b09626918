"""The keys by which ssh servers are known: those of the large forges, and those that an administrator confirmed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from apps.access.models import HostKey
from apps.accounts.models import User
from apps.repositories import registration
from apps.repositories.address import Address
from apps.repositories.models import Repository, State

SHIPPED = Path(__file__).with_name("known_hosts")
# A hostile server could show new keys for ever.
MOST_OFFERED = 20
LINE = re.compile(
    r"(?:\S+ )?((?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{50,1000}={0,2})(?: .*)?"
)


@cache
def shipped() -> dict[str, list[str]]:
    """Key by host, as this release brings them."""
    keys: dict[str, list[str]] = {}
    for line in SHIPPED.read_text().splitlines():
        hosts, _, key = line.partition(" ")
        for host in hosts.split(",") if hosts != "#" else ():
            keys.setdefault(host, []).append(key)
    return keys


def known(source: Address) -> tuple[str, ...]:
    """The keys that the server at an address may show; what was confirmed here counts before what we ship."""
    confirmed = HostKey.objects.filter(server=source.server, confirmed_at__isnull=False)
    keys = list(confirmed.values_list("key", flat=True))
    algorithms = {algorithm_of(key) for key in keys}
    return (*keys, *(key for key in shipped().get(source.host, ()) if algorithm_of(key) not in algorithms))


def note(server: str, offered: Iterable[str]) -> None:
    """Keep what a server showed, for an administrator to confirm."""
    for key in offered:
        if HostKey.objects.filter(server=server, confirmed_at=None).count() < MOST_OFFERED:
            HostKey.objects.get_or_create(server=server, key=key, defaults={"fingerprint": fingerprint(key)})


@transaction.atomic
def confirm(key: HostKey, by: User) -> None:
    """Trust a key from now on, in place of the server's former one of its kind, and try again what waited for it."""
    for other in HostKey.objects.filter(server=key.server, confirmed_at__isnull=False).exclude(pk=key.pk):
        if other.algorithm == key.algorithm:
            other.delete()
    key.confirmed_at, key.confirmed_by = timezone.now(), by
    key.save()
    for repository in Repository.objects.filter(origin=f"ssh://{key.server}", state=State.HOST_KEY):
        registration.request_audit(repository)


def parse(line: str) -> str | None:
    """The key of a line of known_hosts, of ssh-keyscan, or of a `.pub` file."""
    match = LINE.fullmatch(line.strip())
    return match[1] if match and fingerprint(match[1]) else None


def fingerprint(key: str) -> str:
    """As ssh-keygen and the forges show it; "" where the key is none."""
    algorithm, _, encoded = key.partition(" ")
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError:
        return ""
    if content[4 : 4 + len(algorithm)] != algorithm.encode():
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def algorithm_of(key: str) -> str:
    return key.partition(" ")[0]
