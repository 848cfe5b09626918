"""How far each repository's score came in a period, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.repositories.models import Repository, RepositoryQuerySet
from apps.scorecards.models import Scorecard, Standing
from apps.scorecards.report import CAUSES


@dataclass(frozen=True)
class Period:
    """After `since`, until `until`, as clocks in `zone` tell it."""

    since: datetime
    until: datetime
    zone: str


@dataclass(frozen=True)
class Course:
    """A repository with its score at the end of a period and at its beginning (None: none yet), and what moved it."""

    repository: Repository
    score: float | None
    before: float | None
    causes: Sequence[str]

    @property
    def change(self) -> float | None:
        return None if self.score is None or self.before is None else round(self.score - self.before, 1)

    @property
    def because(self) -> str:
        return " and ".join(words for cause, words in CAUSES.items() if cause in self.causes)


@dataclass(frozen=True)
class Card:
    """What a scorecard says of a score's course."""

    at: datetime
    delta: float | None
    causes: Sequence[str]


def courses(repositories: RepositoryQuerySet, period: Period) -> list[Course]:
    """The course of each of these, which are read with their standing."""
    cards = defaultdict[int, list[Card]](list)
    later = Scorecard.objects.filter(repository__in=repositories, recorded_at__gt=period.since)
    for pk, *told in later.values_list("repository", "recorded_at", "delta", "causes").iterator():
        cards[pk].append(Card(*told))
    return [course(each, cards[each.pk], period) for each in repositories]


def course(repository: Repository, cards: Sequence[Card], period: Period) -> Course:
    """Goes back from where it stands now, as a scorecard that came back has lost its former time."""
    standing: Standing | None = getattr(repository, "standing", None)
    within = [card for card in cards if card.at <= period.until]
    score = past(standing.score if standing else None, [card for card in cards if card.at > period.until])
    moved = {cause for card in within if card.delta for cause in card.causes}
    return Course(repository, score, past(score, within), sorted(moved))


def past(score: float | None, cards: Sequence[Card]) -> float | None:
    """The score before these scorecards; None where there was none to compare with one of them."""
    if score is None or any(card.delta is None for card in cards):
        return None
    return round(score - sum(card.delta or 0 for card in cards), 1)
