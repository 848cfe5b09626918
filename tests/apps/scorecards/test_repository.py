"""The repository's page: verdict, reason, next step, every check with its places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.repositories.example.story import commit
from apps.repositories.models import Repository, State
from apps.scorecards.models import Scorecard
from tests.apps.scorecards.conftest import BEGIN, WRITER

pytestmark = pytest.mark.django_db


def page(reader: Client, path: str) -> str:
    response = reader.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_grade_fixes_areas_and_places(
    reader: Client, card: Scorecard, repository: Repository, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Repository.objects.update(forge="github", web_url="https://github.com/o/churn")
    with django_assert_max_num_queries(10):
        text = page(reader, f"/repositories/{repository.pk}/")
    assert f"Grade {card.grade}" in text
    assert "Fix these first" in text
    assert f"https://github.com/o/churn/blob/{card.commit}/models/m.pkl" in text
    assert "hygiene/model-binaries" in text
    assert "The first scorecard of this repository" in text


def test_it_shows_plain_places_where_the_forge_is_unknown(
    reader: Client, card: Scorecard, repository: Repository
) -> None:
    text = page(reader, f"/repositories/{repository.pk}/")
    assert '<span class="path"><bdi>models/m.pkl</bdi></span>' in text


def test_it_says_why_the_score_moved(
    reader: Client, card: Scorecard, repository: Repository, push: Callable[..., Any], audit: Callable[[], Job]
) -> None:
    push([BEGIN, WRITER, commit("2024-03-01", "fix: drop model", delete=["models/m.pkl"])])
    audit()
    text = page(reader, f"/repositories/{repository.pk}/")
    assert "because the repository changed" in text
    former = page(reader, f"/repositories/{repository.pk}/scorecards/{card.pk}/")
    assert "A former scorecard" in former
    history = page(reader, f"/repositories/{repository.pk}/scorecards/")
    assert history.count("/scorecards/") >= 2


def test_it_escapes_what_a_repository_says(
    reader: Client, push: Callable[..., Any], audit: Callable[[], Job], repository: Repository
) -> None:
    name = "models/<img src=x onerror=alert(1)>\u202e.pkl"
    push([BEGIN, commit("2024-02-01", "feat: <script>", {name: "0" * 9000})])
    audit()
    text = page(reader, f"/repositories/{repository.pk}/")
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;\\u202e.pkl" in text


def test_it_limits_to_an_area(reader: Client, card: Scorecard, repository: Repository) -> None:
    text = page(reader, f"/repositories/{repository.pk}/?area=hygiene")
    assert 'id="hygienelarge-files"' in text
    assert 'id="structurereadme"' not in text
    assert reader.get(f"/repositories/{repository.pk}/?area=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("state", "words"), [(State.EMPTY, "No commits yet"), (State.UNREACHABLE, "Cannot be reached")]
)
def test_it_names_the_state_before_there_is_a_scorecard(
    reader: Client, repository: Repository, state: State, words: str
) -> None:
    repository.enter(state, "Its server is gone.")
    assert words in page(reader, f"/repositories/{repository.pk}/")


@pytest.mark.parametrize("state", [State.QUEUED, State.CLONING, State.AUDITING])
def test_it_promises_nothing_when_nobody_works_on_it(reader: Client, repository: Repository, state: State) -> None:
    Repository.objects.update(state=state)
    assert "The audit was interrupted" in page(reader, repository.get_absolute_url())


def test_it_says_why_the_last_attempt_failed_while_it_waits_for_the_next(
    reader: Client, repository: Repository
) -> None:
    enqueue("scorecards.audit", str(repository.pk))
    Job.objects.update(attempts=1)
    repository.enter(State.UNREACHABLE, "Its server is gone.")
    text = page(reader, f"/repositories/{repository.pk}/")
    assert "Its server is gone." in text
    assert '<button class="btn btn-primary">Audit now</button>' in text


def test_progress_shows_the_phase_and_then_refreshes_the_page(reader: Client, repository: Repository) -> None:
    job = enqueue("scorecards.audit", str(repository.pk))
    path = f"/repositories/{repository.pk}/progress/"
    assert "Waiting for a worker" in page(reader, path)
    Job.objects.update(status="running", phase="receiving objects", done=1204, total=8911)
    assert "Receiving objects 1,204 of 8,911" in page(reader, path)
    Job.objects.filter(pk=job.pk).update(status="succeeded")
    assert reader.get(path).headers["HX-Refresh"] == "true"


def test_check_page_says_who_fails(reader: Client, card: Scorecard, repository: Repository) -> None:
    text = page(reader, "/checks/hygiene/model-binaries/")
    for words in ("Why", "How to fix", "Examples", "1 fail, 0 pass", "churn"):
        assert words in text
    assert "1 fails" in page(reader, "/checks/")
    assert reader.get("/checks/hygiene/nonsense/").status_code == 404
