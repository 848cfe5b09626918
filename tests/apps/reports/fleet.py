"""Repositories with a past, as audits would have left them, without audits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.accounts.models import Team
from apps.audit import catalog
from apps.audit.check import Outcome
from apps.audit.policy import Policy
from apps.audit.score import evaluate
from apps.repositories.models import Repository
from apps.scorecards.models import Details, Scorecard, Standing
from apps.scorecards.record import note_flips

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)
CHECKS = list(catalog.checks())


def watch(name: str, team: Team | None = None, **more: Any) -> Repository:
    """A repository that was registered."""
    team = team or Team.objects.default()
    return Repository.objects.create(team=team, name=name, url=f"https://x.org/{name}", identity=name, **more)


def judge(failing: set[str], checks: list[str] = CHECKS) -> dict[str, str]:
    """Outcomes of which these fail."""
    return {slug: Outcome.FAILED if slug in failing else Outcome.PASSED for slug in checks}


def audited(repository: Repository, at: datetime, failing: set[str], **more: Any) -> Scorecard:
    """One more audit of the repository, in which these checks failed."""
    standing = Standing.objects.select_related("scorecard").filter(repository=repository).first()
    former, outcomes = standing.scorecard if standing else None, judge(failing)
    total = evaluate({slug: Outcome(outcome) for slug, outcome in outcomes.items()}, Policy())
    shared: dict[str, Any] = {
        "score": total.score,
        "grade": total.grade,
        "delta": round((total.score or 0) - (former.score or 0), 1) if former else None,
        "complete": True,
        "areas": [vars(area) for area in total.areas],
        "outcomes": outcomes,
    }
    card = Scorecard.objects.create(
        repository=repository,
        commit=more.pop("commit", f"{Scorecard.objects.count():040x}"),
        committed_at=at,
        recorded_at=at,
        causes=more.pop("causes", ["repository"] if former else []),
        measures={},
        details=Details.keep(repository, [], {}),
        **shared,
    )
    note_flips(card, former, at)
    known = {"scorecard": card, "seen": "", "audited_at": at, "committed_at": at, **shared, **more}
    Standing.objects.update_or_create(repository=repository, defaults=known)
    Repository.objects.filter(pk=repository.pk).update(state="ready")
    return card


def days(number: float) -> timedelta:
    return timedelta(days=number)
