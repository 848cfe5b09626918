"""Finds what has changed: how repositories are, held against how they were when we last looked.

That loses nothing, whenever and however often we look; only what comes and goes between two looks is never seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.alerts.models import Alert, Event, Kind, Rule, Seen
from apps.audit import catalog
from apps.audit.check import Outcome
from apps.repositories.models import UNDER_WAY, Repository, State
from apps.scorecards.models import Flip, Standing
from apps.scorecards.report import CAUSES

CHECKS = {
    Kind.SECRETS: ("hygiene/secrets", "hygiene/secrets-in-history", "dvc/no-secrets-in-config"),
    Kind.DATA: ("dvc/data-pushed",),
}
OUT_OF_REACH = {State.UNREACHABLE, State.NO_ACCESS, State.HOST_KEY, State.MOVED}
NOT_JUDGED = {Outcome.UNKNOWN, Outcome.ERRORED}
MOST_PLACES = 5


def changed() -> QuerySet[Repository]:
    """Those that are not as they were seen, with both. One that is being audited is looked at when that is over."""
    found = Repository.objects.exclude(state__in=UNDER_WAY).annotate(card=Coalesce("standing__scorecard", Value(0)))
    differs = ~Q(seen_for_alerts__scorecard=F("card")) | ~Q(seen_for_alerts__state=F("state"))
    return found.filter(Q(seen_for_alerts=None) | differs).select_related("standing__scorecard", "seen_for_alerts")


def take_note(repository: Repository) -> None:
    """See it as it is now, and have told what changed. Call inside a fenced transaction, with one of `changed`."""
    seen: Seen | None = getattr(repository, "seen_for_alerts", None)
    standing = standing_of(repository)
    now = Seen(
        repository=repository,
        state=repository.state,
        scorecard=standing.scorecard_id if standing else 0,
        grade=(standing.grade if standing else "") or (seen.grade if seen else ""),
        troubles=troubles(repository, seen.troubles if seen else []),
    )
    if seen:
        now.pk = seen.pk
        rules = list(Rule.objects.filter(team=repository.team_id, active=True))
        for event in differences(seen, now):
            event.save()
            mine = [rule for rule in rules if event.kind in rule.kinds]
            Alert.objects.bulk_create(Alert(rule=rule, event=event) for rule in mine)
    now.save()


def standing_of(repository: Repository) -> Standing | None:
    return getattr(repository, "standing", None)


def troubles(repository: Repository, before: Sequence[str]) -> list[str]:
    """The kinds that are wrong, apart from the grade. What could not be judged is as it was before."""
    standing = standing_of(repository)
    outcomes = standing.outcomes if standing else {}
    found = list[str]()
    for kind, checks in CHECKS.items():
        judged = {outcomes.get(check) for check in checks}
        if Outcome.FAILED in judged or (kind in before and not judged.isdisjoint(NOT_JUDGED)):
            found.append(kind)
    return [*found, Kind.UNREACHABLE] if repository.state in OUT_OF_REACH else found


def differences(seen: Seen, now: Seen) -> Iterator[Event]:
    """What went from good to bad, or back. What was never graded has no grade to fall from."""
    if seen.grade and seen.grade != now.grade:
        yield describe(Kind.GRADE, seen.grade, now.grade, now.repository)
    for kind in [*CHECKS, Kind.UNREACHABLE]:
        if (kind in seen.troubles) != (kind in now.troubles):
            wrong = kind in now.troubles
            yield describe(kind, "" if wrong else kind, kind if wrong else "", now.repository)


def describe(kind: Kind, before: str, after: str, repository: Repository) -> Event:
    event = Event(repository=repository, kind=kind, before=before, after=after, at=timezone.now())
    standing = standing_of(repository)
    if kind == Kind.UNREACHABLE:
        event.because = f"{State(repository.state).label}. {repository.state_detail}".strip() if after else ""
    elif standing:
        event.commit = standing.scorecard.commit
        event.because = ", ".join(CAUSES[cause] for cause in standing.scorecard.causes)
        event.places = places(kind, standing) if after else []
    return event


def places(kind: Kind, standing: Standing) -> list[str]:
    """Where to look: the findings, or of a grade the checks that failed with this scorecard."""
    card = standing.scorecard
    if kind == Kind.GRADE:
        flips = Flip.objects.filter(scorecard=card, at=card.recorded_at, after=Outcome.FAILED).order_by("check_slug")
        return [named(slug) for slug in flips.values_list("check_slug", flat=True)[:MOST_PLACES]]
    results = [each for each in card.details.results if each["check"] in CHECKS[kind]]
    findings = [finding for each in results if each["outcome"] == Outcome.FAILED for finding in each["findings"]]
    return [place(finding["message"], finding["path"], finding["line"]) for finding in findings[:MOST_PLACES]]


def named(slug: str) -> str:
    check = catalog.checks().get(slug)
    return f"{check.title()} ({slug})" if check else slug


def place(message: str, path: str, line: int | None) -> str:
    where = f"{path}:{line}" if path and line else path
    return f"{where}: {message}" if where else message
