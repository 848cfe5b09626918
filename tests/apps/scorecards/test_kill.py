"""A worker that is killed at any moment of a real audit leaves nothing half done, and the next one does it once."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.accounts.models import Team
from apps.jobs.claims import ATTEMPTS
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.repositories.example.build import build
from apps.repositories.models import Repository, State
from apps.scorecards.models import Details, Flip, Replayed, Scorecard, Standing
from tests.apps.jobs.conftest import PATIENCE, environment, start, wait_until

__all__ = ["environment", "start"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
KILLS = 6
# An audit of the example takes about two seconds, most of them in git and in the engine's process.
LONGEST = 2.5


@pytest.fixture
def churn(environment: dict[str, str], tmp_path: Path) -> Repository:
    build(tmp_path / "origins/churn.git")
    environment["MLHEALTH_LOCAL_ROOTS"] = str(tmp_path / "origins")
    path = str(tmp_path / "origins/churn.git")
    return Repository.objects.create(team=Team.objects.default(), name="churn", url=path, identity=path)


def test_it_is_done_once_whenever_workers_are_killed(
    churn: Repository, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    moments = random.Random(20261123)
    worker = start("worker")
    for _ in range(KILLS):
        Standing.objects.all().delete()
        Scorecard.objects.all().delete()
        job = enqueue("scorecards.audit", str(churn.pk))
        time.sleep(moments.uniform(0, LONGEST))
        worker.kill()
        worker.wait()
        wait_until(lambda: not list(processes_that_name(tmp_path)))
        assert_nothing_half_done(churn)
        worker = start("worker")
        wait_until(Job.objects.filter(pk=job.pk, status=Status.SUCCEEDED).exists)
        assert_done_once(churn, tmp_path / "data/mirrors" / str(churn.pk))
    assert Job.objects.filter(kind="scorecards.audit").count() == KILLS


def assert_replayed_once(churn: Repository) -> None:
    """Every first parent is known, and between any two stands what their outcomes say, once."""
    rows = {row.commit: row for row in Replayed.objects.filter(repository=churn)}
    command = ["git", "--git-dir", churn.url, "rev-list", "--first-parent", "--max-count=200", "HEAD"]
    assert set(rows) == set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    wanted = [
        (row.commit, slug)
        for row in rows.values()
        if row.parent in rows
        for slug, outcome in row.unpacked[0].items()
        if rows[row.parent].unpacked[0].get(slug, outcome) != outcome
    ]
    assert sorted(Flip.objects.filter(scorecard=None).values_list("commit", "check_slug")) == sorted(wanted)


def processes_that_name(folder: Path) -> Iterator[int]:
    """git names the mirror in its arguments, and the engine's process has its cache there open; workers do neither."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            names = [(process / "cmdline").read_text(), *(os.readlink(file) for file in (process / "fd").iterdir())]
        except OSError:
            continue
        if any(str(folder) in name for name in names):
            yield int(process.name)


def assert_nothing_half_done(churn: Repository) -> None:
    cards = list(Scorecard.objects.select_related("details"))
    assert len(cards) <= 1
    assert Standing.objects.count() == len(cards)
    assert all(len(card.details.results) == len(card.outcomes) for card in cards)
    churn.refresh_from_db()
    assert churn.state not in {State.EMPTY, State.UNREACHABLE, State.DAMAGED, State.FAILED}


def assert_done_once(churn: Repository, mirror: Path) -> None:
    card = Scorecard.objects.get()
    assert Standing.objects.get().scorecard == card
    assert Details.objects.filter(pk=card.details_id).count() == 1
    churn.refresh_from_db()
    assert (churn.state, churn.head) == (State.READY, card.commit)
    subprocess.run(
        ["git", "--git-dir", mirror, "fsck", "--strict", "--connectivity-only"], check=True, capture_output=True
    )


def test_a_replay_keeps_each_commit_once_whenever_workers_are_killed(
    churn: Repository, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    moments, replays = random.Random(20261129), Job.objects.filter(kind="scorecards.replay")
    worker = start("worker")
    enqueue("scorecards.audit", str(churn.pk))
    for _ in range(ATTEMPTS - 1):  # a job whose worker is lost as often as that is given up
        wait_until(replays.filter(status=Status.RUNNING).exists)
        time.sleep(moments.uniform(0, LONGEST))
        worker.kill()
        worker.wait()
        wait_until(lambda: not list(processes_that_name(tmp_path)))
        worker = start("worker")
    wait_until(replays.filter(status=Status.SUCCEEDED).exists, patience=3 * PATIENCE)
    assert_replayed_once(churn)
