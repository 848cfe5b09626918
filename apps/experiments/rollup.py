"""Runs rolled up by their group: how many there are, and the best of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.experiments.sheet import Row, Sheet, finite


@dataclass(frozen=True)
class Rolled:
    """A group, of which the empty name stands for no group. `best` is None where no run has a number."""

    group: str
    runs: int
    best: Row | None
    value: float | None
    last: datetime | None


def roll_up(sheet: Sheet, metric: str, lower: bool) -> list[Rolled]:
    """The groups, that with the best run first; those without a number last, the youngest first."""
    groups = dict[str, list[Row]]()
    for row in sheet.rows:
        groups.setdefault(row.run.group, []).append(row)
    found = [rolled(group, rows, metric, lower) for group, rows in groups.items()]
    sign = 1 if lower else -1
    return sorted(found, key=lambda each: (each.value is None, sign * (each.value or 0)))


def rolled(group: str, rows: list[Row], metric: str, lower: bool) -> Rolled:
    numbers = [(number, row) for row in rows if (number := finite(row.metrics.get(metric))) == number]
    # Of equal ones the oldest: that run found it.
    value, best = (min if lower else max)(reversed(numbers), key=lambda pair: pair[0], default=(None, None))
    last = max((row.run.time for row in rows if row.run.time), default=None)
    return Rolled(group, len(rows), best, value, last)
