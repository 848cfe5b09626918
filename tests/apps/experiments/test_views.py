"""Timeline and table as a reader asks for them, and as nobody should."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Membership, Role, Team
from apps.experiments.models import Collection, Direction, Run
from apps.repositories.models import Repository
from tests.apps.experiments.trials import keep

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGES = ("experiments", "timeline", "runs", "export")
ODD = [
    "metric=%00&metric=unheard-of&metric=auc",
    "group=%00&branch=%00&source=%00&since=%00&q=%00&sort=%00&page=%00&by=%00&scale=%00&against=%00&param=%00",
    f"page={'9' * 5000}&since={'9' * 5000}",
    "page=-1&since=-1&source=&by=__class__&sort=-",
    "sort=metric:&sort=-param:%00&param=unheard-of",
    "since=31&source=wandb&by=run&against=unheard-of&scale=cubic",
    "q=%25%5C_%27%22%3B--&group=%ED%A0%80&branch=%FF",
    "metric=" + "x" * 4000,
    "&".join(f"metric=m{n}&param=p{n}" for n in range(300)),
    "rollup=group&rollup=%00",
]


@pytest.fixture
def tried(repository: Repository) -> list[Run]:
    """Three runs on two branches."""
    Collection.objects.create(repository=repository, collected_at=timezone.now())
    now = timezone.now()
    first = keep(repository, {"auc": 0.7}, {"lr": 0.1}, name="first", time=now - timedelta(days=400))
    second = keep(
        repository, {"auc": 0.9, "loss": 1}, {"lr": 0.2}, name="second", branch="exp/a", group="a", source="branch",
        subject="feat: deeper", builds_on=first.commit, time=now - timedelta(days=50),
    )  # fmt: skip
    third = keep(repository, {"auc": 0.8}, {"lr": 0.3}, name="third", source="mlflow", time=now)
    return [first, second, third]


def page(reader: Client, repository: Repository, name: str = "runs", query: str = "", **asked: Any) -> Any:
    arguments = [repository.pk, "csv"] if name == "export" else [repository.pk]
    return reader.get(f"{reverse(name, args=arguments)}?{query}", asked or None)


def names(response: Any) -> list[str]:
    return [line.row.run.name for line in response.context["table"].lines]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["third", "second", "first"]),
        ("branch=main", ["third", "first"]),
        ("group=a", ["second"]),
        ("source=mlflow", ["third"]),
        ("since=30", ["third"]),
        ("since=90", ["third", "second"]),
        ("q=SECO", ["second"]),
        ("q=deeper", ["second"]),
        ("branch=main&since=30", ["third"]),
        ("branch=unheard-of", []),
        ("sort=metric:auc", ["first", "third", "second"]),
        ("sort=-param:lr", ["third", "second", "first"]),
        ("sort=name", ["second", "first", "third"]),  # it is called a/second
    ],
)
def test_runs_are_narrowed_and_sorted(
    reader: Client, repository: Repository, tried: list[Run], query: str, expected: list[str]
) -> None:
    assert names(page(reader, repository, "runs", query)) == expected
    if "sort" not in query:
        assert names(page(reader, repository, "experiments", query)) == expected
        exported = reader.get(f"{reverse('export', args=[repository.pk, 'json'])}?{query}")
        assert [run["name"] for run in json.loads(exported.content)] == expected


def test_what_was_chosen_stays_chosen_on_the_next_page(reader: Client, repository: Repository) -> None:
    for number in range(120):
        keep(repository, {"auc": number}, branch=f"b{number % 2}")
    first = page(reader, repository, "runs", "branch=b1&sort=metric:auc&metric=auc")
    content = first.content.decode()
    assert "branch=b1&amp;sort=metric%3Aauc&amp;metric=auc&amp;page=2" in content
    second = page(reader, repository, "runs", "branch=b1&sort=metric:auc&metric=auc&page=2")
    assert (len(names(first)), len(names(second))) == (50, 10)
    assert names(second)[0] == "run-101"


def test_a_column_says_how_it_sorts(reader: Client, repository: Repository, tried: list[Run]) -> None:
    content = page(reader, repository, "runs", "sort=metric:auc").content.decode()
    assert 'title="auc" aria-sort="ascending"' in content
    assert "?sort=-metric%3Aauc" in content


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("tried")
def test_no_question_is_too_odd(reader: Client, repository: Repository, name: str, query: str) -> None:
    assert page(reader, repository, name, query).status_code in {200, 404}


@pytest.mark.parametrize("name", PAGES)
def test_other_teams_repositories_are_not_there(reader: Client, repository: Repository, name: str) -> None:
    keep(repository, {"auc": 1})
    assert page(reader, repository, name).status_code == 200
    repository.team = Team.objects.create(name="Others")
    repository.save()
    assert page(reader, repository, name).status_code == 404
    assert reader.post(reverse("set_direction", args=[repository.pk]), {"metric": "auc"}).status_code == 404
    assert not Direction.objects.exists()


def test_a_run_is_found_in_its_own_repository_only(reader: Client, repository: Repository) -> None:
    other = Repository.objects.create(team=repository.team, name="other", url="x", identity="x")
    run = keep(other, {"auc": 1})
    assert reader.get(reverse("run", args=[other.pk, run.pk])).status_code == 200
    assert reader.get(reverse("run", args=[repository.pk, run.pk])).status_code == 404
    assert reader.get(f"/repositories/{other.pk}/experiments/runs/{'9' * 30}/").status_code == 404
    assert reader.get(f"/repositories/{'9' * 30}/experiments/").status_code == 404
    assert reader.get(reverse("export", args=[other.pk, "xlsx"])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", ["", "branch=b0&metric=auc&metric=loss&param=lr&sort=-param:lr"])
@pytest.mark.parametrize("many", [10, 300])
def test_no_page_asks_more_often_for_more_runs(
    reader: Client,
    repository: Repository,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    name: str,
    query: str,
    many: int,
) -> None:
    Collection.objects.create(repository=repository)
    before = ""
    for number in range(many):
        run = keep(repository, {"auc": number}, {"lr": number}, branch=f"b{number % 2}", builds_on=before)
        before = run.commit
    with django_assert_max_num_queries(10):
        assert page(reader, repository, name, query).status_code == 200


def test_the_answer_says_what_was_best_and_since_when(reader: Client, repository: Repository, tried: list[Run]) -> None:
    keep(repository, {"auc": float("nan")}, time=timezone.now())
    summary = page(reader, repository, "experiments").context["summary"]
    assert (summary.metric, summary.value, summary.best.run) == ("auc", 0.9, tried[1])
    assert (summary.tried, summary.since, summary.undrawn) == (3, 1, 1)
    Direction.objects.create(repository=repository, metric="auc", lower=True)
    assert page(reader, repository, "experiments").context["summary"].best.run == tried[0]


def test_a_member_says_which_way_is_better_and_a_viewer_cannot(
    reader: Client, repository: Repository, tried: list[Run]
) -> None:
    address = reverse("set_direction", args=[repository.pk])
    answer = reader.post(address, {"metric": "auc", "lower": "yes", "back": "metric=auc\r\nX: y"})
    assert answer.status_code == 302
    assert Direction.objects.get().lower
    reader.post(address, {"metric": "auc", "lower": "no"})
    assert not Direction.objects.get().lower
    reader.post(address, {"metric": "a\0", "lower": "no"})
    reader.post(address, {})
    assert Direction.objects.count() == 1
    assert reader.get(address).status_code == 405
    Membership.objects.update(role=Role.VIEWER)
    assert reader.post(address, {"metric": "auc", "lower": "yes"}).status_code == 404
    assert ">change</button>" not in page(reader, repository, "experiments").content.decode()


def test_empty_pages_say_why(reader: Client, repository: Repository) -> None:
    for name in ("experiments", "runs"):
        assert "Not read yet" in page(reader, repository, name).content.decode()
    collection = Collection.objects.create(repository=repository, collected_at=timezone.now())
    for name in ("experiments", "runs"):
        assert "No experiments in this history" in page(reader, repository, name).content.decode()
    assert page(reader, repository, "timeline").status_code == 404
    collection.delete()
    keep(repository, {"note": "good"}, missing=["metrics.json is in the DVC cache or its remote, not in git"])
    content = page(reader, repository, "experiments").content.decode()
    assert "None of these runs has a number to draw: 1 run changed params" in content
    assert "None matches" in page(reader, repository, "runs", "q=nothing-like-it").content.decode()
    assert 'name="metric"' not in page(reader, repository, "experiments", "q=nothing-like-it").content.decode()


def test_what_a_repository_writes_is_text(reader: Client, repository: Repository) -> None:
    evil = "<img src=x onerror=alert(1)>\"'"
    first = keep(repository, {evil: 1}, {evil: 1})
    more = dict.fromkeys(("name", "branch", "author", "subject", "group", "hypothesis"), evil)
    keep(repository, {evil: 2}, {evil: evil}, builds_on=first.commit, missing=[evil], **more)
    for name in ("experiments", "runs"):
        response = reader.get(reverse(name, args=[repository.pk]), {"metric": evil, "param": evil, "q": evil})
        assert "<img" not in response.content.decode()
        assert names(response) == [evil]


def test_menus_of_a_wide_project_stay_short_and_keep_what_was_asked_for(reader: Client, repository: Repository) -> None:
    keep(repository, {f"m{number}": number for number in range(3000)}, {f"p{number}": 1 for number in range(5000)})
    response = page(reader, repository, "runs", "metric=m2999&param=p4999")
    assert len(response.content) < 150_000
    assert 'value="m2999" checked' in response.content.decode()
    assert 'value="p4999" checked' in response.content.decode()


def test_the_figure_is_asked_for_with_what_was_chosen(reader: Client, repository: Repository, tried: list[Run]) -> None:
    response = page(reader, repository, "experiments", "metric=loss&branch=exp/a&scale=log")
    figure = reader.get(response.context["figure"])
    assert figure.headers["Content-Type"] == "application/json"
    drawn = json.loads(figure.content)
    assert drawn["layout"]["yaxis"]["type"] == "log"
    assert [trace["customdata"] for trace in drawn["data"] if "customdata" in trace] == [[tried[1].get_absolute_url()]]
