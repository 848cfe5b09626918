"""An administrator's pattern tells groups; a changed one reads histories anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.experiments.grouping import check_pattern, group_by
from apps.experiments.models import Collection, GroupPattern, Run
from apps.jobs.models import Job
from apps.repositories.models import Repository
from tests.apps.experiments.trials import BEGIN, FIRST, trial

MARCH = trial("2024-03-01", 0.2, 0.8, branch="users/ada/churn-lr")


@pytest.mark.parametrize(
    ("pattern", "name", "group"),
    [
        ("feature/{group}-*", "feature/churn-deeper-trees", "churn"),
        ("{group}/*", "churn/a/b", "churn"),
        ("*/{group}", "a/b/c", "c"),
        ("{group}", "a/b", None),
        ("a.{group}", "abc", None),
        ("x{group}", "x", None),
        ("{group}-*", "größe-2", "größe"),
    ],
)
def test_the_group_stands_where_the_pattern_says(pattern: str, name: str, group: str | None) -> None:
    assert group_by([pattern], [name]) == group


def test_the_first_pattern_that_matches_decides() -> None:
    assert group_by(["no/{group}", "a-{group}", "{group}"], ["a-b"]) == "b"


@pytest.mark.parametrize("pattern", ["feature/*", "{group}/{group}", "{group}" + "*" * 3])
def test_a_pattern_that_tells_no_group_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        check_pattern(pattern)


@pytest.mark.django_db(transaction=True)
def test_runs_are_in_the_group_of_their_branch(
    push: Callable[..., Any], collect: Callable[[], Job], repository: Repository
) -> None:
    GroupPattern.objects.create(pattern="users/*/{group}-*")
    push([BEGIN, FIRST, MARCH])
    collect()
    assert {run.branch: run.group for run in Run.objects.all()} == {"main": "", "users/ada/churn-lr": "churn"}


@pytest.mark.django_db
def test_a_repositorys_own_patterns_stand_for_those_of_all(repository: Repository) -> None:
    GroupPattern.objects.create(pattern="all/{group}")
    assert GroupPattern.of(repository) == ["all/{group}"]
    GroupPattern.objects.create(pattern="own/{group}", repository=repository)
    assert GroupPattern.of(repository) == ["own/{group}"]


@pytest.mark.django_db
def test_a_pattern_of_the_admin_has_the_history_read_anew(client: Client, repository: Repository) -> None:
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    Collection.objects.create(repository=repository, seen="now", known=["a" * 40])
    refused = client.post(reverse("admin:experiments_grouppattern_add"), {"pattern": "feature/*"})
    assert "Write {group} once" in refused.content.decode()
    assert not Job.objects.exists()
    client.post(reverse("admin:experiments_grouppattern_add"), {"pattern": "feature/{group}"})
    assert Collection.objects.get().seen == ""
    assert Job.objects.get().kind == "experiments.collect"
