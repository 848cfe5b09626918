"""A secret is nowhere to be found, however a fetch ends: in the database, logs, mails, pages, files and processes."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.access import host_keys
from apps.access.models import Credential, HostKey
from apps.accounts.models import User
from apps.jobs.models import ACTIVE, Job, Status
from apps.jobs.pool import Pool
from apps.repositories.models import Repository, State
from tests.apps.access.conftest import TOKEN, watch
from tests.apps.jobs.conftest import pool, turn_until
from tests.servers import answers, https, ssh

__all__ = ["pool"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
ENDINGS = {
    "success": State.READY,
    "refused": State.NO_ACCESS,
    "late": State.TOO_SLOW,
    "killed": State.CLONING,
}


class Processes(threading.Thread):
    """Looks at the command lines and environments of all processes again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[bytes] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.001):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    with suppress(OSError):
                        self.seen.add((process / name).read_bytes())


@contextmanager
def watched() -> Iterator[Processes]:
    processes = Processes()
    processes.start()
    try:
        yield processes
    finally:
        processes.over.set()
        processes.join()


def spellings(secret: str, user: str) -> list[bytes]:
    """As a leak could show it: plainly, quoted, or as HTTP puts it."""
    pair = f"{user}:{secret}".encode()
    encoded = [base64.b64encode(each) for each in (secret.encode(), pair)]
    return [secret.encode(), quote(secret, safe="").encode(), quote(secret).encode(), *encoded]


@pytest.fixture
def evidence(tmp_path: Path, settings: Settings, capfd: pytest.CaptureFixture[str]) -> Evidence:
    return Evidence([tmp_path, Path(settings.DATA)], capfd)


@dataclass
class Evidence:
    """All that is kept and shown, by name."""

    folders: list[Path]
    captured: pytest.CaptureFixture[str]

    def is_free_of(self, secrets: list[bytes], repository: Repository, processes: Processes) -> None:
        assert secrets
        assert not self.files_with(secrets)
        for source in (self.rows(), self.pages(repository), self.said(processes)):
            assert not [place for place, content in source if any(secret in content for secret in secrets)]

    def rows(self) -> Iterator[tuple[str, bytes]]:
        for model in apps.get_models():
            yield model.__name__, repr(list(model._base_manager.values())).encode()

    def files_with(self, secrets: list[bytes]) -> str:
        """Read by another process: closing a file of SQLite's here would drop our locks of it."""
        command = ["grep", "--recursive", "--text", "--fixed-strings", "--files-with-matches", "--file=-"]
        command += map(str, self.folders)
        return subprocess.run(command, input=b"\n".join(secrets), capture_output=True).stdout.decode()

    def pages(self, repository: Repository) -> Iterator[tuple[str, bytes]]:
        administrator = Client()
        administrator.force_login(User.objects.create_superuser("root"))
        tables = [reverse(f"admin:{name}_changelist") for name in ("jobs_job", "access_credential", "access_hostkey")]
        rows = [reverse("admin:jobs_job_change", args=[job.pk]) for job in Job.objects.all()]
        own = [reverse(name, args=[repository.pk]) for name in ("repository", "repository_access", "edit_repository")]
        for page in (reverse("fleet"), *tables, *rows, *own):
            answer = administrator.get(page)
            assert answer.status_code == 200
            yield page, answer.content

    def said(self, processes: Processes) -> Iterator[tuple[str, bytes]]:
        yield "the mails", repr([vars(each) for each in mail.outbox]).encode()
        yield "the log", "".join(self.captured.readouterr()).encode()
        yield from (("a process", each) for each in processes.seen)


def audit(workers: Pool, ending: str, shown: Callable[[], Any]) -> None:
    """Let a worker fetch, and kill the job as soon as git shows the secret to the server where it ends like that."""
    if ending == "killed":
        turn_until(workers, shown)
        (child,) = workers.children
        os.killpg(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        workers.look_after(child)
        Job.objects.filter(status__in=ACTIVE).update(status=Status.CANCELLED)  # it would be tried again at once
    else:
        turn_until(workers, lambda: not Job.objects.filter(status__in=ACTIVE, attempts=0).exists())


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token(
    ending: str,
    pool: Callable[..., Pool],
    reader: Client,
    repository: Repository,
    web: https.Server,
    evidence: Evidence,
    settings: Settings,
) -> None:
    shown = threading.Event()
    silence = answers.require("git", TOKEN, answers.watch(answers.silent(), shown, threading.Event()))
    web.answer = {"success": web.answer, "refused": answers.echo(403)}.get(ending, silence)
    settings.FETCH_SECONDS = 2 if ending == "late" else 30
    reader.post(reverse("repository_access", args=[repository.pk]), {"token": TOKEN, "scope": "repository"})
    Job.objects.filter(kind="access.test").delete()
    with watched() as processes:
        audit(pool(), ending, shown.is_set)
    repository.refresh_from_db()
    assert repository.state == ENDINGS[ending]
    assert any(hit.authorization for hit in web.hits)
    assert any(b"remote-https" in each for each in processes.seen)
    evidence.is_free_of(spellings(TOKEN, "git"), repository, processes)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_deploy_key(
    ending: str,
    pool: Callable[..., Pool],
    reader: Client,
    sshd: ssh.Server,
    lead: User,
    evidence: Evidence,
    settings: Settings,
) -> None:
    repository = watch(sshd.url("origin"), lead)
    reader.post(reverse("make_deploy_key", args=[repository.pk]), {"scope": "repository"})
    credential, server = Credential.objects.get(), repository.origin.removeprefix("ssh://")
    host_keys.note(server, [f"{key.type} {key.base64}" for key in sshd.host_keys])
    host_keys.confirm(HostKey.objects.get(), lead)
    if ending != "refused":
        sshd.authorise(credential.public_key)
    sshd.silent = ending in {"late", "killed"}
    settings.FETCH_SECONDS = 2 if ending == "late" else 30
    with watched() as processes:
        audit(pool(), ending, lambda: sshd.connections)
    repository.refresh_from_db()
    assert repository.state == ENDINGS[ending]
    assert any(b"IdentityFile=/proc/" in each for each in processes.seen)
    lines = credential.unseal().splitlines()[1:-1]
    # Of the first lines a part is the public key.
    evidence.is_free_of([line.encode() for line in lines[2:]], repository, processes)
