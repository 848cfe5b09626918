"""Figures are drawn in a web process whose threads load what they need at once."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from apps.experiments.drawing import GAP, stacked, time_axis

TOGETHER = """
import threading
from apps.experiments.drawing import drawn

errors = []

def draw():
    try:
        drawn([{"type": "scatter", "x": [1], "y": [2]}], {})
    except Exception as error:
        errors.append(error)

def load():
    import pandas

threads = [threading.Thread(target=each) for each in (load, draw, draw, load)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(errors)
"""


@pytest.mark.parametrize("_", range(3))
def test_the_first_figures_are_drawn_while_other_threads_load_what_is_heavy(_: int) -> None:
    command = [sys.executable, "-c", TOGETHER]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_axes_fill_the_height_above_what_is_left_free() -> None:
    axes = stacked(["auc", "loss"], bottom=0.2)
    assert {name: each["domain"] for name, each in axes.items()} == {
        "yaxis": [pytest.approx(0.6 + GAP), 1],
        "yaxis2": [pytest.approx(0.2), pytest.approx(0.6)],
    }


def test_a_single_moment_has_days_around_it() -> None:
    noon = datetime(2024, 1, 10, 12, tzinfo=UTC)
    assert time_axis([noon, noon])["range"] == ["2024-01-07T12:00:00+00:00", "2024-01-13T12:00:00+00:00"]
    assert time_axis([noon, noon + timedelta(seconds=1)]) == time_axis([]) == {"type": "date"}
