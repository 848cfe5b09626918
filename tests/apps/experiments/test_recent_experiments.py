"""The last runs of all projects, and what was better than all before it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Team
from apps.experiments.improvements import compare
from apps.experiments.models import Direction, Run
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = pytest.mark.django_db


def gains(repository: Repository) -> list[tuple[float | None, float | None]]:
    compare(repository)
    return [
        (run.value, run.gain and round(run.gain, 6))
        for run in Run.objects.filter(repository=repository).order_by("time")
    ]


def test_a_run_that_beats_all_before_it_is_better_by_the_difference(repository: Repository) -> None:
    for auc in (0.7, 0.6, 0.75, 0.75, float("nan"), 0.8):
        keep(repository, {"auc": auc, "step": 9})
    assert gains(repository) == [(0.7, None), (0.6, None), (0.75, 0.05), (0.75, None), (None, None), (0.8, 0.05)]


def test_of_a_loss_less_is_better_unless_somebody_said_otherwise(repository: Repository) -> None:
    keep(repository, {"loss": 2.0})
    keep(repository, {"loss": 1.5})
    assert gains(repository) == [(2.0, None), (1.5, 0.5)]
    Direction.objects.create(repository=repository, metric="loss", lower=False)
    assert gains(repository) == [(2.0, None), (1.5, None)]


def test_the_page_shows_what_the_reader_may_see(
    reader: Client, repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hidden = Repository.objects.create(team=Team.objects.create(name="Others"), name="hidden", url="x", identity="x")
    for each in (repository, hidden):
        keep(each, {"auc": 0.7}, time=timezone.now() - timedelta(days=2))
        keep(each, {"auc": 0.8}, time=timezone.now() - timedelta(days=1))
        compare(each)
    with django_assert_max_num_queries(10):
        page = reader.get(reverse("recent_experiments"))
    assert {run.repository for run in page.context["page"]} == {repository}
    assert page.context["lately"] == {"runs": 2, "people": 1, "projects": 1, "better": 1}
    better = reader.get(reverse("recent_experiments"), {"improved": "1"})
    assert [run.value for run in better.context["page"]] == [0.8]


def test_empty_pages_say_what_will_be_there(reader: Client, repository: Repository) -> None:
    assert "No experiments yet" in reader.get(reverse("recent_experiments")).content.decode()
    keep(repository, {"auc": 0.7})
    assert "None was better" in reader.get(reverse("recent_experiments"), {"improved": "1"}).content.decode()
