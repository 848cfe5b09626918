"""A worker that is killed after a message was taken and before that is noted: it is sent again, as the same."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Team
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.outbox.models import Channel, Kind, Message
from apps.outbox.post import post
from tests.apps.jobs.conftest import environment, start, wait_until
from tests.apps.outbox.conftest import LETTER, hook
from tests.servers import https, smtp

__all__ = ["environment", "start"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Start = Callable[..., subprocess.Popen[str]]


class Killer:
    """Kills the worker when the first message arrives; what it arrived with is kept."""

    def __init__(self, start: Start) -> None:
        self.start, self.arrived = start, list[str | None]()
        self.worker = self.begin()

    def begin(self) -> subprocess.Popen[str]:
        return self.start("worker", "--slots", "1")

    def arrive(self, identity: str | None) -> None:
        self.arrived.append(identity)
        if len(self.arrived) == 1:
            self.worker.kill()
            self.worker.wait()

    def check(self, message: Message) -> None:
        wait_until(lambda: self.arrived and self.worker.poll() is not None)
        assert Message.objects.get().status == "queued"
        self.worker = self.begin()
        wait_until(lambda: Job.objects.filter(status=Status.SUCCEEDED).exists())
        Message.objects.update(due_at=timezone.now())
        enqueue("outbox.due", "all")
        wait_until(lambda: Message.objects.filter(status="sent").exists())
        message.refresh_from_db()
        assert message.attempts == 2
        assert len(self.arrived) == 2
        assert self.arrived[0] == self.arrived[1]
        assert str(message.pk) in str(self.arrived[0])


@pytest.fixture
def surroundings(environment: dict[str, str]) -> dict[str, str]:
    environment |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MLHEALTH_INTERNAL_HOSTS": "127.0.0.1",
        "MLHEALTH_TEST_LEASE": "1",
        "MLHEALTH_TEST_RETRY": "0",
    }
    return environment


def test_mail(surroundings: dict[str, str], start: Start) -> None:
    with smtp.serve() as server:
        surroundings["MLHEALTH_SMTP_URL"] = f"smtp://127.0.0.1:{server.port}"
        channel = Channel.objects.create(
            team=Team.objects.default(), kind=Kind.EMAIL, label="People", target="data@example.org"
        )
        message = post(channel, "report:1", LETTER)
        killer = Killer(start)
        server.then = lambda: killer.arrive(server.mails[-1]["Message-ID"])
        killer.check(message)


def test_a_webhook(surroundings: dict[str, str], start: Start, tmp_path: Path) -> None:
    killer: Any = None

    def answer(request: https.Request) -> None:
        killer.arrive(request.headers["Idempotency-Key"])
        request.reply(204)

    with https.serve(answer) as server:
        surroundings["MLHEALTH_CA_FILE"] = str(server.ca)
        channel, _ = hook(Team.objects.default(), server.url("/hook"))
        message = post(channel, "report:1", LETTER)
        killer = Killer(start)
        killer.check(message)
