from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Team
from apps.alerts.models import Kind, Rule
from apps.jobs.queue import enqueue
from apps.outbox.models import Channel
from apps.repositories.models import Repository, State
from apps.scorecards.models import Details, Flip, Scorecard, Standing
from tests.apps.outbox.conftest import channel, keys, lead, mailbox, team, work

__all__ = ["channel", "keys", "lead", "mailbox", "team"]
Stand = Callable[..., Repository]


@pytest.fixture
def rule(team: Team, channel: Channel) -> Rule:
    """All kinds, at once."""
    made = Rule.objects.create(team=team, kinds=list(Kind.values), time_zone="UTC")
    made.channels.add(channel)
    return made


@pytest.fixture
def stand(team: Team) -> Stand:
    """Has a repository stand as if it was audited just now, by its grade, and checks with their outcomes."""

    def stand(name: str, grade: str = "B", findings: dict[str, str] | None = None, **outcomes: str) -> Repository:
        repository, _ = Repository.objects.get_or_create(
            team=team, name=name, defaults={"url": f"https://x.org/{name}", "identity": name, "state": "ready"}
        )
        by_check = {slug.replace("__", "/").replace("_", "-"): outcome for slug, outcome in outcomes.items()}
        results = [
            {"check": slug, "outcome": outcome, "findings": found(findings or {})} for slug, outcome in by_check.items()
        ]
        now, commit = timezone.now(), f"{Scorecard.objects.count():040x}"
        shared: dict[str, Any] = {"grade": grade, "score": 80, "areas": [], "outcomes": by_check, "complete": True}
        card = Scorecard.objects.create(
            repository=repository, commit=commit, recorded_at=now, committed_at=now, measures={},
            causes=["repository"], details=Details.keep(repository, results, {}), **shared,
        )  # fmt: skip
        Flip.objects.create(
            repository=repository,
            scorecard=card,
            check_slug="reproducibility/dependencies-locked",
            before="passed",
            after="failed",
            at=now,
        )
        Standing.objects.update_or_create(
            repository=repository,
            defaults={"scorecard": card, "seen": "x", "audited_at": now, "committed_at": now, **shared},
        )
        return repository

    return stand


def found(findings: dict[str, str]) -> list[dict[str, Any]]:
    return [{"path": path, "line": 3, "message": message} for path, message in findings.items()]


def enter(repository: Repository, state: State, detail: str = "") -> None:
    repository.refresh_from_db()
    repository.enter(state, detail)


def look() -> None:
    """The schedule comes round."""
    enqueue("alerts.look", "all")
    work()
