"""What happened, in lines that people read: one a repository and respect, however often that changed meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.conf import settings

from apps.alerts.models import Event, Kind

BAD = {
    Kind.SECRETS: "secrets found",
    Kind.DATA: "DVC data not pushed",
    Kind.UNREACHABLE: "cannot be reached",
}
GOOD = {
    Kind.SECRETS: "the secrets are gone",
    Kind.DATA: "the DVC data is pushed",
    Kind.UNREACHABLE: "can be reached again",
}
PASSED = {
    Kind.SECRETS: "secrets were found and are gone",
    Kind.DATA: "DVC data was not pushed and now is",
    Kind.UNREACHABLE: "could not be reached for a while",
}


class Turn(StrEnum):
    """How it ended up, held against how it began."""

    WORSE = "worse"
    PASSED = "passed"  # came and went
    BETTER = "better"


@dataclass(frozen=True)
class Line:
    """What became of one repository in one respect."""

    repository: str
    link: str
    kind: Kind
    turn: Turn
    words: str
    because: str = ""
    commit: str = ""
    places: Sequence[str] = ()
    before: str = ""
    after: str = ""

    @property
    def title(self) -> str:
        return f"{self.repository}: {self.words}"

    @property
    def data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "repository": self.repository,
            "link": self.link,
            "kind": str(self.kind),
            "turn": str(self.turn),
            "before": self.before,
            "after": self.after,
            "commit": self.commit,
            "because": self.because,
            "places": list(self.places),
        }


def lines(events: Sequence[Event]) -> list[Line]:
    """The most urgent first; events come as they happened, with their repositories."""

    def respect(event: Event) -> tuple[int, str, int]:
        return list(Kind).index(Kind(event.kind)), event.repository.name, event.repository_id

    ordered = sorted(events, key=lambda event: (*respect(event), event.at, event.pk))
    return [line(list(group)) for _, group in groupby(ordered, key=respect)]


def line(course: Sequence[Event]) -> Line:
    """The line of what happened to one repository in one respect, in order."""
    first, last = course[0], course[-1]
    kind, turn = Kind(last.kind), turn_of(first.before, last.after)
    worst = max(course, key=lambda event: event.after)  # of letters and of nothing, the latest in the alphabet
    return Line(
        repository=last.repository.name,
        link=settings.URL + last.repository.get_absolute_url(),
        kind=kind,
        turn=turn,
        words=words(kind, turn, first.before, worst.after if turn == Turn.PASSED else last.after),
        because=(last if turn == Turn.WORSE else worst).because,
        commit=last.commit,
        places=last.places,
        before=first.before,
        after=last.after,
    )


def turn_of(before: str, after: str) -> Turn:
    if before == after:
        # It was bad, was mended and is bad again; or it was good all along but for a while.
        return Turn.WORSE if before in BAD else Turn.PASSED
    return Turn.WORSE if after > before else Turn.BETTER


def words(kind: Kind, turn: Turn, before: str, after: str) -> str:
    if kind != Kind.GRADE:
        return {Turn.WORSE: BAD, Turn.PASSED: PASSED, Turn.BETTER: GOOD}[turn][kind]
    if turn == Turn.PASSED:
        return f"its grade was {after} for a while, and is {before} again"
    return f"grade {'fell' if turn == Turn.WORSE else 'rose'} from {before} to {after}"
