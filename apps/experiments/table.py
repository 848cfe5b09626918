"""Runs as a table: chosen columns, sorted by any of them, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

from apps.experiments.changes import Baselines, Change
from apps.experiments.directions import is_counter
from apps.experiments.sheet import Row, Sheet, finite, is_number
from apps.experiments.sparks import Spark, spark

MOST_PARAMS = 12
# Columns that are no metric and no param.
FIXED = {"time": lambda row: row.run.time, "name": lambda row: str(row.run), "author": lambda row: row.run.author}


@dataclass(frozen=True)
class Cell:
    """A value; `best` of its column, `change` against the baseline where it differs."""

    name: str
    value: Any
    best: bool = False
    change: Change | None = None


@dataclass(frozen=True)
class Line:
    row: Row
    metrics: list[Cell]
    params: list[Cell]
    # Params that changed and have no column here.
    others: list[Change]
    # What else differs from the baseline: data, code, environment.
    reasons: list[str]


@dataclass(frozen=True)
class Table:
    """`rows` in the order to show; `best` is the best number of each metric, `trends` draws it over time."""

    rows: Sequence[Row]
    metrics: Sequence[str]
    params: Sequence[str]
    best: Mapping[str, float]
    trends: Mapping[str, Spark | None]
    baselines: Baselines
    sort: str = ""

    @classmethod
    def of(cls, sheet: Sheet, metrics: Sequence[str], lower: Mapping[str, bool], params: Iterable[str] = ()) -> Table:
        best = dict[str, float]()
        for name in metrics:
            numbers = [value for row in sheet.rows if (value := finite(row.metrics.get(name))) == value]
            if numbers and not is_counter(name):
                best[name] = min(numbers) if lower[name] else max(numbers)
        chosen = [name for name in dict.fromkeys(params) if name in sheet.params][:MOST_PARAMS]
        trends = {name: spark(name, [value for _, value in sheet.series(name)], lower[name]) for name in metrics}
        return cls(sheet.rows, metrics, chosen, best, trends, Baselines.of(sheet))

    def sorted(self, sort: str) -> Table:
        """By a column, `-` for the largest first: numbers, then texts; what has no value comes last either way."""
        name, down = sort.removeprefix("-"), sort.startswith("-")
        kind, _, column = name.partition(":")
        value = {
            "metric": lambda row: row.metrics.get(column),
            "param": lambda row: row.params.get(column),
        }.get(kind, FIXED.get(name))
        if value is None:
            return self
        numbers, texts, rest = list[tuple[float, Row]](), list[tuple[str, Row]](), list[Row]()
        for row in self.rows:
            if (own := value(row)) is None or own != own:
                rest.append(row)
            elif is_number(own):
                numbers.append((own, row))
            else:
                texts.append((str(own), row))
        numbers.sort(key=lambda each: each[0], reverse=down)
        texts.sort(key=lambda each: each[0], reverse=down)
        return replace(self, rows=[*(row for _, row in [*numbers, *texts]), *rest], sort=sort)

    def page(self, number: str | None, size: int) -> Shown:
        page = Paginator(self.rows, size).get_page(number)
        if shown := list(page):
            shown[0].stock.look_at(run for row in shown for run in self.baselines.pair(row))
        return Shown(self, page, [self.line(row) for row in page])

    def line(self, row: Row) -> Line:
        changed = {change.name: change for change in self.baselines.params(row)}
        metrics = [
            Cell(name, value := row.metrics.get(name), name in self.best and value == self.best[name])
            for name in self.metrics
        ]
        params = [Cell(name, row.params.get(name), change=changed.get(name)) for name in self.params]
        others = [each for name, each in changed.items() if name not in self.params]
        return Line(row, metrics, params, others, [each for each in self.baselines.reasons(row) if each != "params"])


@dataclass(frozen=True)
class Heading:
    """A column: the address's `sort` for a click on it, and how it sorts now."""

    name: str
    label: str
    sort: str
    present: str
    trend: Spark | None


@dataclass(frozen=True)
class Shown:
    """One page of a table."""

    table: Table
    page: Page[Row]
    lines: list[Line]

    @property
    def keys(self) -> set[int]:
        """The runs on this page."""
        return {line.row.run.pk for line in self.lines}

    @cached_property
    def headings(self) -> dict[str, list[Heading]]:
        """Columns by kind."""
        fixed = [self.heading(name, label) for name, label in (("name", "Run"), ("time", "When"), ("author", "Who"))]
        metrics = [self.heading(f"metric:{name}", name) for name in self.table.metrics]
        return {
            "fixed": fixed,
            "metrics": metrics,
            "params": [self.heading(f"param:{n}", n) for n in self.table.params],
        }

    def heading(self, name: str, label: str) -> Heading:
        present = {name: "ascending", f"-{name}": "descending"}.get(self.table.sort, "")
        first_down = name not in {"name", "author"}
        other = f"-{name}" if present == "ascending" or (not present and first_down) else name
        return Heading(name, label, other, present, self.table.trends.get(label) if name == f"metric:{label}" else None)
