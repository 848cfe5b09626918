"""A timeline of many runs is thinned, and loses nothing that anybody would look for."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.experiments.points import best_so_far, thinned

NUMBERS = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=400)


@given(NUMBERS, st.booleans(), st.integers(4, 60))
def test_ends_extremes_and_improvements_stay(numbers: list[float], lower: bool, most: int) -> None:
    values = pd.Series(numbers, dtype=float).dropna()
    drawn = thinned(pd.Series(numbers, dtype=float), lower, most)
    assert drawn.index.is_monotonic_increasing
    assert drawn.equals(values[drawn.index])
    if values.empty:
        return
    assert {values.index[0], values.index[-1], values.idxmin(), values.idxmax()} <= set(drawn.index)
    best = best_so_far(values, lower)
    improvements = best[best.ne(best.shift())].index
    assert set(improvements[-most:]) <= set(drawn.index)
    assert len(drawn) <= most + min(len(improvements), most) + 4


def test_few_are_drawn_as_they_are() -> None:
    values = pd.Series([3.0, math.nan, 1.0])
    assert list(thinned(values, lower=False, most=3)) == [3.0, 1.0]


@pytest.mark.parametrize(("lower", "expected"), [(True, [3, 1, 1, 1]), (False, [3, 3, 3, 4])])
def test_the_best_so_far(lower: bool, expected: list[float]) -> None:
    assert list(best_so_far(pd.Series([3.0, 1.0, 2.0, 4.0]), lower)) == expected


def test_one_dip_among_ten_thousand_is_seen() -> None:
    values = pd.Series([1.0] * 10_000)
    values[7_123] = 0.5
    assert 7_123 in thinned(values, lower=False).index
