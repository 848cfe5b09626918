"""Sends a message to a server of the web: Slack's, or one that a team named."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from threading import Timer
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from apps.access import vault
from apps.outbox import guard
from apps.outbox.models import Channel, Kind, Message
from apps.outbox.undelivered import Undelivered
from apps.repositories import address

SECONDS = 5.0
SLACK = "hooks.slack.com"
PORTS = {"https": 443, "http": 80}
# Slack takes 3000 characters in a block, and 50 blocks; escaped, a line is up to five times as long.
BLOCK, BLOCKS, LINE = 3000, 40, 500
KEY_PREFIX = "whsec_"
# Not answers to what was sent, but to when.
LATER = {408, 425, 429}


@dataclass(frozen=True)
class Target:
    """Where a message goes: a checked address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValidationError, which says what is wrong and does not repeat the address."""
        try:
            parts = urlsplit(url.strip())
            if not parts.hostname:
                raise ValueError
            host, port = address.checked_host(parts.hostname, settings.INTERNAL_HOSTS), parts.port
        except address.AddressError as error:
            raise ValidationError(str(error)) from None
        except ValueError:
            raise ValidationError("This is no address. Enter one such as https://example.org/hook.") from None
        if parts.scheme != "https" and not (parts.scheme == "http" and host in settings.INTERNAL_HOSTS):
            raise ValidationError("Enter an address that begins with https://.")
        if "@" in parts.netloc or parts.fragment:
            raise ValidationError("Leave out user, password and what follows a #.")
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        if not (path.isascii() and path.isprintable()) or " " in path:
            raise ValidationError("The path holds odd characters. Write them as %20 and the like.")
        return cls(parts.scheme, host, port or PORTS[parts.scheme], path)


class Connection(http.client.HTTPConnection):
    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self.default_port, self.target = PORTS[target.scheme], target

    def connect(self) -> None:
        self.sock = guard.connect(self.target.host, self.target.port, SECONDS)
        if self.target.scheme == "https":
            trust = guard.trust(self.target.host)
            # The handshake comes when somebody watches how long it takes.
            self.sock = trust.wrap_socket(self.sock, server_hostname=self.target.host, do_handshake_on_connect=False)

    def hang_up(self) -> None:
        """End it from another thread, in which it may be waiting for the server."""
        with suppress(OSError):  # not SSLSocket's own, which would pull TLS from under the thread that uses it
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def send_to_slack(message: Message) -> None:
    """Raises Undelivered."""
    target = parsed(opened(message.channel)["url"])
    if target.host != SLACK or target.scheme != "https":
        raise Undelivered(f"the address is not one of {SLACK}", final=True)
    deliver(target, as_json(slack_blocks(message)), {"Idempotency-Key": str(message.pk)})


def send_to_server(message: Message) -> None:
    """Signed as Standard Webhooks has it. Raises Undelivered."""
    secret = opened(message.channel)
    body, stamp = as_json(payload(message)), str(int(time.time()))
    headers = {
        "Idempotency-Key": str(message.pk),
        "webhook-id": str(message.pk),
        "webhook-timestamp": stamp,
        "webhook-signature": sign(secret["key"], f"{message.pk}.{stamp}.".encode() + body),
    }
    deliver(parsed(secret["url"]), body, headers)


def deliver(target: Target, body: bytes, headers: Mapping[str, str]) -> None:
    """POST it. Of the answer only the status is read."""
    own = {"Content-Type": "application/json", "User-Agent": "mlhealth", "Connection": "close"}
    with closing(Connection(target)) as connection:
        try:
            status = ask(connection, body, own | dict(headers))
        except ssl.SSLCertVerificationError:
            raise Undelivered(f"the certificate of {target.host} is not trusted") from None
        except (OSError, http.client.HTTPException, ValueError):
            why = f"{target.host} cannot be reached, or does not answer within {SECONDS:.0f} seconds"
            raise Undelivered(why) from None
    judge(target, status)


def ask(connection: Connection, body: bytes, headers: Mapping[str, str]) -> int:
    connection.connect()
    timer = Timer(SECONDS, connection.hang_up)  # a server that says a byte at a time is never late by itself
    timer.start()
    try:
        if isinstance(connection.sock, ssl.SSLSocket):
            connection.sock.do_handshake()
        connection.request("POST", connection.target.path, body, dict(headers))
        return connection.getresponse().status
    finally:
        timer.cancel()


def judge(target: Target, status: int) -> None:
    if 300 <= status < 400:
        raise Undelivered(f"{target.host} answered with a redirect ({status}), which is not followed", final=True)
    if not 200 <= status < 300:
        final = 400 <= status < 500 and status not in LATER
        raise Undelivered(f"{target.host} answered with status {status}", final=final)


def opened(channel: Channel) -> dict[str, str]:
    """A channel's `url`, and the `key` that signs what a webhook gets."""
    try:
        return dict(json.loads(channel.unseal()))
    except vault.Unreadable as error:
        raise Undelivered(f"{error} Make the channel anew.") from None


def parsed(url: str) -> Target:
    try:
        return Target.parse(url)
    except ValidationError as error:
        raise Undelivered(" ".join(error.messages), final=True) from None


def seal(channel: Channel, url: str) -> str:
    """Have a channel hold this address, without saving; returns the key that signs, which is not shown again."""
    key = KEY_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode() if channel.kind == Kind.WEBHOOK else ""
    channel.target = Target.parse(url).host
    channel.seal(json.dumps({"url": url.strip(), "key": key}))
    return key


def sign(key: str, content: bytes) -> str:
    secret = base64.b64decode(key.removeprefix(KEY_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()


def as_json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def payload(message: Message) -> dict[str, Any]:
    return {
        "type": message.topic,
        "timestamp": message.created_at.isoformat(),
        "subject": message.subject,
        "text": message.text,
        "link": message.link,
        "data": message.data,
    }


def slack_blocks(message: Message) -> dict[str, Any]:
    """The subject, the text in parts that Slack takes, and where to read on."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": message.subject[:150], "emoji": False}}
    ]
    for part in islice(slack_parts(message.text), BLOCKS):
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}})
    if message.link:
        link = {"type": "mrkdwn", "text": f"<{escaped(message.link)}|Open in mlhealth>"}
        blocks.append({"type": "context", "elements": [link]})
    return {"text": escaped(message.subject), "blocks": blocks}


def slack_parts(text: str) -> Iterator[str]:
    """Whole lines, escaped, as many as go into a block."""
    part = ""
    for line in text.strip().splitlines():
        added = escaped(line[:LINE]) + "\n"
        if len(part) + len(added) > BLOCK:
            yield part
            part = ""
        part += added
    if part.strip():
        yield part


def escaped(text: str) -> str:
    """What Slack would take for a link, a channel or a person."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
