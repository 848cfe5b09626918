"""What differs between two runs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from apps.experiments.changes import MISSING, Baselines, Change, changes, same
from apps.experiments.models import Run
from apps.experiments.sheet import read
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (math.nan, math.nan), ("a", "a"), (None, None), (True, True), (math.inf, math.inf)]
)
def test_what_is_the_same(one: Any, other: Any) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), (None, MISSING), (None, 0), ("1", 1), (math.nan, 1), (math.nan, None)]
)
def test_what_is_not(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_what_is_new_changed_and_gone_in_the_later_ones_order() -> None:
    found = changes({"gone": 1, "kept": 2, "moved": None}, {"moved": 3, "kept": 2.0, "new": False})
    assert [(each.name, str(each.before), str(each.after)) for each in found] == [
        ("moved", "None", "3"),
        ("new", "(not set)", "False"),
        ("gone", "1", "(not set)"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "lower", "better"),
    [(1, 2, False, True), (2, 1, False, False), (2, 1, True, True), (1, 2, True, False), (1, 1, True, False)],
)
def test_the_right_way(before: float, after: float, lower: bool, better: bool) -> None:
    assert Change("m", before, after, lower).better is better


@pytest.mark.parametrize("before", ["1", None, MISSING])
def test_what_is_no_number_has_no_difference(before: Any) -> None:
    change = Change("m", before, 2)
    assert (change.difference, change.better) == (None, False)


@pytest.mark.django_db
def test_a_run_builds_on_the_run_of_a_commit_and_not_on_one_that_mlflow_made_of_it(repository: Repository) -> None:
    first = keep(repository, {}, {"lr": 1})
    keep(repository, {}, {"lr": 7}, source="mlflow", commit=first.commit)
    second = keep(repository, {}, {"lr": 2}, builds_on=first.commit)
    sheet = read(Run.objects.filter(repository=repository))
    baselines = Baselines.of(sheet)
    row = next(row for row in sheet.rows if row.run == second)
    assert [(each.before, each.after) for each in baselines.params(row)] == [(1, 2)]
    root = next(row for row in sheet.rows if row.run == first)
    assert (baselines.before(root), baselines.params(root), baselines.reasons(root)) == (None, [], [])
