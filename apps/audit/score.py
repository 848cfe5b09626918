"""From outcomes to scores, grades and what to fix first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.audit import catalog
from apps.audit.check import Check, Effort, Outcome
from apps.audit.policy import Policy

JUDGED = {Outcome.PASSED, Outcome.FAILED}
INCOMPLETE = {Outcome.UNKNOWN, Outcome.ERRORED}
# What a minute's, an hour's and a day's work weigh against each other when fixes are ranked.
COST = {Effort.MINUTES: 1, Effort.HOURS: 4, Effort.DAYS: 16}


@dataclass(frozen=True)
class AreaScore:
    """`score` is 0 to 100, and None where nothing was judged."""

    area: str
    title: str
    score: float | None
    grade: str
    passed: int
    judged: int


@dataclass(frozen=True)
class Score:
    """`score` is 0 to 100 with one decimal, and None where nothing was judged at all."""

    score: float | None
    grade: str
    complete: bool
    areas: tuple[AreaScore, ...]


@dataclass(frozen=True)
class Fix:
    """A failed check and how many points of the overall score mending it alone brings."""

    check: type[Check]
    gain: float


def evaluate(outcomes: Mapping[str, Outcome], policy: Policy) -> Score:
    """Area score = 100 * weight won / weight judged; overall = mean of the areas, weighted by the policy."""
    areas = tuple(area_score(area, outcomes, policy) for area in catalog.areas().values())
    score = overall(areas, policy)
    complete = not any(outcome in INCOMPLETE and not is_opt_in(slug) for slug, outcome in outcomes.items())
    return Score(score, "" if score is None else policy.grade(score), complete, areas)


def overall(areas: Iterable[AreaScore], policy: Policy) -> float | None:
    return rounded(mean((policy.areas.get(each.area, 1.0), each.score) for each in areas if each.score is not None))


def is_opt_in(slug: str) -> bool:
    return slug in catalog.checks() and catalog.checks()[slug].opt_in


def area_score(area: catalog.Area, outcomes: Mapping[str, Outcome], policy: Policy) -> AreaScore:
    judged = [check for check in area.checks if outcomes.get(check.slug) in JUDGED]
    won = [check for check in judged if outcomes[check.slug] is Outcome.PASSED]
    score = rounded(mean((policy.weight(check), 100.0 * (check in won)) for check in judged))
    return AreaScore(area.slug, area.title, score, "" if score is None else policy.grade(score), len(won), len(judged))


def mean(weighted: Iterable[tuple[float, float]]) -> float | None:
    pairs = list(weighted)
    total = sum(weight for weight, _ in pairs)
    return sum(weight * value for weight, value in pairs) / total if total else None


def rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)


def first_fixes(outcomes: Mapping[str, Outcome], policy: Policy) -> list[Fix]:
    """Failed checks, those with the most points for the least work first."""
    now = evaluate(outcomes, policy)
    fixes = []
    for slug, outcome in outcomes.items():
        if outcome is Outcome.FAILED and slug in catalog.checks():
            check = catalog.checks()[slug]
            mended = area_score(catalog.areas()[check.area], {**outcomes, slug: Outcome.PASSED}, policy)
            better = overall([mended if each.area == check.area else each for each in now.areas], policy)
            fixes.append(Fix(check, round((better or 0.0) - (now.score or 0.0), 1)))
    return sorted(fixes, key=lambda fix: (-fix.gain / COST[fix.check.effort], fix.check.slug))
