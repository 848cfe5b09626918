"""A scorecard as a page reads it: verdict, reason, next step, then every check with its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.audit import catalog
from apps.audit.check import Check, Outcome
from apps.audit.policy import Policy
from apps.audit.score import Fix, first_fixes
from apps.repositories.models import Repository
from apps.scorecards.models import Flip, Scorecard

# Of a flip's scorecard, only what caused it is shown.
SLIM_FLIP = tuple(field.name for field in Flip._meta.concrete_fields)
ORDER = (Outcome.FAILED, Outcome.ERRORED, Outcome.UNKNOWN, Outcome.PASSED, Outcome.NOT_APPLICABLE)
MOST_FIXES, MOST_FLIPS = 5, 2000
CAUSES = {
    "repository": "the repository changed",
    "rules": "mlhealth's checks changed",
    "thresholds": "the thresholds changed",
    "waivers": "a waiver changed",
    "context": "its branches or tags, or what its DVC remote holds, changed",
}


@dataclass(frozen=True)
class Place:
    """A finding or a piece of evidence; `url` is the forge's page of the line, or empty."""

    message: str
    path: str
    line: int | None
    fix: str
    url: str


@dataclass(frozen=True)
class Row:
    """One check's result. `check` is None when this version no longer has it; `since` when it began to fail."""

    slug: str
    title: str
    outcome: Outcome
    reason: str
    weight: float
    effort: str
    findings: list[Place]
    evidence: list[Place]
    check: type[Check] | None
    since: Flip | None

    @property
    def area(self) -> str:
        return self.slug.partition("/")[0]


@dataclass(frozen=True)
class Group:
    """The checks of one outcome, the heaviest first."""

    outcome: Outcome
    rows: list[Row]


@dataclass(frozen=True)
class Report:
    """Everything that the page of a scorecard shows."""

    card: Scorecard
    because: str
    moved: list[Flip]
    areas: list[dict[str, Any]]
    fixes: list[Fix]
    groups: list[Group]
    rows: Mapping[str, Row]


def report(repository: Repository, card: Scorecard, policy: Policy, *, area: str = "") -> Report:
    """The report on a scorecard whose details are loaded; `area` limits its checks to one area."""
    past = Flip.objects.filter(repository=repository, at__lte=card.recorded_at).select_related("scorecard")
    flips = list(past.only(*SLIM_FLIP, "scorecard__causes")[:MOST_FLIPS])
    every = read_rows(repository, card, policy, flips)
    rows = [row for row in every if area in {"", row.area}]
    outcomes = {slug: Outcome(outcome) for slug, outcome in card.outcomes.items()}
    groups = [Group(outcome, [row for row in rows if row.outcome is outcome]) for outcome in ORDER]
    return Report(
        card=card,
        because=because(card.causes),
        # A scorecard that came back has flips of its former time too.
        moved=[flip for flip in flips if flip.scorecard_id == card.pk and flip.at == card.recorded_at],
        areas=card.areas,
        fixes=[fix for fix in first_fixes(outcomes, policy) if fix.gain > 0][:MOST_FIXES],
        groups=[group for group in groups if group.rows],
        rows={row.slug: row for row in every},
    )


def because(causes: Iterable[str]) -> str:
    """Why a scorecard differs from the one before it."""
    return " and ".join(CAUSES.get(cause, cause) for cause in causes)


def read_rows(repository: Repository, card: Scorecard, policy: Policy, flips: list[Flip]) -> list[Row]:
    """Every result of a scorecard, the heaviest checks first."""
    since = dict[str, Flip]()
    for flip in flips:  # youngest first
        since.setdefault(flip.check_slug, flip)
    rows = [read_row(repository, card, policy, result, since) for result in card.details.results]
    return sorted(rows, key=lambda row: (-row.weight, row.slug))


def read_row(
    repository: Repository, card: Scorecard, policy: Policy, result: Mapping[str, Any], since: Mapping[str, Flip]
) -> Row:
    slug = result["check"]
    check = catalog.checks().get(slug)
    return Row(
        slug=slug,
        title=result["title"],
        outcome=Outcome(result["outcome"]),
        reason=result["reason"],
        weight=policy.weight(check) if check else 0,
        effort=result["effort"],
        findings=list(places(repository, card.commit, result["findings"])),
        evidence=list(places(repository, card.commit, result["evidence"])),
        check=check,
        since=since.get(slug) if result["outcome"] == Outcome.FAILED else None,
    )


def places(repository: Repository, commit: str, items: list[dict[str, Any]]) -> Iterator[Place]:
    for item in items:
        url = repository.link(commit, item["path"], item["line"]) if item["path"] else ""
        yield Place(item["message"], item["path"], item["line"], item.get("fix", ""), url)
