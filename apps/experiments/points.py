"""The points of a timeline: never more than a browser draws at once, and never without the extremes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import Series

MOST_POINTS = 2000


def best_so_far(values: Series[float], lower: bool) -> Series[float]:
    """At each point the best up to there, oldest first; missing before the first number."""
    return values.cummin() if lower else values.cummax()


def thinned(values: Series[float], lower: bool, most: int = MOST_POINTS) -> Series[float]:
    """At most about `most` of the numbers, in their order: ends, improvements, and the extremes of each stretch."""
    values = values.dropna()
    if len(values) <= most:
        return values
    best, stretch = best_so_far(values, lower), -(-len(values) * 2 // most)
    improvements = best.ne(best.shift()).to_numpy().nonzero()[0].tolist()
    kept = {0, len(values) - 1, *improvements[-most:]}
    for start in range(0, len(values), stretch):
        part = values.iloc[start : start + stretch]
        kept.update((start + int(part.argmin()), start + int(part.argmax())))
    return values.iloc[sorted(kept)]
