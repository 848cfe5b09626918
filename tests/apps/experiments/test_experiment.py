"""The page of an experiment, and the warning that an open branch repeats what was run to its end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.experiments.models import Collection, Run
from apps.repositories.models import Repository
from tests.apps.experiments.conftest import Tell
from tests.apps.experiments.trials import keep, tried

pytestmark = pytest.mark.django_db

START = tried(1, {"auc": 0.7}, {"lr": 0.1}, message="feat: start")
KEPT = tried(2, {"auc": 0.75}, {"lr": 0.2}, message="dvc: commit experiment 1", experiment="brave-ode")
OPENED = tried(3, {"auc": 0.7}, {"lr": 0.1}, message="docs: a plan", branch="exp/rate/slow", files={"README.md": "x"})
AGAIN = tried(
    4, {"auc": 0.72}, {"lr": 0.2}, message="exp: slower\n\nHypothesis: <b>small</b> steps", branch="exp/rate/slow"
)
MERGE = tried(5, {"auc": 0.72}, {"lr": 0.2}, message="Merge branch 'exp/rate/slow'", merge="exp/rate/slow")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_it_says_what_it_set_out_from_and_what_it_gave(
    reader: Client, repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Collection.objects.create(repository=repository, open_branches=["exp/a"])
    before = keep(repository, {"auc": 0.7}, {"lr": 1, "depth": 3})
    told: dict[str, Any] = {"source": "branch", "name": "a", "branch": "exp/a", "author": "Ada"}
    first = keep(repository, {"auc": 0.9}, {"lr": 2, "depth": 3}, builds_on=before.commit, hypothesis="old", **told)
    last = keep(
        repository,
        {"auc": 0.8},
        {"lr": 3, "depth": 3},
        builds_on=first.commit,
        **told | {"author": "Bob"},
        hypothesis="<i>new",
    )
    keep(repository, {"auc": 1.0}, **told | {"name": "other"})
    with django_assert_max_num_queries(10):
        page = reader.get(last.experiment)
    html = page.content.decode()
    assert [line.row.run for line in page.context["table"].lines] == [last, first]
    assert f"Best auc 0.9 in {first.short} , +0.2 better than what it set out from" in words(html)
    assert (page.context["state"], page.context["authors"]) == ("open", ["Ada", "Bob"])
    assert [(each.name, each.before, each.after) for each in page.context["changes"]] == [("lr", 1, 3)]
    assert "&lt;i&gt;new" in html
    assert "<i>new" not in html
    assert last.experiment.replace("&", "&amp;") in reader.get(last.get_absolute_url()).content.decode()


def test_a_branch_has_a_page_whatever_its_commits_are_called(reader: Client, tell: Tell) -> None:
    runs = tell([START, OPENED, AGAIN])
    assert (runs[OPENED].source, runs[AGAIN].source) == ("branch", "message")
    page = reader.get(runs[AGAIN].branch_page)
    assert [line.row.run for line in page.context["table"].lines] == [runs[AGAIN], runs[OPENED]]
    assert (page.context["title"], page.context["state"]) == ("exp/rate/slow", "open")
    assert page.context["before"].run == runs[START]


def test_without_numbers_or_baseline_it_says_so(reader: Client, repository: Repository) -> None:
    run = keep(repository, {}, source="message", group="g", name="ä&b", gone_since="2026-01-01T00:00:00Z")
    html = words(reader.get(run.experiment).content.decode())
    assert "None of its runs has a number in git." in html
    assert "It builds on no run that is known." in html
    assert "gone" in html


@pytest.mark.parametrize("query", ["", "source=%00", "source=branch&name=unheard-of", "name=run-0&source=dvc"])
def test_an_experiment_that_is_not_there_is_none(reader: Client, repository: Repository, query: str) -> None:
    keep(repository, {"auc": 1})
    assert reader.get(f"{reverse('experiment', args=[repository.pk])}?{query}").status_code == 404


def finished(reader: Client, run: Run) -> list[Any]:
    of_run, of_experiment = (reader.get(url).context["finished"] for url in (run.get_absolute_url(), run.experiment))
    assert of_run == of_experiment
    return list(of_run)


def test_an_open_branch_that_repeats_a_finished_run_is_warned(reader: Client, tell: Tell) -> None:
    runs = tell([START, KEPT, OPENED, AGAIN])
    assert finished(reader, runs[AGAIN]) == [runs[KEPT]]
    assert "Tried before." in reader.get(runs[AGAIN].get_absolute_url()).content.decode()


def test_one_that_only_was_opened_is_not(reader: Client, tell: Tell) -> None:
    runs = tell([START, KEPT, OPENED])
    assert reader.get(runs[OPENED].get_absolute_url()).context["repeats"] == [runs[START]]
    assert finished(reader, runs[OPENED]) == []


def test_one_that_was_merged_is_finished_itself(reader: Client, tell: Tell) -> None:
    runs = tell([START, KEPT, OPENED, AGAIN, MERGE])
    assert finished(reader, runs[AGAIN]) == []


def test_a_branch_is_no_finished_run_for_another_open_one(reader: Client, repository: Repository) -> None:
    Collection.objects.create(repository=repository, open_branches=["exp/a", "exp/b"])
    start = keep(repository, {"auc": 0.7}, {"lr": 1})
    one, other = (
        keep(
            repository,
            {"auc": 0.8},
            {"lr": 2},
            source="branch",
            name=name,
            branch=f"exp/{name}",
            builds_on=start.commit,
        )
        for name in "ab"
    )
    assert finished(reader, one) == []
    Collection.objects.update(open_branches=["exp/a"])
    assert finished(reader, one) == [other]
