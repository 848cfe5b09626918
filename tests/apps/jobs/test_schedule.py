from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as thorough
from hypothesis import strategies as st

from apps.audit import digests
from apps.jobs import schedule
from apps.jobs.models import Job, Priority, Schedule
from apps.jobs.when import When
from tests.apps.jobs.conftest import come_due, wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOON, DAY, MINUTE = datetime(2026, 1, 1, 12, tzinfo=UTC), timedelta(days=1), timedelta(minutes=1)
DAILY, HOURLY = When("0 12 * * *", "UTC"), When("0 * * * *", "UTC")


def every_day(subject: str = "a") -> Schedule:
    schedule.plan("chores.succeed", subject, DAILY, priority=Priority.REPORT, timeout=7)
    Schedule.objects.filter(subject=subject).update(next_run_at=NOON)
    return Schedule.objects.get(subject=subject)


def test_nothing_is_enqueued_before_its_time() -> None:
    every_day()
    assert schedule.tick(NOON - MINUTE) == 0
    assert not Job.objects.exists()


def test_what_is_due_is_enqueued_once() -> None:
    every_day()
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


def test_a_scheduler_that_read_what_is_no_longer_so_does_nothing() -> None:
    seen = come_due("chores.succeed", "a")
    schedule.plan("chores.succeed", "a", HOURLY)
    assert not schedule.run(seen, seen.next_run_at)
    assert schedule.tick(timezone.now()) == 1


def test_the_first_turn_is_the_next_that_the_expression_names() -> None:
    now = timezone.now()
    row = schedule.plan("chores.succeed", "a", HOURLY)
    assert row.next_run_at == HOURLY.after(row.next_run_at - MINUTE)
    assert now < row.next_run_at <= timezone.now() + timedelta(hours=1)


def test_planning_the_same_again_moves_nothing() -> None:
    every_day()
    schedule.plan("chores.succeed", "a", DAILY)
    assert Schedule.objects.get().next_run_at == NOON


def test_a_turn_that_is_due_is_not_lost_when_the_schedule_changes() -> None:
    overdue = come_due("chores.succeed", "a")
    assert schedule.plan("chores.succeed", "a", DAILY).next_run_at == overdue.next_run_at
    assert schedule.tick(timezone.now()) == 1
    assert Schedule.objects.get().next_run_at.hour == 12


def test_a_changed_schedule_takes_its_new_turns() -> None:
    schedule.plan("chores.succeed", "a", When("0 0 1 1 *", "UTC"))
    assert schedule.plan("chores.succeed", "a", HOURLY).next_run_at - timezone.now() <= timedelta(hours=1)


def test_work_of_one_kind_is_spread_and_each_keeps_its_time() -> None:
    rows = [schedule.plan("chores.succeed", str(number), DAILY, spread=DAY) for number in range(200)]
    hours = {row.next_run_at.hour for row in rows}
    assert len(hours) == 24
    for row in rows[:20]:
        assert row.after(row.next_run_at) == row.next_run_at + DAY
        assert timedelta(0) < row.next_run_at - timezone.now() <= DAY


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


def test_one_that_is_not_understood_keeps_no_other_from_its_turn() -> None:
    every_day("a")
    every_day("b")
    Schedule.objects.filter(subject="a").update(time_zone="Gone/Away")
    assert schedule.tick(NOON) == 2
    assert Schedule.objects.get(subject="a").next_run_at == NOON + DAY


CRONS = st.sampled_from(["*/30 * * * *", "0 * * * *", "30 2 * * *", "15 1,2,3 * * *", "0 0 * * 0", "30 2 29 3 *"])
ZONES = st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "UTC"])
# Around the changes of clocks of 2026, in either half of the year and of the world.
BEGINS = st.sampled_from([datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 9, 10)])
STEPS = st.lists(
    st.one_of(
        st.timedeltas(timedelta(0), timedelta(hours=30)),
        st.sampled_from([DAY, -DAY, timedelta(hours=1), -timedelta(hours=1), 3 * DAY]),
    ),
    min_size=5,
    max_size=40,
)


@given(CRONS, ZONES, st.sampled_from([timedelta(0), timedelta(hours=7)]), BEGINS, STEPS)
@thorough(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_clock_does_each_turn_is_taken_once_and_none_is_lost(
    cron: str, zone: str, spread: timedelta, begin: datetime, steps: list[timedelta]
) -> None:
    Schedule.objects.all().delete()
    row = schedule.plan("chores.succeed", "a", When(cron, zone), spread=spread)
    first = row.after(begin)
    Schedule.objects.update(next_run_at=first)
    now, latest, taken = begin, begin, list[datetime]()
    for step in steps:
        now += step
        turn = Schedule.objects.get().next_run_at
        ran = schedule.tick(now)
        assert ran == (turn <= now)
        if ran:
            taken.append(turn)
            latest = now
        # What comes next is the first turn after the last moment at which one was taken: nothing was passed over.
        assert Schedule.objects.get().next_run_at == (row.after(latest) if taken else first)
    assert taken == sorted(set(taken))
    assert all(row.after(turn - timedelta(seconds=1)) == turn for turn in taken)


TICK = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from apps.audit import digests
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
        for _ in range(5)
    ]
    turns = [int(scheduler.communicate()[0]) for scheduler in schedulers]
    assert sum(turns) == (Schedule.objects.get().next_run_at - NOON) // DAY
    assert sum(turns) <= 20


@pytest.mark.django_db(transaction=True)
def test_five_schedulers_make_one_job_of_each_turn(start: Callable[..., subprocess.Popen[str]]) -> None:
    for number in range(40):
        come_due("chores.succeed", str(number))
    schedulers = [start("scheduler") for _ in range(5)]
    wait_until(lambda: Job.objects.filter(kind="chores.succeed").count() == 40, patience=120)
    assert all(scheduler.poll() is None for scheduler in schedulers)
    assert Schedule.objects.filter(kind="jobs.forget").count() == 1
    renewed = Job.objects.get(kind="scorecards.renew")
    assert (renewed.subject, renewed.priority) == (digests.engine(), Priority.HISTORY)


@pytest.mark.django_db(transaction=True)
def test_what_came_every_day_keeps_its_time_of_day() -> None:
    executor = MigrationExecutor(connection)
    now = executor.loader.graph.leaf_nodes()
    executor.migrate([("jobs", "0003_engines")])
    try:
        apps = executor.loader.project_state(("jobs", "0003_engines")).apps
        turn = datetime(2026, 7, 1, 17, 42, 30, tzinfo=UTC)
        apps.get_model("jobs", "Schedule").objects.create(
            kind="chores.succeed", subject="a", every=DAY, next_run_at=turn
        )
    finally:
        MigrationExecutor(connection).migrate(now)
    row = Schedule.objects.get()
    assert (row.when, row.next_run_at) == (When("42 17 * * *", "UTC"), turn)
    assert schedule.tick(turn) == 1
    assert Schedule.objects.get().next_run_at == datetime(2026, 7, 2, 17, 42, tzinfo=UTC)
