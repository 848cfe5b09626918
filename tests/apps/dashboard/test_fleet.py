"""The list of repositories: searched, filtered, sorted, paged, in ten queries at any size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Membership, Role, Team, User
from apps.audit import catalog
from apps.repositories.models import Repository, State, Tag
from apps.scorecards.models import Details, Scorecard, Standing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def reader(client: Client) -> Client:
    person = User.objects.create_user("ada", password="correct horse battery")
    Membership.objects.create(user=person, team=Team.objects.default(), role=Role.MEMBER)
    client.force_login(person)
    return client


def stand(name: str, score: float | None, grade: str = "", delta: float | None = None) -> Repository:
    """A repository with a scorecard, without an audit."""
    repository = Repository.objects.create(
        team=Team.objects.default(), name=name, url=f"https://x.org/{name}", identity=name, state="ready"
    )
    areas = [
        {"area": slug, "title": slug, "score": score, "grade": grade, "passed": 1, "judged": 1}
        for slug in catalog.areas()
    ]
    shared: dict[str, Any] = {
        "score": score,
        "grade": grade,
        "delta": delta,
        "complete": True,
        "areas": areas,
        "outcomes": {},
    }
    details = Details.keep(repository, [], {})
    card = Scorecard.objects.create(
        repository=repository, commit=name, recorded_at=NOW, committed_at=NOW, measures={}, details=details, **shared
    )
    Standing.objects.create(
        repository=repository,
        scorecard=card,
        seen="",
        audited_at=NOW - timedelta(days=1),
        committed_at=NOW,
        weeks=[1, 2],
        **shared,
    )
    return repository


def names(reader: Client, query: str = "") -> list[str]:
    return [repository.name for repository in reader.get(f"/?{query}").context["page"]]


def test_it_says_what_will_be_here_when_there_is_nothing(reader: Client) -> None:
    text = reader.get("/").content.decode()
    assert "Add a repository" in text
    assert "Load the example" in text


def test_it_sorts_with_the_unscored_last(reader: Client) -> None:
    stand("b", 50, "F", delta=-3)
    stand("a", 90, "A", delta=1)
    stand("c", None)
    assert names(reader) == ["a", "b", "c"]
    assert names(reader, "sort=score") == ["b", "a", "c"]
    assert names(reader, "sort=-score") == ["a", "b", "c"]
    assert names(reader, "sort=change") == ["b", "a", "c"]
    assert names(reader, "sort=nonsense") == ["a", "b", "c"]


def test_it_searches_and_filters(reader: Client) -> None:
    churn, fraud = stand("churn", 50, "F"), stand("fraud", 90, "A")
    churn.tags.add(Tag.objects.create(team=churn.team, name="nlp"))
    fraud.enter(State.UNREACHABLE, "It is gone.")
    assert names(reader, "q=CHU") == ["churn"]
    assert names(reader, "q=x.org/fra") == ["fraud"]
    assert names(reader, "grade=A") == ["fraud"]
    assert names(reader, "tag=nlp") == ["churn"]
    assert names(reader, "state=unreachable") == ["fraud"]
    assert "None matches" in reader.get("/?q=nothing-like-it").content.decode()


@pytest.mark.database
@pytest.mark.parametrize("name", ["q", "grade", "tag", "state", "sort", "page"])
def test_it_bears_any_question(reader: Client, name: str) -> None:
    stand("churn", 50, "F")
    assert reader.get("/", {name: "\0'\\%_\U0001f600"}).status_code == 200


def test_it_answers_htmx_with_the_rows_alone(reader: Client) -> None:
    stand("churn", 50, "F")
    text = reader.get("/?q=churn", headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith('<div id="fleet">')
    assert "<html" not in text


def test_it_never_promises_a_point_that_is_not_there(reader: Client) -> None:
    stand("churn", 79.9, "C")
    assert ">79<" in reader.get("/").content.decode()


def test_it_shows_only_what_a_person_may_see(reader: Client) -> None:
    other = Team.objects.create(name="Other", slug="other")
    Repository.objects.create(team=other, name="hidden", identity="hidden")
    assert names(reader) == []


def test_ten_queries_for_any_number(reader: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(60):
        stand(f"r{number}", number, "F").tags.add(Tag.objects.get_or_create(team=Team.objects.default(), name="nlp")[0])
    with django_assert_max_num_queries(10):
        assert len(names(reader, "sort=-score")) == 40
    with django_assert_max_num_queries(10):
        assert len(names(reader, "sort=-score&page=2")) == 20
