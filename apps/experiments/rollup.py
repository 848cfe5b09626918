"""Runs rolled up by their group: how many there are, and the best of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.experiments.sheet import Row, Sheet, finite
from apps.experiments.sparks import Spark, spark


@dataclass(frozen=True)
class Rolled:
    """A group, of which the empty name stands for no group. `best` is None where no run has a number.

    `trend` draws the metric over the group's runs; all groups are drawn on one scale.
    """

    group: str
    runs: int
    best: Row | None
    value: float | None
    last: datetime | None
    trend: Spark | None


def roll_up(sheet: Sheet, metric: str, lower: bool) -> list[Rolled]:
    """The groups, that with the best run first; those without a number last, the youngest first."""
    groups = dict[str, list[Row]]()
    for row in sheet.rows:
        groups.setdefault(row.run.group, []).append(row)
    numbers = [value for _, value in sheet.series(metric)]
    scale = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
    found = [rolled(group, Sheet(tuple(rows)), metric, lower, scale) for group, rows in groups.items()]
    sign = 1 if lower else -1
    return sorted(found, key=lambda each: (each.value is None, sign * (each.value or 0)))


def rolled(group: str, sheet: Sheet, metric: str, lower: bool, scale: tuple[float, float]) -> Rolled:
    rows = sheet.rows
    numbers = [(number, row) for row in rows if (number := finite(row.metrics.get(metric))) == number]
    # Of equal ones the oldest: that run found it.
    value, best = (min if lower else max)(reversed(numbers), key=lambda pair: pair[0], default=(None, None))
    last = max((row.run.time for row in rows if row.run.time), default=None)
    trend = spark(metric, [number for _, number in sheet.series(metric)], lower, scale)
    return Rolled(group, len(rows), best, value, last, trend)
