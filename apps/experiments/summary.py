"""The answer above a timeline: what was best, who found it, and how long nothing has been better."""

from __future__ import annotations

from dataclasses import dataclass

from apps.experiments.points import best_so_far
from apps.experiments.sheet import Row, Sheet


@dataclass(frozen=True)
class Summary:
    """`tried` runs have a number for the metric, `since` of them came after the best."""

    metric: str
    best: Row
    value: float
    tried: int
    since: int
    undrawn: int


def summarise(sheet: Sheet, metric: str, lower: bool) -> Summary | None:
    """None where no run has a number for the metric."""
    values = sheet.frame([metric])[metric]
    known = values.dropna()
    if known.empty:
        return None
    best = best_so_far(known, lower).iloc[-1]
    at = list(known).index(best)
    row = next(row for row in sheet.rows if row.run.pk == known.index[at])
    told = sum(metric in row.metrics for row in sheet.rows)
    return Summary(metric, row, float(best), len(known), len(known) - at - 1, told - len(known))
