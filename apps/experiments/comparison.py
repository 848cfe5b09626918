"""A few runs side by side, each measured against the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import eq
from typing import Any

from apps.experiments.changes import LINEAGE, MISSING, Change, moved_paths, same
from apps.experiments.directions import headline, is_counter
from apps.experiments.sheet import Row, finite

FEWEST, MOST = 2, 6


@dataclass(frozen=True)
class Cell:
    """A run's value. `change` is against the first run, None for that one; `place` counts the runs from 1."""

    place: int
    value: Any
    change: Change | None
    best: bool
    differs: bool

    @property
    def is_missing(self) -> bool:
        return self.value is MISSING


@dataclass(frozen=True)
class Line:
    """A metric or a param of every run. `lower` says whether less is better, None where neither is."""

    name: str
    lower: bool | None
    cells: list[Cell]

    @property
    def differs(self) -> bool:
        return any(cell.differs for cell in self.cells)


@dataclass(frozen=True)
class Column:
    """A run, and the addresses of the same page with it first, and without it (empty where too few would be left)."""

    place: int
    row: Row
    first: str
    without: str


@dataclass(frozen=True)
class Comparison:
    """`lower` says of each metric whether less is better."""

    rows: Sequence[Row]
    lower: Mapping[str, bool]

    @cached_property
    def metrics(self) -> list[Line]:
        """How far a run went is no better or worse."""
        directions = {name: None if is_counter(name) else self.lower[name] for name in names(self.rows)}
        cells = [row.metrics for row in self.rows]
        # As DVC has it: true is 1, and NaN is never what it was.
        return [self.line(name, cells, eq, lower) for name, lower in directions.items()]

    @cached_property
    def params(self) -> list[Line]:
        every = dict.fromkeys(name for row in self.rows for name in row.params)
        return [self.line(name, [row.params for row in self.rows], same) for name in every]

    @property
    def differing(self) -> list[Line]:
        return [line for line in self.params if line.differs]

    @property
    def equal(self) -> list[Line]:
        return [line for line in self.params if not line.differs]

    @property
    def told(self) -> dict[str, list[str]]:
        """What was thought before and after, run by run; only what somebody wrote."""
        texts = {
            "Hypothesis": [row.run.hypothesis for row in self.rows],
            "Result": [row.run.result for row in self.rows],
        }
        return {name: each for name, each in texts.items() if any(each)}

    @cached_property
    def lineage(self) -> dict[str, list[list[str]]]:
        """Of data, code and environment those that differ: the paths, run by run, that are not those of the first."""
        first = self.rows[0]
        found = {kind: [moved_paths(first, row, kind) for row in self.rows] for kind in LINEAGE}
        return {kind: paths for kind, paths in found.items() if any(paths)}

    def line(
        self,
        name: str,
        cells: Sequence[Mapping[str, Any]],
        alike: Callable[[Any, Any], bool],
        lower: bool | None = None,
    ) -> Line:
        values = [each.get(name, MISSING) for each in cells]
        numbers = [number for number in map(finite, values) if number == number]
        best = (min if lower else max)(numbers) if lower is not None and len(set(numbers)) > 1 else None
        found = [
            Cell(
                place,
                value,
                Change(name, values[0], value, lower) if place > 1 else None,
                best is not None and finite(value) == best,
                place > 1 and not alike(values[0], value),
            )
            for place, value in enumerate(values, 1)
        ]
        return Line(name, lower, found)

    @property
    def answer(self) -> tuple[Line, Row, Cell] | None:
        """Of the metric that tells most and that two runs have different numbers for: its best run."""
        told = {line.name: line for line in self.metrics if any(cell.best for cell in line.cells)}
        if not told:
            return None
        usual = next((row.run.headline for row in self.rows if row.run.headline in told), "")
        line = told[usual or headline(told)]
        cell = next(cell for cell in line.cells if cell.best)
        return line, self.rows[cell.place - 1], cell

    @property
    def columns(self) -> Iterator[Column]:
        keys = [row.run.pk for row in self.rows]
        for place, row in enumerate(self.rows, 1):
            others = [key for key in keys if key != row.run.pk]
            without = address(others) if len(others) >= FEWEST else ""
            yield Column(place, row, address([row.run.pk, *others]), without)


def names(rows: Sequence[Row]) -> dict[str, None]:
    """The metrics of these runs, those that most have a value for first."""
    every = [name for row in rows for name in row.metrics]
    return dict.fromkeys(sorted(dict.fromkeys(every), key=every.count, reverse=True))


def address(keys: Sequence[int]) -> str:
    """The part of an address that names these runs."""
    return "?" + "&".join(f"run={key}" for key in keys)
