"""Scores and measures over the commits that were audited."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.jobs.models import Job
from apps.repositories.example.story import commit
from apps.repositories.models import Repository
from apps.scorecards.measures import label
from tests.apps.scorecards.conftest import BEGIN, WRITER

TESTED = commit("2024-03-01", "test: the model", {"tests/test_model.py": "def test_model():\n    assert 1 + 1 == 2\n"})


@pytest.fixture
def grown(push: Callable[..., Any], audit: Callable[[], Job], repository: Repository) -> Repository:
    """Audited at its first commit and at its last."""
    push([BEGIN])
    audit()
    push([BEGIN, WRITER, TESTED])
    audit()
    return repository


def test_a_chart_has_a_point_for_each_commit_also_of_those_between_audits(reader: Client, grown: Repository) -> None:
    answer = reader.get(reverse("measures", args=[grown.pk]), {"form": "figure", "measure": "testing.unit"})
    (trace,) = json.loads(answer.content)["data"]
    assert trace["y"] == [0, 0, 1]
    assert [moment[:10] for moment in trace["x"]] == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert [bool(url) for url in trace["customdata"]] == [True, False, True]


def test_a_commit_that_made_checks_flip_is_marked_and_says_who_made_it(reader: Client, grown: Repository) -> None:
    answer = reader.get(reverse("measures", args=[grown.pk]), {"form": "figure"})
    (trace,) = json.loads(answer.content)["data"]
    assert trace["marker"]["symbol"] == ["circle", "diamond", "diamond"]
    assert "by Ada Lovelace<br>" in trace["text"][1]
    assert "hygiene/model-binaries: failed" in trace["text"][1]


def test_the_page_has_the_same_numbers_as_a_table(
    reader: Client, grown: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        page = reader.get(reverse("measures", args=[grown.pk]), {"measure": ["score", "hygiene.model_binaries"]})
    assert [values[1] for _, values in page.context["page"]] == [1, 1, 0]
    assert page.context["shown"] == [("score", "Score"), ("hygiene.model_binaries", "Models in git")]


def test_what_nobody_measures_is_not_shown(reader: Client, grown: Repository) -> None:
    page = reader.get(reverse("measures", args=[grown.pk]), {"measure": ["<b>", "testing.unit"]})
    assert page.context["shown"] == [("testing.unit", "Unit tests")]


def test_before_the_first_audit_the_page_says_what_will_be_there(reader: Client, repository: Repository) -> None:
    page = reader.get(reverse("measures", args=[repository.pk]))
    assert "Nothing measured yet" in page.content.decode()
    assert reader.get(reverse("measures", args=[repository.pk]), {"form": "figure"}).status_code == 404


def test_an_areas_score_is_named_by_its_title() -> None:
    assert label("score.hygiene") == "Score of Hygiene"
    assert label("made.up") == "made.up"
