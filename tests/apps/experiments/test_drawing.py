"""Figures are drawn in a web process whose threads load what they need at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings

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
