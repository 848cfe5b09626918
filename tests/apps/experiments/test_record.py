"""What becomes rows of an answer, and what the next answer leaves of them."""

from __future__ import annotations

from typing import Any

import pytest

from apps.experiments.answer import parse
from apps.experiments.models import Collection, Plot, Run, Values
from apps.experiments.record import record
from apps.repositories.models import Repository
from tests.apps.experiments.trials import answer, told

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MERGE = {"commit": "a" * 40, "time": "2024-01-01T00:00:00+00:00", "subject": "Merge"}


def keep(repository: Repository, said: bytes) -> None:
    collection, _ = Collection.objects.get_or_create(repository=repository)
    record(repository, collection, parse(said))


def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in Run.objects.order_by("pk").values()]


def test_the_same_portion_twice_is_kept_once(repository: Repository) -> None:
    said = answer(told(1), told(2), known=["b" * 40], merges=[MERGE])
    keep(repository, said)
    before, collection = rows(), Collection.objects.values().get()
    keep(repository, said)
    assert rows() == before
    assert Collection.objects.values().get() == collection


def test_a_run_that_is_told_anew_keeps_its_row(repository: Repository) -> None:
    keep(repository, answer(told(1), told(2)))
    pk = Run.objects.get(key=f"git:{1:040x}").pk
    keep(repository, answer(told(1, subject="feat: amended", hypothesis="more is more")))
    run = Run.objects.get(pk=pk)
    assert (run.subject, run.hypothesis) == ("feat: amended", "more is more")
    assert Run.objects.count() == 2


def test_runs_share_values_of_their_own_repository_only(repository: Repository) -> None:
    other = Repository.objects.create(team=repository.team, name="other", url="x", identity="x")
    for each in (repository, other):
        keep(each, answer(told(1), told(2, metrics={"auc": 0.5})))
        assert Values.objects.filter(repository=each).count() == 3  # nothing, and one each
    for run in Run.objects.all():
        assert {run.metrics.repository_id, run.params.repository_id} == {run.repository_id}
        assert run.params_id == run.lineage_id


def test_odd_numbers_are_kept(repository: Repository) -> None:
    keep(repository, answer(told(1, metrics={"a": float("nan"), "b": float("-inf"), "c": 10**299, "d": True})))
    kept = Run.objects.get().metrics.files["metrics.json"]
    assert str(kept) == str({"a": float("nan"), "b": float("-inf"), "c": 10**299, "d": True})


def test_a_branch_is_remembered_once_git_tells_it_no_longer(repository: Repository) -> None:
    """Of however many runs."""
    many = range(1, 1203)
    keep(repository, answer(*(told(n, branch="exp/a") for n in many)))
    keep(repository, answer(*(told(n, branch="") for n in many)))
    assert set(Run.objects.values_list("branch", flat=True)) == {"exp/a"}
    keep(repository, answer(told(1, branch="main")))
    assert Run.objects.get(key=f"git:{1:040x}").branch == "main"


def test_what_nothing_leads_to_is_gone_and_may_come_back(repository: Repository) -> None:
    keep(repository, answer(told(1), told(2), told(3, id="mlflow:r", source="mlflow", commit=f"{1:040x}")))
    keep(repository, answer(told(3, id="mlflow:r", source="mlflow"), gone=[f"{1:040x}", "c" * 40]))
    assert [run.key for run in Run.objects.exclude(gone_since=None)] == [f"git:{1:040x}"]
    since = Run.objects.get(key=f"git:{1:040x}").gone_since
    keep(repository, answer(gone=[f"{1:040x}"], complete=False))
    assert Run.objects.get(key=f"git:{1:040x}").gone_since == since
    keep(repository, answer(told(1)))
    assert Run.objects.get(key=f"git:{1:040x}").gone_since is None


def test_runs_of_mlflow_go_only_when_all_was_looked_at(repository: Repository) -> None:
    keep(repository, answer(told(1, id="mlflow:r", source="mlflow")))
    keep(repository, answer(saw_mlflow=False))
    assert Run.objects.get().gone_since is None
    keep(repository, answer())
    assert Run.objects.get().gone_since


def test_merges_are_kept_youngest_first_and_each_once(repository: Repository) -> None:
    late = {**MERGE, "commit": "b" * 40, "time": "2024-06-01T00:00:00+00:00"}
    keep(repository, answer(merges=[late]))
    keep(repository, answer(merges=[MERGE, late]))
    assert [merge["commit"][0] for merge in Collection.objects.get().merges] == ["b", "a"]


def engine(repository: Repository, version: str) -> None:
    Collection.objects.update_or_create(repository=repository, defaults={"seen": version})


def test_what_a_newer_engine_does_not_find_is_gone_once_it_has_read_all(repository: Repository) -> None:
    engine(repository, "one")
    keep(repository, answer(told(1), told(2), told(3, id="mlflow:r", source="mlflow")))
    engine(repository, "two")
    keep(repository, answer(told(1), told(3, id="mlflow:r", source="mlflow"), complete=False))
    assert not Run.objects.exclude(gone_since=None)
    keep(repository, answer(told(3, id="mlflow:r", source="mlflow")))
    assert [run.key for run in Run.objects.exclude(gone_since=None)] == [f"git:{2:040x}"]


def test_what_the_next_push_does_not_tell_again_stays(repository: Repository) -> None:
    engine(repository, "one")
    keep(repository, answer(told(1)))
    keep(repository, answer(told(2)))
    assert not Run.objects.exclude(gone_since=None)


def test_values_and_plots_that_no_run_has_are_forgotten(repository: Repository) -> None:
    other = Repository.objects.create(team=repository.team, name="other", url="x", identity="x")
    keep(other, answer(told(9)))
    plot = {"kind": "png", "x": "", "y": "", "points": [], "data": ""}
    first, second = f"{7:032x}", f"{8:032x}"
    keep(repository, answer(told(1, plots={"a.png": first}), told(2), plots={first: plot}))
    keep(
        repository, answer(told(1, metrics={"auc": 0.9}, plots={"a.png": second}), plots={second: plot}, complete=False)
    )
    assert Plot.objects.count() == 2
    keep(repository, answer())
    assert [each.digest for each in Plot.objects.all()] == [second]
    used = {run.metrics_id for run in Run.objects.all()} | {run.params_id for run in Run.objects.all()}
    assert set(Values.objects.values_list("pk", flat=True)) == used
