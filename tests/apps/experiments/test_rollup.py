"""Runs rolled up by group."""

from __future__ import annotations

import math
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.experiments.rollup import roll_up
from apps.experiments.sheet import read
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def grouped(repository: Repository) -> Repository:
    keep(repository, {"auc": 0.7, "loss": 0.2}, group="trees", name="a")
    keep(repository, {"auc": 0.9, "loss": 0.4}, group="trees", name="b")
    keep(repository, {"auc": 0.9, "loss": 0.4}, group="trees", name="same")
    keep(repository, {"auc": 0.8, "loss": 0.1}, group="<i>сети", name="c")
    keep(repository, {"auc": math.nan}, group="<i>сети", name="d", time=None)
    keep(repository, {"auc": math.inf, "loss": "high"}, group="odd", name="e")
    keep(repository, {"auc": True}, name="f")
    return repository


@pytest.mark.parametrize(
    ("metric", "lower", "expected"),
    [
        ("auc", False, [("trees", 3, "trees/b"), ("<i>сети", 2, "<i>сети/c"), ("", 1, None), ("odd", 1, None)]),
        ("loss", True, [("<i>сети", 2, "<i>сети/c"), ("trees", 3, "trees/a"), ("", 1, None), ("odd", 1, None)]),
    ],
)
def test_the_group_with_the_best_run_is_first(
    grouped: Repository, metric: str, lower: bool, expected: list[tuple[str, int, str | None]]
) -> None:
    found = roll_up(read(grouped.runs.all()), metric, lower)
    assert [(each.group, each.runs, str(each.best.run) if each.best else None) for each in found] == expected
    assert next(each for each in found if each.group == "trees").last == grouped.runs.get(name="same").time


def test_the_page_rolls_up(
    reader: Client, grouped: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"/repositories/{grouped.pk}/experiments/runs/"
    assert "rollup=group" in reader.get(address).content.decode()
    with django_assert_max_num_queries(10):
        html = reader.get(address, {"rollup": "group"}).content.decode()
    assert "trees 3 0.9 auc of 3 runs, oldest first: 0.7 to 0.9, best 0.9 trees/b" in words(html)
    assert "&lt;i&gt;сети" in html
    assert "<i>сети" not in html
    assert re.search("no group 1 . none has a number", words(html))
    assert "4 groups" in words(html)
    assert '<input type="hidden" name="rollup" value="group">' in html
    html = words(reader.get(address, {"rollup": "group", "metric": "loss"}).content.decode())
    assert "Best loss" in html
    assert "0.1 &lt;i&gt;сети/c" in html


def test_what_has_no_groups_or_metrics_is_a_table(reader: Client, repository: Repository) -> None:
    address = f"/repositories/{repository.pk}/experiments/runs/"
    assert "Not read yet" in reader.get(address, {"rollup": "group"}).content.decode()
    keep(repository, {}, {"lr": 1}, name="only")
    html = reader.get(address, {"rollup": "group"}).content.decode()
    assert "only" in html
    assert "By group" not in html
