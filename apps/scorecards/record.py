"""Keeps an audit as a scorecard and moves the repository's standing to it. Call inside one (fenced) transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.audit.check import Outcome
from apps.audit.policy import Policy
from apps.audit.score import evaluate
from apps.audit.snapshot import Json
from apps.repositories.models import Repository
from apps.scorecards.models import Details, Flip, Scorecard, Standing

WEEKS = 52
CAUSES = {"engine": "rules", "policy": "thresholds", "context": "context", "commit": "repository"}


def record(repository: Repository, audit: Json, policy: Policy, seen: str) -> Scorecard:
    """The scorecard of an audit that is in the engine's form. The same audit again changes nothing."""
    kept = [{name: value for name, value in result.items() if name != "weight"} for result in audit["results"]]
    fields = Fields(
        key={name: audit[name] for name in CAUSES},
        thresholds=policy.outcome_digest,
        committed_at=datetime.fromisoformat(audit["committed_at"]),
        outcomes={result["check"]: result["outcome"] for result in audit["results"]},
        measures=audit["measures"],
        details=Details.keep(repository, kept, audit["facts"]),
    )
    return move(repository, fields, policy, seen)


def rescore(standing: Standing, policy: Policy) -> Scorecard:
    """The present scorecard under a policy that changes weights, areas or grades only: no audit is needed."""
    card = standing.scorecard
    fields = Fields(
        key={name: getattr(card, name) for name in CAUSES} | {"policy": policy.digest},
        thresholds=card.thresholds,
        committed_at=card.committed_at,
        outcomes=card.outcomes,
        measures=card.measures,
        details=card.details,
    )
    *seen, _ = standing.seen.split(" ")
    return move(standing.repository, fields, policy, " ".join([*seen, policy.digest]))


@dataclass(frozen=True)
class Fields:
    """What a scorecard says, apart from what follows from it."""

    key: Mapping[str, Any]
    thresholds: str
    committed_at: datetime
    outcomes: Mapping[str, str]
    measures: Mapping[str, float]
    details: Details


def move(repository: Repository, fields: Fields, policy: Policy, seen: str) -> Scorecard:
    """Make the scorecard of these fields the repository's present one."""
    before = Standing.objects.select_related("scorecard").filter(repository=repository).first()
    if before and all(getattr(before.scorecard, name) == value for name, value in fields.key.items()):
        confirm(before, seen)
        return before.scorecard
    now, former = timezone.now(), before.scorecard if before else None
    total = evaluate({slug: Outcome(outcome) for slug, outcome in fields.outcomes.items()}, policy)
    causes = [cause for name, cause in CAUSES.items() if former and getattr(former, name) != fields.key[name]]
    moved = former and total.score is not None and former.score is not None
    values = {
        "thresholds": fields.thresholds,
        "committed_at": fields.committed_at,
        "recorded_at": now,
        "score": total.score,
        "grade": total.grade,
        "complete": total.complete,
        "areas": [vars(area) for area in total.areas],
        "outcomes": fields.outcomes,
        "measures": fields.measures,
        "causes": causes,
        "delta": round(total.score - former.score, 1) if moved and former else None,  # type: ignore[operator]
        "details": fields.details,
    }
    # A repository that goes back to a former state has its former scorecard again.
    card, _ = Scorecard.objects.update_or_create(repository=repository, **fields.key, defaults=values)
    note_flips(card, former, now)
    stand(card, before, seen)
    return card


def confirm(standing: Standing, seen: str) -> None:
    """Note that the repository still stands where it stood."""
    now = timezone.now()
    weekly = weeks(standing.score, now, standing)
    Standing.objects.filter(pk=standing.pk).update(seen=seen, audited_at=now, weeks=weekly)


def note_flips(card: Scorecard, former: Scorecard | None, now: datetime) -> None:
    """Which commit made each is not known yet where there are several since the scorecard before."""
    old = former.outcomes if former else {}
    by_commit = former is not None and "repository" in card.causes
    Flip.objects.bulk_create(
        Flip(
            repository_id=card.repository_id,
            scorecard=card,
            check_slug=slug,
            before=old[slug],
            after=after,
            at=now,
            commit=card.commit if by_commit else "",
            since_commit=former.commit if former and by_commit else "",
            committed_at=card.committed_at if by_commit else None,
        )
        for slug, after in card.outcomes.items()
        if slug in old and old[slug] != after
    )


def stand(card: Scorecard, before: Standing | None, seen: str) -> None:
    """Bring the one row that lists read up to date."""
    same = ("score", "grade", "delta", "complete", "committed_at", "areas", "outcomes")
    values = {name: getattr(card, name) for name in same}
    values |= {"scorecard": card, "seen": seen, "audited_at": card.recorded_at}
    values["weeks"] = weeks(card.score, card.recorded_at, before)
    Standing.objects.update_or_create(repository_id=card.repository_id, defaults=values)


def weeks(score: float | None, now: datetime, before: Standing | None) -> list[float | None]:
    """The scores at the ends of the last weeks, this one's last."""
    if before is None:
        return [*[None] * (WEEKS - 1), score]
    passed = week_of(now) - week_of(before.audited_at)
    kept = [*before.weeks, *[before.score] * passed]
    return [*kept[:-1], score][-WEEKS:]


def week_of(moment: datetime) -> int:
    """Weeks since the calendar began; they start on Mondays."""
    return (moment.date() - timedelta(days=moment.weekday())).toordinal() // 7
