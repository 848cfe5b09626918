"""What happens to a repository's branches: each is told with its date, and the last result is kept."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job, Status
from apps.repositories import mirror
from apps.repositories.example.story import commit
from apps.repositories.models import Repository, State
from apps.scorecards.models import Scorecard, Standing
from tests.apps.scorecards.conftest import BEGIN, WRITER

Run = Callable[[], Job]
Push = Callable[..., dict[Any, str]]


def git(origin: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(origin), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def page(reader: Client, repository: Repository) -> str:
    return reader.get(reverse("repository", args=[repository.pk])).content.decode()


def test_a_push_is_nothing_special(card: Scorecard, push: Push, audit: Run, repository: Repository) -> None:
    push([BEGIN, WRITER, commit("2024-03-01", "fix: drop model", delete=["models/m.pkl"])])
    audit()
    repository.refresh_from_db()
    assert (repository.state, repository.notice, repository.noticed_at) == (State.READY, "", None)


def test_the_default_branch_is_renamed(
    card: Scorecard, audit: Run, repository: Repository, origin: Path, reader: Client
) -> None:
    git(origin, "branch", "-m", "main", "trunk")
    audit()
    repository.refresh_from_db()
    assert (repository.state, repository.default_branch) == (State.READY, "trunk")
    assert repository.notice == "Its default branch is now trunk; it was main."
    assert repository.noticed_at is not None
    assert "Its default branch is now trunk; it was main." in page(reader, repository)
    Repository.objects.update(noticed_at=timezone.now() - timedelta(days=15))
    assert "it was main" not in page(reader, repository)


def test_history_is_rewritten(card: Scorecard, push: Push, audit: Run, repository: Repository, reader: Client) -> None:
    lost = repository.__class__.objects.get().head
    push([BEGIN, commit("2024-02-02", "feat: another past", {"a.py": "x = 1\n"})])
    audit()
    repository.refresh_from_db()
    assert repository.head != lost
    assert f"commit {lost[:7]}, the last one seen, is no longer part of it" in repository.notice
    assert "Its history was rewritten" in page(reader, repository)
    assert Scorecard.objects.count() == 2


def test_all_branches_are_gone_and_come_back(
    card: Scorecard,
    audit: Run,
    repository: Repository,
    origin: Path,
    reader: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mirror, "SECOND_LOOK_SECONDS", 0)
    tip = git(origin, "rev-parse", "main")
    git(origin, "update-ref", "-d", "refs/heads/main")
    assert audit().status == Status.SUCCEEDED
    repository.refresh_from_db()
    assert (repository.state, repository.head) == (State.EMPTY, tip)
    assert Standing.objects.get().scorecard == card
    shown = page(reader, repository)
    assert "All its branches are gone" in shown
    assert "What is shown is the last result" in shown
    git(origin, "update-ref", "refs/heads/main", tip)
    audit()
    repository.refresh_from_db()
    assert (repository.state, repository.notice) == (State.READY, "")
    assert Scorecard.objects.get() == card


def test_branches_that_are_gone_for_a_moment_are_not_missed(
    card: Scorecard, audit: Run, repository: Repository, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = git(origin, "rev-parse", "main")
    git(origin, "update-ref", "-d", "refs/heads/main")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        git(origin, "update-ref", "refs/heads/main", tip)

    monkeypatch.setattr(time, "sleep", pause)
    audit()
    repository.refresh_from_db()
    assert pauses == [mirror.SECOND_LOOK_SECONDS]
    assert repository.state == State.READY
    assert Scorecard.objects.get() == card
