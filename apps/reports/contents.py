"""What a report says: composed once, kept as JSON, and shown as mail, page, PDF and CSV. It never changes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Named:
    """A repository as it was called, and the path of its page."""

    name: str
    path: str


@dataclass(frozen=True)
class Verdict:
    """Where all stand together. `score` is the mean of what was audited, 0 to 100, None where nothing was; `change` is
    that of the repositories that had a score at the beginning, too."""

    score: float | None
    grade: str
    change: float | None
    repositories: int
    audited: int
    grades: Mapping[str, int]


@dataclass(frozen=True)
class Area:
    """The mean score of an area, 0 to 100."""

    title: str
    score: float
    grade: str


@dataclass(frozen=True)
class Step:
    """A check to mend next: it fails in so many `repositories`, where mending it brings `gain` points on average."""

    title: str
    path: str
    effort: str
    gain: float
    repositories: int
    where: Sequence[Named]


@dataclass(frozen=True)
class Move:
    """A repository whose score moved, why, and the checks that moved it."""

    repository: Named
    grade: str
    score: float
    change: float
    because: str
    checks: Sequence[str]


@dataclass(frozen=True)
class Rank:
    """A repository and its score."""

    repository: Named
    grade: str
    score: float


@dataclass(frozen=True)
class Turn:
    """A check that failed at the end of the period and not at its beginning, or the other way round.

    `commits` says where, "in X" or "between X and Y"; empty where it was not the repository that changed.
    """

    repository: Named
    title: str
    path: str
    because: str
    commits: str
    author: str
    url: str
    at: datetime


@dataclass(frozen=True)
class Trouble:
    """A repository that could not be read, or was not audited, and since when."""

    repository: Named
    state: str
    detail: str
    since: datetime | None


@dataclass(frozen=True)
class Trial:
    """What a project tried: how many runs by how many people, and the best of them in its first metric.

    `gain` is by how much it beat all runs before it; None where it did not.
    """

    repository: Named
    path: str
    runs: int
    people: int
    name: str
    author: str
    metric: str
    value: float | None
    gain: float | None


@dataclass(frozen=True)
class Contents:
    """Everything that one edition of a report says; lists that could be endless hold their first `MOST`."""

    title: str
    since: datetime
    until: datetime
    zone: str
    verdict: Verdict
    trend: Sequence[float | None]
    areas: Sequence[Area]
    steps: Sequence[Step]
    rose: Sequence[Move]
    fell: Sequence[Move]
    lowest: Sequence[Rank]
    failures: Sequence[Turn]
    fixes: Sequence[Turn]
    trials: Sequence[Trial]
    unreachable: Sequence[Trouble]
    unaudited: Sequence[Trouble]
    # How many there were of each list.
    counts: Mapping[str, int]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened."""
        return not any(self.counts[name] for name in ("rose", "fell", "failures", "fixes", "runs"))

    @property
    def is_of_one(self) -> bool:
        return self.verdict.repositories == 1

    @property
    def more(self) -> dict[str, int]:
        """How many of each list are not here."""
        return {name: count - len(getattr(self, name)) for name, count in self.counts.items() if name != "runs"}

    def brief(self, most: int) -> Contents:
        """The same with three things to do, and at most so many in each list."""
        return replace(self, steps=self.steps[:3], **{name: getattr(self, name)[:most] for name in self.more})

    def to_json(self) -> dict[str, Any]:
        return dict(ADAPTER.dump_python(self, mode="json"))

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Contents:
        """The contents that were kept."""
        return ADAPTER.validate_python(kept)


MOST = 300
ADAPTER = TypeAdapter(Contents)
