"""From the schedule to the mailbox, by a real mail server; and once, whatever is killed on the way."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from django.conf import settings as site
from django.db import connection
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from apps.accounts.models import Team
from apps.jobs import claims, schedule
from apps.jobs.models import ACTIVE, Job
from apps.jobs.queue import enqueue
from apps.jobs.worker import perform
from apps.outbox.models import Channel, Kind, Message, Status
from apps.reports.issue import last_turn
from apps.reports.models import Edition, Report
from apps.repositories.models import Repository
from apps.scorecards.models import Standing
from tests.apps.jobs.conftest import environment, start, wait_until
from tests.apps.reports.conftest import WEEKLY
from tests.apps.reports.fleet import audited, days, watch
from tests.servers import smtp

__all__ = ["environment", "start"]
pytestmark = pytest.mark.django_db(transaction=True)
# Two workers and six processes for their jobs have to start, on a machine that may be busy.
PATIENCE = 120.0


class Parts(HTMLParser):
    """What a mail shows, where it leads and which pictures it wants."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.links += [told["href"] or ""] if tag == "a" else []
        self.pictures += [told["src"] or ""] if tag == "img" else []
        self.open += [tag] if tag not in {"meta", "img", "br", "link"} else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements overlap"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "title" not in self.open:
            self.words.append(data)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[smtp.Server]:
    with smtp.serve() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.INTERNAL_HOSTS = "127.0.0.1", server.port, ["127.0.0.1"]
        yield server


@pytest.fixture
def fallen(team: Team) -> Repository:
    """A repository that fell in the last week as of now, and one of another team that did the same."""
    end = last_turn(Report(cron=WEEKLY, time_zone="UTC").when, timezone.now())
    for name, whose in (("churn", team), ("clandestine", Team.objects.create(name="Others", slug="others"))):
        one = watch(name, whose)
        audited(one, end - days(9), set())
        audited(one, end - days(1), {"hygiene/secrets", "testing/unit"}, commit="3f2a91c" + "0" * 33)
    Standing.objects.update(weeks=[70.0, 80.5, 90.5])
    return Repository.objects.get(name="churn")


def come_due(report: Report) -> None:
    """Its turn comes."""
    schedule.plan("reports.issue", str(report.pk), report.when)
    schedule.tick(report.when.after(timezone.now()))


def work() -> None:
    while claim := claims.claim("a worker"):
        perform(claim)


def body(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found
    return str(found.get_content())


def test_a_report_arrives(report: Report, fallen: Repository, mailbox: smtp.Server) -> None:
    come_due(report)
    work()
    (mail,) = mailbox.mails
    edition, (message,) = Edition.objects.get(), Message.objects.all()
    assert message.status == Status.SENT, message.why
    seen, text = Parts(body(mail, "html")), body(mail, "plain")
    assert seen.open == []
    assert mail["Subject"].startswith("Default team: A ")
    page = site.URL + edition.get_absolute_url()
    assert page in seen.links
    assert page in text
    assert "3f2a91c" in " ".join(seen.words)
    images = {part["Content-ID"].strip("<>"): part.get_content() for part in mail.walk() if part["Content-ID"]}
    assert [f"cid:{cid}" for cid in images] == seen.pictures
    for image in images.values():
        Image.open(io.BytesIO(image)).verify()
    shown = re.sub(r"The last \d+ weeks, on a scale of 0 to 100", "", " ".join(seen.words))
    assert set(re.findall(r"\d[\d.]*\d|\d", shown)) <= set(re.findall(r"\d[\d.]*\d|\d", text))
    assert "clandestine" not in mail.as_string()
    assert "clandestine" not in text + body(mail, "html")


def test_once_to_each_whatever_is_killed(
    team: Team, fallen: Repository, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """kill -9 of the worker when the first report has been issued, a second worker, and a turn that comes again."""
    channels = [
        Channel.objects.create(team=team, kind=Kind.EMAIL, label=name, target=f"{name}@example.org")
        for name in ("anna", "ben")
    ]
    for _ in range(2):
        report = Report.objects.create(team=team, cron=WEEKLY, time_zone="UTC")
        report.channels.set(channels)
        come_due(report)
    connection.close()
    due = Job.objects.filter(kind="reports.issue", status__in=ACTIVE)
    worker = start("worker")
    wait_until(Edition.objects.exists, PATIENCE)
    worker.kill()
    worker.wait()
    start("worker")
    wait_until(lambda: not due.exists(), PATIENCE)
    for each in Report.objects.all():
        enqueue("reports.issue", str(each.pk))
    wait_until(lambda: not due.exists(), PATIENCE)
    assert Edition.objects.count() == 2
    assert Message.objects.count() == 4
