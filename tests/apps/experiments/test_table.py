"""Runs as a table: what is best, what changed, in which order."""

from __future__ import annotations

import math
from typing import Any

import pytest

from apps.experiments.models import Run
from apps.experiments.sheet import read
from apps.experiments.table import MOST_PARAMS, Table
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = pytest.mark.django_db


def table_of(repository: Repository, *metrics: str, lower: bool = False, params: tuple[str, ...] = ()) -> Table:
    sheet = read(Run.objects.filter(repository=repository).order_by("pk"))
    return Table.of(sheet, metrics, dict.fromkeys(metrics, lower), params)


def column(table: Table, name: str) -> list[Any]:
    return [row.metrics.get(name) for row in table.rows]


@pytest.mark.parametrize(("lower", "best"), [(True, 0.5), (False, 0.9)])
def test_the_best_is_a_finite_number(repository: Repository, lower: bool, best: float) -> None:
    for value in (math.nan, 0.5, "9", math.inf, -math.inf, True, 0.9, None):
        keep(repository, {"auc": value})
    table = table_of(repository, "auc", lower=lower)
    assert table.best == {"auc": best}
    cells = [line.metrics[0] for line in table.page("1", 50).lines]
    assert [cell.value for cell in cells if cell.best] == [best]


def test_a_metric_without_a_number_has_no_best(repository: Repository) -> None:
    keep(repository, {"auc": math.nan})
    assert table_of(repository, "auc").best == {}


def test_how_far_a_run_went_has_no_best(repository: Repository) -> None:
    keep(repository, {"step": 30})
    assert table_of(repository, "step").best == {}


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("metric:auc", [-math.inf, 0, 2, 10, "9", "a"]),
        ("-metric:auc", [10, 2, 0, -math.inf, "a", "9"]),
    ],
)
def test_numbers_come_before_texts_and_what_is_none_last(
    repository: Repository, sort: str, expected: list[Any]
) -> None:
    for value in (math.nan, 2, "a", 10, None, "9", -math.inf, 0):
        keep(repository, {"auc": value} if value is not None else {})
    sorted_values = column(table_of(repository, "auc").sorted(sort), "auc")
    assert sorted_values[:6] == expected
    assert {str(value) for value in sorted_values[6:]} == {"nan", "None"}


def test_it_sorts_by_params_time_and_names(repository: Repository) -> None:
    keep(repository, {}, {"lr": 2}, name="b", author="x")
    keep(repository, {}, {"lr": 10}, name="a", author="y", time=None)
    keep(repository, {}, {"lr": 1}, name="c", author="z")
    orders = {
        sort: "".join(row.run.name for row in table_of(repository).sorted(sort).rows)
        for sort in ("param:lr", "-param:lr", "name", "-name", "author", "time", "-time")
    }
    assert orders == {
        "param:lr": "cba",
        "-param:lr": "abc",
        "name": "abc",
        "-name": "cba",
        "author": "bac",
        "time": "bca",
        "-time": "cba",
    }


@pytest.mark.parametrize(
    "sort", ["", "-", "unheard-of", "metric", "metric:", "param:none", "--name", ":", "-metric:x:y"]
)
def test_what_no_column_is_leaves_the_order(repository: Repository, sort: str) -> None:
    keep(repository, {"auc": 2}, name="b")
    keep(repository, {"auc": 1}, name="a")
    assert column(table_of(repository, "auc").sorted(sort), "auc") == [2, 1]


def test_pages_beyond_the_last_are_the_last(repository: Repository) -> None:
    for number in range(5):
        keep(repository, {"auc": number})
    table = table_of(repository, "auc")
    pages = {number: [line.metrics[0].value for line in table.page(number, 2).lines] for number in ("2", "9" * 50)}
    assert pages == {"2": [2, 3], "9" * 50: [4]}
    assert [line.metrics[0].value for line in table.page("x", 2).lines] == [0, 1]


def test_a_chosen_param_says_what_it_was_and_others_are_listed(repository: Repository) -> None:
    first = keep(repository, {}, {"lr": 0.1, "depth": 3, "seed": 1})
    keep(repository, {}, {"lr": 0.2, "depth": 4, "seed": 1}, builds_on=first.commit)
    lines = table_of(repository, params=("lr", "seed", "unheard-of")).page("1", 50).lines
    lr, seed = lines[1].params
    assert lr.change
    assert (lr.value, lr.change.before, seed.change) == (0.2, 0.1, None)
    assert [change.name for change in lines[1].others] == ["depth"]
    assert [cell.change for cell in lines[0].params] == [None, None]


def test_a_filter_does_not_hide_what_a_run_changed(repository: Repository) -> None:
    first = keep(repository, {}, {"lr": 0.1}, branch="main")
    second = keep(repository, {}, {"lr": 0.2}, branch="exp/a", builds_on=first.commit)
    sheet = read(Run.objects.filter(branch="exp/a"))
    (line,) = Table.of(sheet, (), {}).page("1", 50).lines
    assert line.row.run == second
    assert [(each.before, each.after) for each in line.others] == [(0.1, 0.2)]


def test_no_more_params_than_a_page_has_room_for(repository: Repository) -> None:
    names = [f"p{number}" for number in range(5000)]
    first = keep(repository, {}, dict.fromkeys(names, 1))
    keep(repository, {}, dict.fromkeys(names, 2), builds_on=first.commit)
    table = table_of(repository, params=tuple(names))
    assert len(table.params) == MOST_PARAMS
    assert len(table.page("1", 50).lines[1].others) == 5000 - MOST_PARAMS
