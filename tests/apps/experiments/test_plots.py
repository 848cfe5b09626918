"""Curves and images: who may see them, and what is drawn."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Team
from apps.experiments.models import Plot, Run
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = pytest.mark.django_db
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def curve(repository: Repository, number: int, points: list[list[float]]) -> str:
    told = {"kind": "curve", "x": "step", "y": "<loss>", "points": points}
    return Plot.objects.create(
        repository=repository, digest=f"{number:032x}", kind="curve", packed=Plot.pack(told)
    ).digest


def image(repository: Repository, number: int) -> str:
    told = {"kind": "png", "data": base64.b64encode(PNG).decode()}
    return Plot.objects.create(
        repository=repository, digest=f"{number:032x}", kind="png", packed=Plot.pack(told)
    ).digest


def drawn(reader: Client, path: str, *runs: Run) -> Any:
    asked: dict[str, str | list[int]] = {"path": path, "run": [run.pk for run in runs]}
    return reader.get(reverse("plot", args=[runs[0].repository_id]), asked)


def test_curves_of_several_runs_lie_over_each_other(reader: Client, repository: Repository) -> None:
    one = keep(repository, {}, plots={"a.tsv": curve(repository, 1, [[0, 1], [1, 0.5]])})
    two = keep(repository, {}, plots={"a.tsv": curve(repository, 2, [[0, 2], [1, 1.5]])})
    keep(repository, {}, plots={"b.tsv": curve(repository, 3, [[0, 9], [1, 9]])})
    figure = json.loads(drawn(reader, "a.tsv", two, one).content)
    assert [trace["y"] for trace in figure["data"]] == [[2, 1.5], [1, 0.5]]
    assert figure["layout"]["yaxis"]["title"]["text"] == "&lt;loss&gt;"


def test_what_is_asked_for_and_not_there_is_not_found(reader: Client, repository: Repository) -> None:
    run = keep(repository, {}, plots={"a.tsv": curve(repository, 1, [[0, 1], [1, 2]])})
    assert drawn(reader, "b.tsv", run).status_code == 404
    assert reader.get(reverse("plot", args=[repository.pk]), {"path": "a.tsv", "run": "x"}).status_code == 404


def test_plots_of_other_teams_are_not_found(reader: Client, repository: Repository) -> None:
    team = Team.objects.create(name="Others")
    hidden = Repository.objects.create(team=team, name="hidden", url="x", identity="x")
    run = keep(hidden, {}, plots={"a.tsv": curve(hidden, 1, [[0, 1], [1, 2]]), "b.png": image(hidden, 2)})
    assert drawn(reader, "a.tsv", run).status_code == 404
    assert reader.get(reverse("plot_image", args=[hidden.pk, run.plots["b.png"]])).status_code == 404
    asked: dict[str, str | int] = {"path": "a.tsv", "run": run.pk}
    assert reader.get(reverse("plot", args=[repository.pk]), asked).status_code == 404


def test_an_image_is_given_as_it_is_in_git_and_as_nothing_else(reader: Client, repository: Repository) -> None:
    answer = reader.get(reverse("plot_image", args=[repository.pk, image(repository, 1)]))
    assert answer.content == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    number = curve(repository, 2, [[0, 1], [1, 2]])
    assert reader.get(reverse("plot_image", args=[repository.pk, number])).status_code == 404


def test_the_pages_of_a_run_and_of_a_comparison_show_its_plots(
    reader: Client, repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    one = keep(
        repository, {"auc": 1}, plots={"a.tsv": curve(repository, 1, [[0, 1], [1, 2]]), "b.png": image(repository, 2)}
    )
    two = keep(repository, {"auc": 2}, builds_on=one.commit)
    with django_assert_max_num_queries(10):
        page = reader.get(reverse("run", args=[repository.pk, one.pk])).content.decode()
    assert f'data-figure="/repositories/{repository.pk}/experiments/plot.json?path=a.tsv&amp;run={one.pk}"' in page
    assert 'alt="b.png of run-0"' in page
    with django_assert_max_num_queries(10):
        page = reader.get(reverse("compare", args=[repository.pk]), {"run": [one.pk, two.pk]}).content.decode()
    assert f"path=a.tsv&amp;run={one.pk}&amp;run={two.pk}" in page
    assert "run-1 has none" in page
