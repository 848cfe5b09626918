"""Every hostile repository, from its registration to its scorecard, by a real worker."""

from __future__ import annotations

import socketserver
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings

from apps.accounts.models import Team
from apps.jobs.models import ACTIVE, Job, Status
from apps.jobs.queue import enqueue
from apps.repositories.models import Repository
from apps.scorecards.models import Standing
from tests.apps.jobs.conftest import environment, wait_until
from tests.hostile import Danger, Place, contents, objects
from tests.hostile.objects import begin
from tests.servers.loopback import Loopback

__all__ = ["environment"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DANGERS = contents.DANGERS | objects.DANGERS
MOST_MEMORY = 300_000  # kilobytes, of any process that the worker starts
# Runs a command until it is told to stop, and prints what its largest process held: started by us, a process would
# count what we held ourselves.
MEASURED = """
import resource, signal, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: process.terminate())
process.wait()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class Called(socketserver.BaseRequestHandler):
    """Notes that somebody came."""

    calls: ClassVar[list[Any]] = []

    def handle(self) -> None:
        self.calls.append(self.client_address)


@pytest.fixture
def address() -> Iterator[str]:
    """Where nobody should ask anything."""
    server = Loopback(Called)
    with server.running():
        yield f"http://127.0.0.1:{server.port}"
    assert Called.calls == []


@pytest.fixture
def built(tmp_path: Path, address: str, environment: dict[str, str]) -> dict[str, Repository]:
    """Each dangerous repository, registered, and an honest one to compare it with."""
    environment["MLHEALTH_LOCAL_ROOTS"] = str(tmp_path / "origins")
    everything = {"honest": Danger(lambda place: void(begin(place)))} | DANGERS
    repositories = {}
    for name, danger in everything.items():
        path = tmp_path / "origins" / name.replace(" ", "-")
        danger.build(Place(path, tmp_path / "canary", address))
        values = {"name": name, "url": str(path), "identity": str(path)}
        repositories[name] = Repository.objects.create(team=Team.objects.default(), **values)
    return repositories


def void(_: object) -> None:
    """For a build that gives something nobody wants."""


def test_nothing_that_a_repository_holds_does_harm(
    built: dict[str, Repository], environment: dict[str, str], tmp_path: Path
) -> None:
    for repository in built.values():
        enqueue("scorecards.audit", str(repository.pk))
    command = [sys.executable, "-c", MEASURED, sys.executable, "manage.py", "worker"]
    worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, text=True, stdout=subprocess.PIPE)
    try:
        wait_until(lambda: not Job.objects.filter(status__in=ACTIVE).exists(), patience=300)
        assert worker.poll() is None
    finally:  # it would go on with the jobs of the next tests
        worker.terminate()
        said, _ = worker.communicate()
    assert int(said.splitlines()[-1]) < MOST_MEMORY
    assert not (tmp_path / "canary").exists()
    collected = Job.objects.filter(kind="experiments.collect")
    assert collected.filter(subject=str(built["honest"].pk)).exists()
    assert not {job.error for job in collected.exclude(status=Status.SUCCEEDED)}
    honest = Standing.objects.get(repository=built["honest"]).outcomes
    faults = {name: fault for name, danger in DANGERS.items() if (fault := wrong(built[name], danger, honest))}
    assert faults == {}


def wrong(repository: Repository, danger: Danger, honest: dict[str, str]) -> str:
    """What is not as it should be."""
    repository.refresh_from_db()
    if repository.state != danger.state:
        return f"{repository.state}: {repository.state_detail}"
    if danger.state != "ready":
        return "" if danger.words in repository.state_detail else repository.state_detail
    card = repository.standing.scorecard
    results = {each["check"]: each for each in card.details.results}
    if danger.check:
        result = results[danger.check]
        said = " ".join([result["reason"], *(f"{each['path']}: {each['message']}" for each in result["findings"])])
        if result["outcome"] != danger.outcome or danger.words not in said:
            return f"{danger.check}: {result['outcome']}: {said}"
    rest = {slug for slug in honest if slug != danger.check and not slug.startswith(danger.about)}
    changed = {slug: card.outcomes[slug] for slug in rest if card.outcomes[slug] not in {honest[slug], "unknown"}}
    return str(changed or "")
