from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from apps.accounts.models import User
from apps.jobs import presence
from apps.jobs.models import Job, Priority, Status, Worker
from tests.servers.brokers import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def job(number: int, **fields: object) -> Job:
    return Job.objects.create(kind="chores.succeed", subject=str(number), dedupe_key=str(number), **fields)


def test_who_is_at_work_and_on_what(administrator: Client) -> None:
    presence.announce(3)
    Worker.objects.create(name="lost:1", slots=9, queues="audit", seen_at=timezone.now() - timedelta(hours=1))
    job(1, status=Status.RUNNING, worker=presence.name(), phase="cloning")
    page = administrator.get("/workers/").content.decode()
    assert presence.name() in page
    assert "chores.succeed 1</a>" in page
    assert "cloning" in page
    assert "1 worker with 3 slots" in page
    assert "lost:1" not in page


def test_what_waits_and_since_when(administrator: Client) -> None:
    for number in range(3):
        job(number, run_after=timezone.now() - timedelta(hours=2.1 - number))
    job(9, run_after=timezone.now() + timedelta(hours=1))
    rows = {queue.priority: queue for queue in administrator.get("/workers/").context["queues"]}
    audits = rows[Priority.AUDIT]
    assert (audits.ready, audits.later) == (3, 1)
    assert audits.oldest is not None
    assert timezone.now() - audits.oldest > timedelta(hours=2)
    assert rows[Priority.REPORT].oldest is None


def test_a_queue_that_nobody_serves_is_named(administrator: Client, settings: Settings) -> None:
    settings.QUEUES = ["interactive", "audit", "history"]
    presence.announce(1)
    assert "No worker serves report" in administrator.get("/workers/").content.decode()


def test_a_dead_job_is_tried_again_or_put_aside_and_shows_its_log(administrator: Client) -> None:
    dead, other = (
        job(n, status=Status.DEAD, attempts=3, error="Traceback\nOSError: full", log="fetched 3") for n in (1, 2)
    )
    page = administrator.get("/workers/").content.decode()
    assert "OSError: full" in page
    assert "Traceback" not in page
    assert "fetched 3" in administrator.get(f"/workers/jobs/{dead.pk}/").content.decode()
    administrator.post(f"/workers/jobs/{dead.pk}/retry/")
    administrator.post(f"/workers/jobs/{other.pk}/discard/")
    dead.refresh_from_db()
    other.refresh_from_db()
    assert (dead.status, dead.attempts, other.status) == (Status.QUEUED, 0, Status.CANCELLED)


def test_the_page_costs_the_same_with_many(
    administrator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        Worker.objects.create(name=f"w{number}", slots=1, queues="audit")
        job(number, status=Status.RUNNING, worker=f"w{number}")
        job(1000 + number, status=Status.DEAD)
    with django_assert_max_num_queries(10):
        administrator.get("/workers/")


def test_a_monitor_learns_whether_all_is_well(client: Client) -> None:
    presence.announce(1)
    assert client.get("/healthz").content == b"ok\n"
    answer = client.get("/readyz")
    assert (answer.status_code, json.loads(answer.content)) == (
        200,
        {"database": "ok", "broker": "none needed", "workers": 1},
    )


def test_a_broker_that_is_away_is_told_and_no_reason_to_take_the_site_away(client: Client, settings: Settings) -> None:
    settings.ENGINE, settings.BROKER_URL = "rq", f"redis://127.0.0.1:{free_port()}/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"]) == (200, "down")
