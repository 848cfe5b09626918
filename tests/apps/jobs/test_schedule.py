from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from apps.jobs import schedule
from apps.jobs.models import Job, Priority, Schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOON, DAY, MINUTE = datetime(2026, 1, 1, 12, tzinfo=UTC), timedelta(days=1), timedelta(minutes=1)


def every_day(subject: str = "a") -> Schedule:
    return schedule.every("chores.succeed", subject, DAY, NOON)


def test_nothing_is_enqueued_before_its_time() -> None:
    every_day()
    assert schedule.tick(NOON - MINUTE) == 0
    assert not Job.objects.exists()


def test_what_is_due_is_enqueued_once() -> None:
    schedule.every("chores.succeed", "a", DAY, NOON, priority=Priority.REPORT, timeout=7)
    assert [schedule.tick(NOON), schedule.tick(NOON + MINUTE)] == [1, 0]
    job = Job.objects.get()
    assert (job.kind, job.subject, job.priority, job.timeout) == ("chores.succeed", "a", Priority.REPORT, 7)


@pytest.mark.parametrize(
    ("late", "following"),
    [
        (timedelta(0), NOON + DAY),
        (MINUTE, NOON + DAY),
        (DAY, NOON + 2 * DAY),
        (30 * DAY + MINUTE, NOON + 31 * DAY),
    ],
)
def test_missed_turns_are_made_up_for_by_one(late: timedelta, following: datetime) -> None:
    every_day()
    assert schedule.tick(NOON + late) == 1
    assert schedule.tick(NOON + late) == 0
    assert Schedule.objects.get().next_run_at == following


def test_a_scheduler_that_comes_second_does_nothing() -> None:
    seen_by_both = every_day()
    assert schedule.run(seen_by_both, NOON)
    assert not schedule.run(seen_by_both, NOON)


def test_scheduling_again_changes_how_often_but_not_when() -> None:
    every_day()
    schedule.every("chores.succeed", "a", MINUTE, NOON + DAY)
    row = Schedule.objects.get()
    assert (row.every, row.next_run_at) == (MINUTE, NOON)


def test_what_is_stopped_does_not_come_again() -> None:
    every_day("a")
    every_day("b")
    schedule.stop("chores.succeed", "a")
    schedule.tick(NOON)
    assert Job.objects.get().subject == "b"


def test_a_batch_is_what_one_tick_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BATCH", 2)
    for subject in "abc":
        every_day(subject)
    assert [schedule.tick(NOON) for _ in range(3)] == [2, 1, 0]


TICK = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from apps.jobs import schedule
noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
print(sum(schedule.tick(noon + timedelta(days=day)) for day in range(20)))
"""


@pytest.mark.django_db(transaction=True)
def test_of_several_schedulers_one_takes_a_turn(environment: dict[str, str]) -> None:
    every_day()
    command = [sys.executable, "-c", TICK]
    schedulers = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    turns = [int(scheduler.communicate()[0]) for scheduler in schedulers]
    assert sum(turns) == (Schedule.objects.get().next_run_at - NOON) // DAY
    assert sum(turns) <= 20
