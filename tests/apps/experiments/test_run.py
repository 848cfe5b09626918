"""The page of a run: what it gave, what it changed, what it was made with, and who made it before."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.experiments.models import Collection, Run, Values
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = pytest.mark.django_db


def made_from(run: Run, **lineage: dict[str, Any]) -> Run:
    packed = Values.pack(lineage)
    digest = f"{hash(str(lineage)) & (1 << 128) - 1:032x}"
    run.lineage, _ = Values.objects.get_or_create(repository=run.repository, digest=digest, defaults={"packed": packed})
    run.save()
    return run


def open_run(reader: Client, run: Run) -> Any:
    return reader.get(reverse("run", args=[run.repository_id, run.pk]))


def test_it_is_compared_with_the_run_that_it_builds_on(
    reader: Client, repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    before = keep(repository, {"auc": 0.7, "loss": 0.5}, {"lr": 0.1, "depth": 3})
    after = keep(repository, {"auc": 0.8, "loss": 0.6}, {"lr": 0.2, "depth": 3}, builds_on=before.commit)
    with django_assert_max_num_queries(10):
        page = open_run(reader, after)
    assert [(each.name, each.before, each.after) for each in page.context["changes"]] == [("lr", 0.1, 0.2)]
    assert {each.name: each.better for each in page.context["metrics"]} == {"auc": True, "loss": False}


def test_what_else_moved_is_named(reader: Client, repository: Repository) -> None:
    before = made_from(
        keep(repository, {"auc": 0.7}), data={"d.csv": "a"}, environment={"uv.lock": "1"}, code={"": "x"}
    )
    after = made_from(
        keep(repository, {"auc": 0.8}, builds_on=before.commit),
        data={"d.csv": "b"},
        environment={"uv.lock": "2"},
        code={"": "x"},
    )
    page = open_run(reader, after)
    assert page.context["reasons"] == ["data", "environment"]
    assert page.context["environment"] == ["uv.lock"]


def test_a_version_of_data_is_in_use_since_the_first_run_with_it(reader: Client, repository: Repository) -> None:
    first = made_from(keep(repository, {"auc": 0.6}), data={"d.csv": "a"}, sizes={"d.csv": 2000})
    before = made_from(
        keep(repository, {"auc": 0.7}, builds_on=first.commit), data={"d.csv": "a"}, artifacts={"m": "1"}
    )
    after = made_from(
        keep(repository, {"auc": 0.8}, builds_on=before.commit),
        data={"d.csv": "a"},
        artifacts={"m": "2"},
        sizes={"d.csv": 2000},
    )
    data, model = open_run(reader, after).context["versions"]
    assert (data.path, data.first, data.moved, data.size) == ("d.csv", first, False, 2000)
    assert (model.path, model.first, model.moved, model.size) == ("m", after, True, None)


def test_named_experiments_with_the_same_params_and_data_repeat_each_other(
    reader: Client, repository: Repository
) -> None:
    one = made_from(keep(repository, {"auc": 0.7}, {"lr": 1}, source="dvc", name="a"), data={"d": "1"}, code={"": "x"})
    two = made_from(keep(repository, {"auc": 0.7}, {"lr": 1}, source="dvc", name="b"), data={"d": "1"}, code={"": "y"})
    made_from(keep(repository, {"auc": 0.7}, {"lr": 1}, source="dvc", name="c"), data={"d": "2"}, code={"": "x"})
    keep(repository, {"auc": 0.7}, {"lr": 2}, source="dvc", name="d")
    assert open_run(reader, two).context["repeats"] == [one]


def test_commits_repeat_each_other_only_with_the_same_code(reader: Client, repository: Repository) -> None:
    one = made_from(keep(repository, {"auc": 0.7}, {"lr": 1}), data={"d": "1"}, code={"": "x"})
    made_from(keep(repository, {"auc": 0.7}, {"lr": 1}), data={"d": "1"}, code={"": "y"})
    assert not open_run(reader, one).context["repeats"]
    again = made_from(keep(repository, {"auc": 0.7}, {"lr": 1}), data={"d": "1"}, code={"": "x"})
    assert open_run(reader, one).context["repeats"] == [again]


def test_tags_of_its_commit_are_shown(reader: Client, repository: Repository) -> None:
    run = keep(repository, {"auc": 0.7})
    tag = {"name": "churn@v1.0.0", "kind": "version", "model": "churn", "what": "v1.0.0", "cancelled": False}
    rest = {"subject": "", "time": None}
    other = tag | {"commit": "f" * 40, "model": "other"} | rest
    Collection.objects.create(repository=repository, tags=[tag | {"commit": run.commit} | rest, other])
    page = open_run(reader, run).content.decode()
    assert "churn v1.0.0" in page
    assert "other" not in page


def test_what_a_repository_writes_is_text(reader: Client, repository: Repository) -> None:
    run = keep(repository, {"<b>auc": 0.7}, {"<i>": "<script>"}, subject="<img src=x>", hypothesis="<u>", name="<h1>")
    page = open_run(reader, run).content.decode()
    assert not any(tag in page for tag in ("<b>auc", "<i>", "<script>&", "<img src=x", "<u>", "<h1><h1>"))
    assert "&lt;img src=x&gt;" in page
