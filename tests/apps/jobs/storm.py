"""Work that comes round, and a storm that kills whatever does it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.utils import timezone

from apps.accounts.models import Team
from apps.jobs import schedule
from apps.jobs.models import ACTIVE, Job, Schedule, Status
from apps.jobs.when import When
from apps.repositories.models import Repository
from apps.scorecards.models import Scorecard
from tests.apps.jobs.conftest import is_running, wait_until
from tests.apps.jobs.invariants import assert_no_process_is_left
from tests.apps.jobs.processes import kind_of, ours
from tests.apps.repositories.origins import Origin

# The schedule is moved on by hand, long before its own next turn.
LEAP_DAYS = When("0 0 29 2 *", "UTC")
Start = Callable[..., subprocess.Popen[str]]
AUDIT, CHORE = "scorecards.audit", "chores.succeed"
# How often each is hit where all are there. What takes long to start again is hit less often, or nothing else is.
LIKELIHOODS = {"job": 6, "engine": 6, "git": 4, "between": 2, "scheduler": 2, "worker": 1, "the whole tree": 1}
# Written to and fro, so that outcomes flip: the seeds of one are set, the other's are not.
PROGRAMS = (b"import torch\ntorch.manual_seed(1)\n# %d\n", b"import torch\ntorch.rand(3)\n# %d\n")


def register(origin: Origin, team: Team) -> Repository:
    return Repository.objects.create(team=team, name=origin.path.stem, url=str(origin), identity=str(origin))


class Work:
    """Schedules whose next turn we say, each with one job a turn, and the commits that the audits are to find."""

    def __init__(self, folder: Path, repositories: int, chores: int) -> None:
        self.turns: Counter[tuple[str, str]] = Counter()
        self.pushed: dict[str, list[str]] = {}
        self.origins: dict[str, Origin] = {}
        for number in range(repositories):
            origin = Origin(folder / "origins" / f"{number}.git")
            self.add(AUDIT, subject := str(register(origin, Team.objects.default()).pk))
            self.origins[subject], self.pushed[subject] = origin, []
        for number in range(chores):
            self.add(CHORE, str(folder / f"chore-{number}"))

    def add(self, kind: str, subject: str) -> None:
        schedule.plan(kind, subject, LEAP_DAYS)
        self.turns[kind, subject] = 0

    def go_on(self) -> None:
        """Give each that is idle its next turn, an audit with a new commit."""
        for kind, subject in self.turns:
            row = Schedule.objects.filter(kind=kind, subject=subject, next_run_at__gt=timezone.now())
            if row.exists() and not Job.objects.filter(kind=kind, subject=subject, status__in=ACTIVE).exists():
                self.turns[kind, subject] += 1
                if kind == AUDIT:
                    self.push(subject)
                row.update(next_run_at=timezone.now())

    def push(self, subject: str) -> None:
        turn = self.turns[AUDIT, subject]
        self.pushed[subject].append(self.origins[subject].push("main", PROGRAMS[turn % 2] % turn))

    def is_done(self) -> bool:
        overdue = Schedule.objects.filter(next_run_at__lte=timezone.now())
        return not overdue.exists() and not Job.objects.filter(status__in=ACTIVE).exists()

    def assert_each_turn_was_taken_once(self) -> None:
        """One job a turn; the last one, in calm, succeeded; one scorecard of each commit that was audited."""
        for (kind, subject), turns in self.turns.items():
            jobs = list(Job.objects.filter(kind=kind, subject=subject).order_by("pk"))
            assert (len(jobs), jobs[-1].status) == (turns, Status.SUCCEEDED), (kind, jobs[-1].error)
            if kind == AUDIT:
                self.assert_each_commit_was_recorded_once(jobs, self.pushed[subject])

    def assert_each_commit_was_recorded_once(self, jobs: list[Job], commits: list[str]) -> None:
        for job, commit in zip(jobs, commits, strict=True):
            cards = Scorecard.objects.filter(repository_id=job.subject, commit=commit).count()
            if job.status == Status.SUCCEEDED:
                assert (job.result or {})["commit"] == commit
                assert cards == 1
            assert cards <= 1


class Storm:
    """Workers and schedulers that are killed, they or what works for them, and start again."""

    def __init__(self, start: Start, folder: Path, seed: int) -> None:
        self.start, self.folder, self.moments = start, folder, random.Random(seed)
        self.hit: Counter[str] = Counter()
        self.running: dict[str, list[subprocess.Popen[str]]] = {"worker": [], "scheduler": []}

    def keep_up(self, workers: int = 2, schedulers: int = 2) -> None:
        for program, number in (("worker", workers), ("scheduler", schedulers)):
            alive = [each for each in self.running[program] if each.poll() is None]
            missing = number - len(alive)
            self.running[program] = [*alive, *(self.start(program) for _ in range(missing))]

    def kinds(self) -> dict[int, str]:
        """What each process that is there is there for."""
        workers, schedulers = ([each.pid for each in programs] for programs in self.running.values())
        present = ours(self.folder)
        return {pid: kind_of(process, present, workers, schedulers) for pid, process in present.items()}

    def is_at_work(self) -> bool:
        return "job" in self.kinds().values()

    def strike(self) -> None:
        """Kill one process of a kind that is there, or all of them."""
        kinds = self.kinds()
        choice = [kind for kind in LIKELIHOODS if kind in kinds.values()] + ["the whole tree"]
        (kind,) = self.moments.choices(choice, [LIKELIHOODS[each] for each in choice])
        victims = [pid for pid in sorted(kinds) if kinds[pid] == kind]
        self.hit[kind] += 1
        for pid in kinds if kind == "the whole tree" else [self.moments.choice(victims)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill all that we look after; what they look after has to follow by itself."""
        left = set(ours(self.folder))
        for programs in self.running.values():
            for each in programs:
                each.kill()
                each.wait()
        wait_until(lambda: not any(map(is_running, left)))
        assert_no_process_is_left(self.folder)
