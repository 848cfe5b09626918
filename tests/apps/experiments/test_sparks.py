"""Sparklines: what they keep of many numbers, and where they put them."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.experiments.rollup import roll_up
from apps.experiments.sheet import read
from apps.experiments.sparks import HEIGHT, MARGIN, MOST_STRETCHES, WIDTH, spark
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

TOP, BOTTOM = MARGIN, HEIGHT - MARGIN


def test_the_greatest_is_at_the_top_and_the_last_at_the_right() -> None:
    drawn = spark("auc", [0.5, 0.9, 0.7], lower=False)
    assert drawn
    assert drawn.corners == [(MARGIN, BOTTOM), (WIDTH / 2, TOP), (WIDTH - MARGIN, HEIGHT / 2)]
    assert drawn.best == (WIDTH / 2, TOP)
    assert drawn.words == "auc of 3 runs, oldest first: 0.5 to 0.7, best 0.9"


def test_of_a_loss_the_least_is_the_best_and_of_equal_ones_the_first() -> None:
    drawn = spark("loss", [3, 1, 2, 1], lower=True)
    assert drawn
    assert drawn.best == drawn.corners[1]


@pytest.mark.parametrize("numbers", [[], [0.5]])
def test_one_number_is_no_line(numbers: list[float]) -> None:
    assert spark("auc", numbers, lower=False) is None


@pytest.mark.parametrize("numbers", [[1, 1, 1], [-1.7e308, 1.7e308], [0, 5e-324]])
def test_every_corner_is_in_the_box(numbers: list[float]) -> None:
    drawn = spark("auc", numbers, lower=False)
    assert drawn
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn.corners)


def test_of_many_numbers_the_extremes_and_the_ends_are_kept() -> None:
    numbers = [0.5 + (number % 7) / 100 for number in range(10_000)]
    numbers[1234], numbers[8765] = 0.0, 1.0
    drawn = spark("auc", numbers, lower=False)
    assert drawn
    assert len(drawn.corners) <= 2 * MOST_STRETCHES + 2
    assert {TOP, BOTTOM} == {min(y for _, y in drawn.corners), max(y for _, y in drawn.corners)}
    assert (drawn.corners[0][0], drawn.corners[-1][0]) == (MARGIN, WIDTH - MARGIN)


@pytest.mark.django_db
def test_groups_are_drawn_on_one_scale(repository: Repository) -> None:
    for value in (0.0, 0.5):
        keep(repository, {"auc": value}, group="low")
    for value in (0.5, 1.0):
        keep(repository, {"auc": value}, group="high")
    high, low = roll_up(read(repository.runs.all()), "auc", lower=False)
    assert high.trend
    assert low.trend
    assert [y for _, y in high.trend.corners] == [HEIGHT / 2, TOP]
    assert [y for _, y in low.trend.corners] == [BOTTOM, HEIGHT / 2]


def test_the_table_draws_each_metric_over_the_runs_that_match(reader: Client, repository: Repository) -> None:
    for value in (0.5, 0.7, 0.6):
        keep(repository, {"<b>auc": value}, branch="exp/a")
    keep(repository, {"<b>auc": 0.9}, branch="main")
    html = reader.get(reverse("runs", args=[repository.pk]), {"branch": "exp/a"}).content.decode()
    (words,) = re.findall(r'<svg class="trend"[^>]* aria-label="([^"]*)"', html)
    assert words == "&lt;b&gt;auc of 3 runs, oldest first: 0.5 to 0.6, best 0.7"
