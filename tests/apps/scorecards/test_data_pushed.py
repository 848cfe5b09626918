"""From a forgotten `dvc push` to a finding, and back: the real command, a real remote, the job that audits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.accounts.models import User
from apps.jobs.models import Job, Status
from apps.remotes.models import RemoteAccess
from apps.repositories.models import Repository
from apps.scorecards.models import Standing
from tests.apps.scorecards.conftest import work

DVC = Path(sys.executable).with_name("dvc")
CHECK = "dvc/data-pushed"
pytestmark = pytest.mark.usefixtures("db")


class Project:
    """A repository with a file and a folder under DVC, pushed but for what a test takes away."""

    def __init__(self, root: Path, remote: Path) -> None:
        self.root, self.remote = root, remote
        (root / "images").mkdir(parents=True)
        for number in range(3):
            (root / "images" / f"{number}.txt").write_text(f"{number}\n")
        (root / "table.csv").write_text("a,b\n1,2\n")
        self.run("git", "init", "-q", "-b", "main")
        self.run(str(DVC), "init", "-q")
        self.run(str(DVC), "remote", "add", "-q", "-d", "storage", str(remote))
        self.run(str(DVC), "add", "-q", "images", "table.csv")
        self.run(str(DVC), "push", "-q")
        self.run("git", "add", ".")
        self.run("git", "commit", "-q", "-m", "feat: data")

    def run(self, *command: str) -> None:
        people = [f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root.parent), "DVC_NO_ANALYTICS": "1"}
        environment |= dict.fromkeys(people, "ada@example.org")
        subprocess.run(command, cwd=self.root, check=True, capture_output=True, env=environment)

    def objects(self) -> list[Path]:
        """Files of the remote, lists of folders last."""
        found = [path for path in self.remote.rglob("*") if path.is_file()]
        return sorted(found, key=lambda path: (path.suffix, str(path)))


@pytest.fixture
def project(origin: Path, tmp_path: Path) -> Project:
    project = Project(tmp_path / "work", tmp_path / "remote")
    (project.root / ".git").rename(origin)
    return project


@pytest.fixture
def given(repository: Repository, project: Project) -> RemoteAccess:
    access = RemoteAccess(repository=repository, url=str(project.remote))
    access.seal("")
    access.save()
    return access


def outcome(repository: Repository, job: Job) -> tuple[str, str]:
    """Of the check, and what its finding or reason says."""
    assert job.status == Status.SUCCEEDED, job.error
    card = Standing.objects.get(repository=repository).scorecard
    said = next(result for result in card.details.results if result["check"] == CHECK)
    return said["outcome"], " ".join([said["reason"], *(each["message"] for each in said["findings"])])


def test_a_remote_that_nobody_opened_is_unknown(
    repository: Repository, project: Project, audit: Callable[[], Job]
) -> None:
    said, why = outcome(repository, audit())
    assert said == "unknown"
    assert "an administrator can give read access" in why


def test_what_is_pushed_and_what_is_not(
    repository: Repository, project: Project, given: RemoteAccess, audit: Callable[[], Job], tmp_path: Path
) -> None:
    assert len(project.objects()) == 5
    assert outcome(repository, audit())[0] == "passed"
    first = Standing.objects.get(repository=repository).scorecard
    # The same remote seen again is no news.
    audit()
    assert Standing.objects.get(repository=repository).scorecard == first
    for lost in project.objects():
        shutil.move(lost, tmp_path / "lost")
        said, why = outcome(repository, audit())
        assert said == "failed"
        assert str(project.remote) in why
        lost.parent.mkdir(exist_ok=True)
        shutil.move(tmp_path / "lost", lost)
    assert outcome(repository, audit())[0] == "passed"
    assert "context" in Standing.objects.get(repository=repository).scorecard.causes


def test_a_remote_that_is_gone_says_so(
    repository: Repository, project: Project, given: RemoteAccess, audit: Callable[[], Job]
) -> None:
    shutil.rmtree(project.remote)
    said, why = outcome(repository, audit())
    assert said == "unknown"
    assert str(project.remote) in why


def test_an_administrator_gives_access(
    client: Client, repository: Repository, project: Project, settings: Settings, tmp_path: Path
) -> None:
    settings.CREDENTIAL_KEYS, settings.CREDENTIAL_KEY_FILE = [], tmp_path / "keys"
    client.force_login(User.objects.create_superuser("root"))
    page = reverse("admin:remotes_remoteaccess_add")
    fields = {"repository": str(repository.pk), "endpoint": "", "region": "", "user": "", "secret": "canary-9"}
    assert f"churn (Default team, {repository.url})" in client.get(page).content.decode()
    refused = client.post(page, {**fields, "url": "ftp://data"})
    assert "Enter s3://" in refused.content.decode()
    assert client.post(page, {**fields, "url": str(project.remote)}).status_code == 302
    access = RemoteAccess.objects.get()
    assert access.unseal() == "canary-9"
    assert "canary" not in access.sealed
    for name in ("changelist", "change"):
        arguments = [access.pk] if name == "change" else []
        shown = client.get(reverse(f"admin:remotes_remoteaccess_{name}", args=arguments))
        assert "canary" not in shown.content.decode()
        assert access.sealed not in shown.content.decode()
    job = Job.objects.get(subject=str(repository.pk))
    assert outcome(repository, work(job))[0] == "passed"
