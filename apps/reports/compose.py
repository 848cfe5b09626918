"""From rows to the contents of a report. It reads what the caller may see, and writes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from django.utils.text import slugify

from apps.audit import catalog
from apps.audit.check import Outcome
from apps.audit.policy import Policy
from apps.audit.score import COST, first_fixes
from apps.policies.models import current
from apps.reports.contents import MOST, Area, Contents, Move, Named, Rank, Step, Trouble, Turn, Verdict
from apps.reports.courses import Course, Period, courses
from apps.reports.trials import trials
from apps.reports.turns import turns
from apps.repositories.models import UNDER_WAY, Repository, RepositoryQuerySet, State
from apps.scorecards.models import Standing
from apps.scorecards.record import weeks

READABLE = {*UNDER_WAY, State.READY, State.EMPTY}
# Audits are due every day, so one may be a little late for a report of a day.
LEAST_LATE = timedelta(days=2)
TREND_WEEKS, MOST_STEPS, MOST_LOWEST, MOST_CHECKS, MOST_PLACES = 26, 5, 5, 3, 3
# What to mend first is asked of this many repositories: those with the lowest scores.
WEIGHED = 100


def compose(visible: RepositoryQuerySet, title: str, period: Period) -> Contents:
    """The report on all of `visible` over a period."""
    mine = visible.select_related("standing").order_by("name", "pk")
    policy, every = current(), courses(mine, period)
    failures, fixes = turns(mine, period)
    standings = [each.repository.standing for each in every if hasattr(each.repository, "standing")]
    lists: dict[str, Sequence[Any]] = {
        "rose": moves([each for each in every if (each.change or 0) > 0], fixes, policy),
        "fell": moves([each for each in every if (each.change or 0) < 0], failures, policy),
        "failures": failures,
        "fixes": fixes,
        "trials": trials(mine, period),
        "unreachable": [trouble(each.repository) for each in every if each.repository.state not in READABLE],
        "unaudited": [trouble(each.repository) for each in every if is_late(each.repository, period)],
    }
    counts = {name: len(found) for name, found in lists.items()}
    return Contents(
        title=title,
        since=period.since,
        until=period.until,
        zone=period.zone,
        verdict=verdict(every, policy),
        trend=trend(standings, period),
        areas=areas(standings, policy),
        steps=steps(every, policy),
        lowest=lowest(every, policy),
        counts=counts | {"runs": sum(each.runs for each in lists["trials"])},
        **{name: found[:MOST] for name, found in lists.items()},
    )


def verdict(every: Sequence[Course], policy: Policy) -> Verdict:
    scores = [each.score for each in every if each.score is not None]
    changes = [each.change for each in every if each.change is not None]
    score = mean(scores)
    letters = Counter(policy.grade(score) for score in scores)
    return Verdict(
        score=score,
        grade="" if score is None else policy.grade(score),
        change=mean(changes),
        repositories=len(every),
        audited=len(scores),
        grades=dict(sorted(letters.items())),
    )


def mean(numbers: Iterable[float | None]) -> float | None:
    found = [number for number in numbers if number is not None]
    return round(sum(found) / len(found), 1) if found else None


def trend(standings: Sequence[Standing], period: Period) -> list[float | None]:
    """The mean score at the end of each of the last weeks, oldest first; empty where there are no two to compare."""
    back = [weeks(standing.score, period.until, standing)[: -TREND_WEEKS - 1 : -1] for standing in standings]
    found = [mean(week) for week in zip_longest(*back)][::-1]
    return found if sum(score is not None for score in found) > 1 else []


def areas(standings: Sequence[Standing], policy: Policy) -> list[Area]:
    scores = defaultdict[str, list[float | None]](list)
    for standing in standings:
        for each in standing.areas:
            scores[each["area"]].append(each["score"])
    known = [(area, mean(scores[area.slug])) for area in catalog.areas().values()]
    return [Area(area.title, score, policy.grade(score)) for area, score in known if score is not None]


def steps(every: Sequence[Course], policy: Policy) -> list[Step]:
    """What brings most for the least work, over all."""
    scored = sorted((each for each in every if each.score is not None), key=lambda each: each.score or 0)
    failing = Counter(
        slug
        for each in scored
        for slug, outcome in each.repository.standing.outcomes.items()
        if outcome == Outcome.FAILED
    )
    gains = defaultdict[str, list[tuple[float, Repository]]](list)
    for each in scored[:WEIGHED]:
        outcomes = {slug: Outcome(outcome) for slug, outcome in each.repository.standing.outcomes.items()}
        for fix in first_fixes(outcomes, policy):
            if fix.gain > 0:
                gains[fix.check.slug].append((fix.gain, each.repository))
    ranked = sorted(gains, key=lambda slug: (-worth(slug, gains[slug]), slug))
    return [step(slug, gains[slug], failing[slug]) for slug in ranked[:MOST_STEPS]]


def worth(slug: str, gains: Sequence[tuple[float, Repository]]) -> float:
    return sum(gain for gain, _ in gains) / COST[catalog.checks()[slug].effort]


def step(slug: str, gains: Sequence[tuple[float, Repository]], failing: int) -> Step:
    check = catalog.checks()[slug]
    largest = [repository for _, repository in sorted(gains, key=lambda pair: (-pair[0], pair[1].name))]
    anchor = slugify(slug)
    return Step(
        title=check.title(),
        path=f"{largest[0].get_absolute_url()}#{anchor}" if failing == 1 else f"/checks/{slug}/",
        effort=check.effort,
        gain=mean(gain for gain, _ in gains) or 0.0,
        repositories=failing,
        where=[Named(each.name, f"{each.get_absolute_url()}#{anchor}") for each in largest[:MOST_PLACES]],
    )


def moves(moved: Sequence[Course], turned: Sequence[Turn], policy: Policy) -> list[Move]:
    """Those that moved, the farthest first, with the checks that turned the same way."""
    titles = defaultdict[str, list[str]](list)
    for each in turned:
        titles[each.repository.path].append(each.title)
    farthest = sorted(moved, key=lambda each: -abs(each.change or 0))
    return [move(each, titles[each.repository.get_absolute_url()], policy) for each in farthest]


def move(course: Course, titles: Sequence[str], policy: Policy) -> Move:
    more = [f"{len(titles) - MOST_CHECKS} more"] if len(titles) > MOST_CHECKS else []
    score = course.score or 0.0
    checks = [*titles[:MOST_CHECKS], *more]
    return Move(named(course.repository), policy.grade(score), score, course.change or 0.0, course.because, checks)


def lowest(every: Sequence[Course], policy: Policy) -> list[Rank]:
    scored = [(each.score, each.repository) for each in every if each.score is not None]
    found = sorted(scored, key=lambda pair: (pair[0], pair[1].name))[:MOST_LOWEST]
    return [Rank(named(repository), policy.grade(score), score) for score, repository in found]


def named(repository: Repository) -> Named:
    return Named(repository.name, repository.get_absolute_url())


def is_late(repository: Repository, period: Period) -> bool:
    """Whether it could be read, and no audit has looked at it in the period."""
    standing: Standing | None = getattr(repository, "standing", None)
    if repository.state not in READABLE:
        return False
    return standing is None or standing.audited_at <= min(period.since, period.until - LEAST_LATE)


def trouble(repository: Repository) -> Trouble:
    """A repository that stays behind; under way, it has at most been waiting."""
    standing: Standing | None = getattr(repository, "standing", None)
    is_lost = repository.state not in READABLE
    return Trouble(
        repository=named(repository),
        state=repository.get_state_display() if is_lost or standing is None else "Not audited",
        detail=repository.state_detail if is_lost else "",
        since=repository.state_since if is_lost else standing.audited_at if standing else None,
    )
