"""The runs whose params are nearest to those that somebody thinks of trying."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.experiments.changes import MISSING, Baselines, Change, same
from apps.experiments.directions import headline, is_counter
from apps.experiments.sheet import Row, Sheet, finite

MOST, MOST_METRICS = 20, 4
# Above this ratio of the largest to the least, a step is a factor and no difference.
WIDE = 10


@dataclass(frozen=True)
class Asked:
    """A param that was given. `columns` are the runs' params that it may mean: one, none, or several that end so."""

    name: str
    value: Any
    columns: list[str]

    @property
    def column(self) -> str:
        return self.columns[0] if self.columns else self.name


@dataclass(frozen=True)
class Near:
    """A run, and which of the params it has otherwise: before is the run's value, after what was asked.

    `again` counts the later runs with the very same params and metrics.
    """

    row: Row
    distance: float
    differing: list[Change]
    again: int = 0
    # Whether its metrics are its own: a commit that changes params may still carry those of the run before it.
    renewed: bool = True


def understood(given: Mapping[str, Any], columns: Iterable[str]) -> list[Asked]:
    """Each given param with what it means: the param of that name, or the one that ends so."""
    every = list(columns)
    return [Asked(name, value, meant(name, every)) for name, value in given.items()]


def meant(name: str, columns: list[str]) -> list[str]:
    plain = name.rpartition(":")[2]
    for wanted in dict.fromkeys((name, plain)):
        if wanted in columns:
            return [wanted]
    return [each for each in columns if each.endswith((f".{plain}", f":{plain}"))]


def nearest(sheet: Sheet, asked: Iterable[Asked]) -> list[Near]:
    """At most MOST, those with all the params first; of runs with the very same params and metrics the first."""
    clear = [each for each in asked if len(each.columns) < 2]
    if not clear:
        return []
    scales = {each.column: Scale.of(each.value, [row.params.get(each.column) for row in sheet.rows]) for each in clear}
    baselines = Baselines.of(sheet)
    firsts = dict[tuple[int, int], Row]()
    counts = dict[tuple[int, int], int]()
    for row in reversed(sheet.rows):
        key = (row.run.params_id, row.run.metrics_id)
        firsts.setdefault(key, row)
        counts[key] = counts.get(key, -1) + 1
    found = []
    for key, row in firsts.items():
        pairs = [(each, row.params.get(each.column, MISSING)) for each in clear]
        differing = [Change(each.column, value, each.value) for each, value in pairs if not same(value, each.value)]
        distance = sum(scales[each.column].distance(value, each.value) for each, value in pairs) / len(pairs)
        found.append(Near(row, distance, differing, counts[key], baselines.renewed(row)))
    found.reverse()  # the youngest first among equals
    found.sort(key=lambda near: (bool(near.differing), near.distance, not (near.row.metrics and near.renewed)))
    return found[:MOST]


@dataclass(frozen=True)
class Scale:
    """How far two values of a param are apart, from 0 to 1: by the spread of its numbers in the project."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, asked: Any, values: Iterable[Any]) -> Scale:
        numbers = [number for number in map(finite, [asked, *values]) if number == number]
        low, high = min(numbers, default=0.0), max(numbers, default=0.0)
        return cls(low, high, low > 0 and high / low >= WIDE)

    def distance(self, one: Any, other: Any) -> float:
        """1 for a value that is missing, or for another text."""
        if same(one, other):
            return 0.0
        first, second = finite(one), finite(other)
        if first != first or second != second:
            return 1.0
        if self.logarithmic:
            return abs(math.log(first) - math.log(second)) / (math.log(self.high) - math.log(self.low))
        spread = self.high / 2 - self.low / 2
        return abs(first / 2 - second / 2) / spread if spread else 1.0


def telling(metrics: Iterable[str]) -> list[str]:
    """The metrics to show of a run, of those given with the most frequent first; the one that tells most leads."""
    names = list(metrics)
    first = headline(names)
    others = [name for name in names if name != first and not is_counter(name)]
    return [first, *others][:MOST_METRICS] if first else []
