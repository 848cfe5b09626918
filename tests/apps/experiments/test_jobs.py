"""From a push to rows of runs: what is kept, what a repeat changes, and what a loss leaves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from apps.audit.experiments import repository as git_directory
from apps.audit.experiments.collecting import Asked, collected
from apps.experiments.models import Collection, Run, Values
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.repositories import registration
from apps.repositories.example.story import Commit, commit
from apps.repositories.models import Repository
from tests.apps.experiments.trials import BEGIN, FIRST, SECOND, trial
from tests.apps.scorecards.conftest import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Push: TypeAlias = Callable[..., dict[Commit, str]]
Collect: TypeAlias = Callable[[], Job]
EXPERIMENT = trial("2024-03-02", 0.3, 0.75, experiment="brisk-lynx")


def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in Run.objects.order_by("pk").values()]


def there() -> set[str]:
    return set(Run.objects.filter(gone_since=None).values_list("commit", flat=True))


def test_an_audit_is_followed_by_its_experiments(push: Push, repository: Repository) -> None:
    push([BEGIN, FIRST])
    assert work(enqueue("scorecards.audit", str(repository.pk))).status == Status.SUCCEEDED
    job = Job.objects.get(kind="experiments.collect")
    assert (job.status, job.result) == (Status.SUCCEEDED, {"runs": 1})


@pytest.mark.parametrize("left", ["nothing", "an older mirror"])
def test_a_worker_that_did_not_audit_fetches_first(push: Push, repository: Repository, left: str) -> None:
    push([BEGIN])
    work(enqueue("scorecards.audit", str(repository.pk)))
    older = repository.mirror.with_name("older")
    shutil.copytree(repository.mirror, older)
    ids = push([FIRST])
    work(enqueue("scorecards.audit", str(repository.pk)))
    Run.objects.all().delete()
    Collection.objects.all().delete()
    shutil.rmtree(repository.mirror)
    if left == "an older mirror":
        older.rename(repository.mirror)
    assert work(enqueue("experiments.collect", str(repository.pk))).result == {"runs": 1}
    assert there() == {ids[FIRST]}


def test_a_run_is_kept_with_what_its_commit_holds(push: Push, collect: Collect) -> None:
    ids = push([BEGIN, FIRST, SECOND])
    collect()
    newest, oldest = Run.objects.all()
    assert (newest.commit, newest.baseline, newest.branch) == (ids[SECOND], ids[FIRST], "main")
    assert (newest.author, newest.subject) == ("Ada Lovelace", "feat: lr 0.2")
    assert newest.metrics.files == {"metrics.json": {"auc": 0.8}}
    assert oldest.params.files == {"params.yaml": {"lr": 0.1}}
    collection = Collection.objects.get()
    assert collection.known == [ids[SECOND]]
    assert collection.collected_at


def test_the_same_again_changes_nothing(push: Push, collect: Collect) -> None:
    push([BEGIN, FIRST, EXPERIMENT, commit("2024-04-01", "docs: x", {"x": ""}, branch="aside")])
    collect()
    before, held = rows(), list(Values.objects.order_by("pk").values())
    assert len(before) == 2
    collect()
    assert rows() == before
    assert list(Values.objects.order_by("pk").values()) == held


def test_a_push_adds_its_runs_and_reads_only_what_is_new(push: Push, collect: Collect, repository: Repository) -> None:
    push([BEGIN, FIRST])
    collect()
    before = rows()
    known = Asked(tuple(Collection.objects.get().known))
    ids = push([BEGIN, FIRST, SECOND])
    collect()
    assert rows()[:-1] == before
    assert rows()[-1]["commit"] == ids[SECOND]
    with git_directory.opened(repository.mirror, known.known) as history:
        assert history.commits == (ids[SECOND],)


def test_portions_add_up_to_the_whole(push: Push, origin: Path) -> None:
    """With commits that are no runs, branches and a merge among them, and an experiment of DVC's."""
    aside = trial("2024-04-01", 0.4, 0.6, branch="exp/aside")
    merge = commit("2024-05-01", "Merge branch 'exp/aside'", merge="exp/aside", drop=True, tag="v1")
    push([BEGIN, FIRST, aside, SECOND, EXPERIMENT, merge, trial("2024-06-01", 0.5, 0.9)])
    whole, parts = portion(origin, Asked()), [portion(origin, Asked(), most=1)]
    while not parts[-1]["complete"]:
        runs = [run for part in parts for run in part["runs"]]
        asked = Asked(tuple(parts[-1]["known"]), tuple(run["commit"] for run in runs))
        parts.append(portion(origin, asked, most=1))
        assert len(parts) < 10
    runs = [run for part in parts for run in part["runs"]]
    assert without_branches(runs) == without_branches(whole["runs"])
    assert {key: value for part in parts for key, value in part["values"].items()} == whole["values"]
    assert parts[-1]["known"] == whole["known"]
    assert [merge for part in parts for merge in part["merges"]] == whole["merges"]


def portion(origin: Path, asked: Asked, **more: Any) -> dict[str, Any]:
    with git_directory.opened(origin, asked.known, asked.kept) as history:
        return dict(collected(history, asked, **more))


def without_branches(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A portion sees other commits around an experiment of DVC's, so its branch is remembered from elsewhere."""
    return sorted(({**run, "branch": ""} for run in runs), key=lambda run: str(run["id"]))


def test_a_force_push_marks_runs_gone_and_a_return_brings_them_back(push: Push, collect: Collect) -> None:
    ids = push([BEGIN, FIRST, SECOND])
    collect()
    before = rows()
    other = trial("2024-03-01", 0.9, 0.1)
    rewritten = push([BEGIN, FIRST, other])
    collect()
    assert there() == {rewritten[FIRST], rewritten[other]}
    assert Run.objects.get(commit=ids[SECOND]).gone_since
    push([BEGIN, FIRST, SECOND])
    collect()
    assert there() == {ids[FIRST], ids[SECOND]}
    assert rows()[:2] == before


def test_an_experiment_is_gone_with_its_ref(push: Push, collect: Collect) -> None:
    push([BEGIN, FIRST, EXPERIMENT])
    collect()
    run = Run.objects.get(source="dvc")
    assert (run.name, run.branch, run.gone_since) == ("brisk-lynx", "main", None)
    push([BEGIN, FIRST])
    collect()
    assert Run.objects.get(gone_since__isnull=False) == run
    push([BEGIN, FIRST, EXPERIMENT])
    collect()
    run.refresh_from_db()
    assert (run.name, run.branch, run.gone_since) == ("brisk-lynx", "main", None)


def test_an_experiment_that_became_a_branch_stays_without_its_ref(push: Push, collect: Collect) -> None:
    push([BEGIN, FIRST, EXPERIMENT])
    collect()
    oid = Run.objects.get(source="dvc").commit
    kept = trial("2024-03-02", 0.3, 0.75, branch="kept")
    ids = push([BEGIN, FIRST, kept])
    assert ids[kept] == oid
    collect()
    assert oid in there()


def test_a_run_of_mlflow_outlives_the_commit_that_it_names(push: Push, collect: Collect) -> None:
    files = {
        "mlruns/0/meta.yaml": "name: churn\n",
        "mlruns/0/r1/meta.yaml": "run_id: r1\nrun_name: brave\nstart_time: 1706745600000\n",
        "mlruns/0/r1/metrics/auc": "1706745600000 0.7 0\n",
        "mlruns/0/r1/tags/mlflow.source.git.commit": "f" * 40,
    }
    shelf = commit("2024-02-01", "feat: runs", files)
    push([BEGIN, shelf, FIRST])
    collect()
    push([BEGIN, shelf, SECOND])
    collect()
    assert Run.objects.get(key="mlflow:r1").gone_since is None
    push([BEGIN, shelf, SECOND, commit("2024-04-01", "chore: no runs here", delete=list(files))])
    collect()
    assert Run.objects.get(key="mlflow:r1").gone_since


def test_another_version_of_the_engine_reads_everything_anew(push: Push, collect: Collect) -> None:
    push([BEGIN, FIRST, SECOND])
    collect()
    before = rows()
    Run.objects.update(subject="as an older version read it")
    Collection.objects.update(seen="older")
    collect()
    assert rows() == before


def test_what_was_lost_while_everything_is_read_anew_is_gone(push: Push, collect: Collect) -> None:
    ids = push([BEGIN, FIRST, SECOND])
    collect()
    Collection.objects.update(seen="older")
    push([BEGIN, FIRST])
    collect()
    assert there() == {ids[FIRST]}


def test_a_number_that_no_database_holds_is_left_out_of_what_a_message_states(push: Push, collect: Collect) -> None:
    push([BEGIN, commit("2024-02-01", "exp: overflow\n\nMetrics: loss 1e999, auc 0.7 (was 0.6)\n", {"x": "y"})])
    collect()
    assert Run.objects.get().stated == [["auc", 0.7, 0.6]]


@pytest.mark.parametrize("date", ["1970-01-01T00:00:00+14:00", "9998-12-31T23:59:59-11:00"])
def test_a_commit_at_the_end_of_time_is_a_run(push: Push, collect: Collect, date: str) -> None:
    push([commit(date, "exp: far\n\nResult: none yet\n", {"x": "y"}, author="Ada <ada@example.org>")])
    collect()
    assert Run.objects.get().time


def test_a_repository_without_experiments_has_been_read(push: Push, collect: Collect) -> None:
    push([BEGIN])
    assert collect().result == {"runs": 0}
    assert Collection.objects.get().collected_at


@pytest.mark.usefixtures("push")
def test_without_a_mirror_there_is_nothing_to_do(repository: Repository) -> None:
    job = work(enqueue("experiments.collect", str(repository.pk)))
    assert (job.status, job.result) == (Status.SUCCEEDED, None)
    assert not Collection.objects.exists()


def test_a_removed_repository_takes_its_runs_with_it(push: Push, collect: Collect, repository: Repository) -> None:
    push([BEGIN, FIRST])
    collect()
    registration.remove(repository)
    assert not Run.objects.exists()
    assert not Values.objects.exists()


def test_a_damaged_mirror_fails_by_name_and_leaves_what_was_kept(
    push: Push, collect: Collect, repository: Repository
) -> None:
    push([BEGIN, FIRST])
    collect()
    before = rows()
    shutil.rmtree(repository.mirror / "objects")
    job = work(enqueue("experiments.collect", str(repository.pk)))
    assert job.status == Status.QUEUED  # to be tried again
    assert "is not a git repository" in job.error
    assert rows() == before
