"""The answer above a timeline."""

from __future__ import annotations

import math

import pytest

from apps.experiments.models import Run
from apps.experiments.sheet import read
from apps.experiments.summary import Summary, summarise
from apps.repositories.models import Repository
from tests.apps.experiments.trials import START, keep

pytestmark = pytest.mark.django_db


def summary(lower: bool = False) -> Summary | None:
    return summarise(read(Run.objects.all()), "auc", lower)


def test_of_equal_ones_the_first_is_the_best(repository: Repository) -> None:
    runs = [keep(repository, {"auc": value}) for value in (0.5, 0.9, 0.1, 0.9, 0.1)]
    high, low = summary(), summary(lower=True)
    assert high
    assert low
    assert (high.best.run, high.value, high.tried, high.since) == (runs[1], 0.9, 5, 3)
    assert (low.best.run, low.value, low.since) == (runs[2], 0.1, 2)


def test_of_runs_of_one_moment_too(repository: Repository) -> None:
    first = keep(repository, {"auc": 1}, time=START)
    keep(repository, {"auc": 1}, time=START)
    found = summary()
    assert found
    assert (found.best.run, found.since) == (first, 1)


def test_what_cannot_be_drawn_is_counted_and_not_judged(repository: Repository) -> None:
    for value in (math.inf, math.nan, "1", True):
        keep(repository, {"auc": value})
    keep(repository, {"auc": 5}, time=None)
    keep(repository, {"loss": 1})
    assert summary() is None
    keep(repository, {"auc": 0.5})
    found = summary()
    assert found
    assert (found.value, found.tried, found.undrawn) == (0.5, 1, 5)
