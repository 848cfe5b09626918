"""Two hundred kills at random moments of clones and fetches: never a wrong state, never a changed score."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.accounts.models import Team
from apps.jobs.models import ACTIVE, Job
from apps.jobs.pool import Pool
from apps.jobs.queue import enqueue
from apps.repositories import mirror
from apps.repositories.models import UNDER_WAY, Repository, State
from apps.scorecards.models import Scorecard, Standing
from tests.apps.jobs.conftest import pool, turn_until
from tests.apps.repositories.origins import Origin, is_whole, refs_of

__all__ = ["pool"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
KILLS = 200


@pytest.fixture
def origin(tmp_path: Path, settings: Settings) -> Origin:
    settings.LOCAL_ROOTS, settings.MIRRORS = [tmp_path], tmp_path / "mirrors"
    origin, noise = Origin(tmp_path / "origin.git"), random.Random(1)
    for number in range(20):
        origin.push(f"branch-{number}", noise.randbytes(100_000))
    return origin


def test_two_hundred_kills(origin: Origin, pool: Callable[..., Pool]) -> None:
    workers, moments = pool(), random.Random(2)
    repository = registered(origin, Team.objects.default())
    audit(workers, repository)
    score, usual = Standing.objects.get().scorecard.score, time_of_a_clone(origin, repository)
    for number in range(KILLS):
        if number % 2:
            origin.push("main", moments.randbytes(1000))
        else:
            mirror.remove(repository.mirror, timeout=10)
        kill_after(moments.uniform(0, 1.1 * usual), workers, repository, group=number % 4 < 2)
        assert_nothing_is_wrong(repository, origin, score)
    undisturbed = registered(origin, Team.objects.create(name="Twin", slug="twin"))
    for each in (repository, undisturbed):
        audit(workers, each)
    repository.refresh_from_db()
    assert (repository.state, repository.head) == (State.READY, origin.git("rev-parse", "main"))
    assert repository.standing.scorecard.outcomes == undisturbed.standing.scorecard.outcomes
    assert refs_of(repository.mirror) == refs_of(origin.path)
    assert is_whole(repository.mirror)


def registered(origin: Origin, team: Team) -> Repository:
    return Repository.objects.create(team=team, name="churn", url=str(origin), identity=str(origin))


def audit(workers: Pool, repository: Repository) -> None:
    enqueue("scorecards.audit", str(repository.pk))
    turn_until(workers, lambda: not Job.objects.filter(status__in=ACTIVE).exists())


def time_of_a_clone(origin: Origin, repository: Repository) -> float:
    start = time.monotonic()
    mirror.update(str(origin), repository.mirror.with_name("timed"), timeout=30)
    return time.monotonic() - start


def kill_after(seconds: float, workers: Pool, repository: Repository, *, group: bool) -> None:
    """Kill -9 a job's process (and its group, or it alone) after so long, and let the worker find out."""
    enqueue("scorecards.audit", str(repository.pk))
    turn_until(workers, lambda: workers.children)
    (child,) = workers.children
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    workers.look_after(child)
    Job.objects.all().delete()  # it would be tried again at once


def assert_nothing_is_wrong(repository: Repository, origin: Origin, score: float | None) -> None:
    repository.refresh_from_db()
    assert repository.state in {*UNDER_WAY, State.READY}
    assert repository.notice == ""
    assert set(Scorecard.objects.values_list("score", flat=True)) == {score}
    if (repository.mirror / "HEAD").exists():  # only whole ones ever stand there
        assert refs_of(repository.mirror)
