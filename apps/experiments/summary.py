"""The answer above a timeline: what was best, who found it, and how long nothing has been better."""

from __future__ import annotations

from dataclasses import dataclass

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
    """None where no run with a date has a number for the metric."""
    if not (dated := sheet.series(metric)):
        return None
    # Of equal ones the earliest: that run found it.
    best = (min if lower else max)(dated, key=lambda pair: pair[1])
    told = sum(metric in row.metrics for row in sheet.rows)
    return Summary(metric, *best, len(dated), len(dated) - dated.index(best) - 1, told - len(dated))
