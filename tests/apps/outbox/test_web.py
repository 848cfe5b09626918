"""Messages to servers of the web, received by real ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from pytest_django import Settings

from apps.accounts.models import Team
from apps.outbox import web
from apps.outbox.models import Channel, Kind, Message, Status
from apps.outbox.post import Letter
from tests.apps.outbox.conftest import hook, sent
from tests.servers import https
from tests.servers.certificates import issue
from tests.servers.https import Request

pytestmark = pytest.mark.django_db


class Received:
    """What a server got, which answers 204 unless it is told otherwise."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.then: Callable[[Request], None] = lambda request: request.reply(204)

    def __call__(self, request: Request) -> None:
        self.headers.append(dict(request.headers.items()))
        self.bodies.append(request.body.read())
        self.then(request)


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def server(received: Received, settings: Settings) -> Iterator[https.Server]:
    with https.serve(received) as serving:
        settings.CA_FILE = serving.ca
        yield serving


@pytest.fixture
def to_server(team: Team, server: https.Server) -> tuple[Channel, str]:
    return hook(team, server.url("/hook?token=canary"))


def test_a_webhook_is_signed_as_the_standard_has_it(to_server: tuple[Channel, str], received: Received) -> None:
    channel, key = to_server
    message = sent(channel)
    assert message.status == Status.SENT
    (headers,), (body,) = received.headers, received.bodies
    assert headers["webhook-id"] == headers["Idempotency-Key"] == str(message.pk)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    secret = base64.b64decode(key.removeprefix("whsec_"))
    content = f"{message.pk}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert json.loads(body) == {
        "type": "report",
        "timestamp": message.created_at.isoformat(),
        "subject": "Weekly report",
        "text": "All is well.\n",
        "link": "http://localhost:8000/reports/1/",
        "data": {"repositories": 3},
    }


def reply(status: int, body: bytes = b"", **headers: str) -> Callable[[Request], None]:
    return lambda request: request.reply(status, body, headers.items())


@pytest.mark.parametrize(
    ("answer", "why", "status"),
    [
        (reply(200, b"canary"), "", Status.SENT),
        (reply(404, b"canary"), "127.0.0.1 answered with status 404", Status.FAILED),
        (reply(410), "127.0.0.1 answered with status 410", Status.FAILED),
        (reply(429), "127.0.0.1 answered with status 429", Status.QUEUED),
        (reply(500, b"canary"), "127.0.0.1 answered with status 500", Status.QUEUED),
        (reply(503), "127.0.0.1 answered with status 503", Status.QUEUED),
        (
            reply(302, Location="https://127.0.0.1/canary"),
            "127.0.0.1 answered with a redirect (302), which is not followed",
            Status.FAILED,
        ),
    ],
)
def test_what_a_server_answers(
    to_server: tuple[Channel, str], received: Received, answer: Callable[[Request], None], why: str, status: Status
) -> None:
    received.then = answer
    message = sent(to_server[0])
    assert (message.why, message.status) == (why, status)
    assert len(received.bodies) == 1


def endless_body(request: Request) -> None:
    request.begin(200)
    while True:
        request.chunk(b"x" * 65536)


def endless_header(request: Request) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        request.wfile.write(b"x" * 65536)


def drops(request: Request) -> None:
    """A byte at a time, so that no single read is late."""
    request.wfile.write(b"HTTP/1.1 ")
    while True:
        request.wfile.write(b"2")
        time.sleep(0.05)


def test_a_huge_answer_is_not_read(to_server: tuple[Channel, str], received: Received) -> None:
    received.then = endless_body
    assert sent(to_server[0]).status == Status.SENT


@pytest.mark.parametrize("answer", [endless_header, drops, Request.outlast, lambda request: None])
def test_a_server_that_does_not_answer(
    to_server: tuple[Channel, str],
    received: Received,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[Request], None],
) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.3)
    received.then = answer
    message = sent(to_server[0])
    assert message.status == Status.QUEUED
    assert message.why.startswith("127.0.0.1 cannot be reached, or does not answer within")


def test_a_certificate_that_nobody_vouches_for(
    to_server: tuple[Channel, str], received: Received, settings: Settings
) -> None:
    settings.CA_FILE = None
    assert sent(to_server[0]).why == "the certificate of 127.0.0.1 is not trusted"
    assert not received.bodies


def test_no_server_of_a_private_network(
    team: Team, received: Received, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name leads elsewhere than when it was entered."""
    with https.serve(received, issue("hook.example.org")) as server:
        channel, _ = hook(team, server.url("/hook", host="hook.example.org"))
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
        message = sent(channel)
    assert message.status == Status.FAILED
    assert "leads to 127.0.0.1, which is not on the public internet" in message.why
    assert not received.bodies


def test_an_unknown_host_may_come_back(team: Team) -> None:
    channel, _ = hook(team, "https://hook.example.invalid/")
    message = sent(channel)
    assert message.status == Status.QUEUED
    assert "hook.example.invalid is unknown" in message.why


def test_an_address_that_was_changed_by_other_hands_gets_nothing(
    to_server: tuple[Channel, str], received: Received
) -> None:
    Channel.objects.update(target="elsewhere.example.org")
    message = sent(Channel.objects.get())
    assert "The stored credential is not the one that was sealed" in message.why
    assert not received.bodies


@pytest.fixture
def slack(team: Team, received: Received, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    with https.serve(received, issue(web.SLACK)) as server:
        settings.INTERNAL_HOSTS, settings.CA_FILE = [web.SLACK], server.ca
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
        yield hook(team, server.url("/services/T/B/canary", host=web.SLACK), Kind.SLACK)[0]


def test_slack_gets_words_that_ring_for_nobody(slack: Channel, received: Received) -> None:
    letter = Letter(
        "<!channel> fell", "<!here> & <https://evil.example.org|mlhealth>\n", link="http://localhost:8000/?a&b"
    )
    assert sent(slack, letter).status == Status.SENT
    told: dict[str, Any] = json.loads(received.bodies[0])
    header, section, context = told["blocks"]
    assert told["text"] == "&lt;!channel&gt; fell"
    assert header["text"]["type"] == "plain_text"
    assert section["text"]["text"] == "&lt;!here&gt; &amp; &lt;https://evil.example.org|mlhealth&gt;\n"
    assert context["elements"][0]["text"] == "<http://localhost:8000/?a&amp;b|Open in mlhealth>"


def test_a_long_letter_fits_into_what_slack_takes(slack: Channel, received: Received) -> None:
    text = "".join(f"{number} " + "&" * 700 + "\n" for number in range(300))
    assert sent(slack, Letter("Long", text)).status == Status.SENT
    blocks = json.loads(received.bodies[0])["blocks"]
    assert len(blocks) <= 50
    assert all(0 < len(block["text"]["text"]) <= 3000 for block in blocks)
    assert all(not block["text"]["text"].replace("&amp;", "").count("&") for block in blocks[1:])


def test_slack_is_at_one_host_only(team: Team, server: https.Server, received: Received) -> None:
    channel, _ = hook(team, server.url("/services/T/B/x"), Kind.SLACK)
    message = sent(channel)
    assert (message.status, message.why) == (Status.FAILED, "the address is not one of hooks.slack.com")
    assert not received.bodies


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "http://example.org/hook",
        "ftp://example.org/hook",
        "https://10.0.0.1/hook",
        "https://2130706433/hook",
        "https://[::1]/hook",
        "https://localhost/hook",
        "https://ada:secret@example.org/hook",
        "https://example.org:99999/hook",
        "https://example.org/ho ok",
        "https://example.org/hook\r\nX: y",
        "https://example.org/hook#part",
        "https://exämple.org/hook",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValidationError):
        web.Target.parse(url)


def test_no_secret_is_in_the_rows_that_people_see(to_server: tuple[Channel, str]) -> None:
    channel, key = to_server
    sent(channel)
    rows = str(list(Channel.objects.values())) + str(list(Message.objects.values()))
    assert "canary" not in rows
    assert key not in rows


def test_a_new_key_opens_what_the_former_one_sealed(to_server: tuple[Channel, str], channel: Channel) -> None:
    """An address of e-mail has nothing to seal."""
    call_command("rotate_credential_keys")
    assert sent(Channel.objects.get(kind=Kind.WEBHOOK)).status == Status.SENT
