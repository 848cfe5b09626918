"""Nothing is lost and nothing done twice, whatever is killed at whatever moment: real audits on every engine.

Run by name, `pytest tests/apps/jobs/storms.py`, on a machine with nothing else to do: beside other tests it waits
longer than a test may. A storm strikes 8 times; MLHEALTH_TEST_MOMENTS=200 makes it a long one. Its seed is printed, and
MLHEALTH_TEST_SEED repeats its choices.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from django.utils import timezone

from apps.accounts.models import Team
from apps.jobs import queue, schedule
from apps.jobs.models import Job, Schedule, Status
from apps.scorecards.models import Scorecard
from tests.apps.jobs.conftest import wait_until
from tests.apps.jobs.invariants import assert_all_is_well, assert_judged_alike
from tests.apps.jobs.storm import AUDIT, CHORE, LEAP_DAYS, Start, Storm, Work, register

pytestmark = pytest.mark.django_db(transaction=True)
MOMENTS = int(os.environ.get("MLHEALTH_TEST_MOMENTS", "8"))
SEED = int(os.environ.get("MLHEALTH_TEST_SEED", random.randrange(10**6)))
LONGEST_WAIT = 0.6


def test_a_storm(engine: str, start: Start, environment: dict[str, str], tmp_path: Path) -> None:
    print(f"MLHEALTH_TEST_SEED={SEED}")
    environment["MLHEALTH_LOCAL_ROOTS"] = str(tmp_path)
    work, storm = Work(tmp_path, repositories=4, chores=4), Storm(start, tmp_path, SEED)

    def is_at_work() -> bool:
        work.go_on()
        return storm.is_at_work()

    for _ in range(MOMENTS):
        storm.keep_up()
        wait_until(is_at_work)
        time.sleep(storm.moments.uniform(0, LONGEST_WAIT))
        storm.strike()
    storm.end()
    storm.keep_up()
    wait_until(work.is_done)
    work.go_on()
    twins = [register(origin, Team.objects.get_or_create(slug="twin")[0]) for origin in work.origins.values()]
    for twin in twins:
        queue.enqueue(AUDIT, str(twin.pk))
    wait_until(work.is_done)
    storm.end()
    print(f"{engine}: {dict(storm.hit)}, {Scorecard.objects.count()} scorecards of {Job.objects.count()} jobs")
    work.assert_each_turn_was_taken_once()
    assert_all_is_well()
    for subject, twin in zip(work.origins, twins, strict=True):
        assert_judged_alike(type(twin).objects.get(pk=subject), twin)


def test_five_schedulers_of_which_some_are_killed_each_round(start: Start, tmp_path: Path) -> None:
    subjects, rounds, storm = [str(number) for number in range(60)], 4, Storm(start, tmp_path, SEED)
    for subject in subjects:
        schedule.plan(CHORE, subject, LEAP_DAYS)
    chores, jobs = Schedule.objects.filter(kind=CHORE), Job.objects.filter(kind=CHORE)
    storm.keep_up(workers=0, schedulers=5)
    for number in range(rounds):
        chores.update(next_run_at=timezone.now())
        wait_until(lambda: jobs.count() > number * len(subjects))  # noqa: B023  # it is called at once
        storm.strike()
        storm.keep_up(workers=0, schedulers=5)
        wait_until(lambda: not chores.filter(next_run_at__lte=timezone.now()).exists())
        jobs.update(status=Status.SUCCEEDED)
    storm.end()
    assert sorted(jobs.values_list("subject", flat=True)) == sorted(subjects * rounds)
