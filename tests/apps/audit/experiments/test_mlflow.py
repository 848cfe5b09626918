"""Folders of runs as MLflow writes them, committed to git."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from apps.audit.experiments.run import Run
from apps.repositories.example.story import Content, commit, write
from tests.apps.audit.experiments.test_runs import runs_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ID = "abcdef0123456789abcdef0123456789"
META = """\
artifact_uri: file:///home/ada/mlruns/1/{id}/artifacts
end_time: 1767264000000
entry_point_name: ''
experiment_id: '1'
lifecycle_stage: {stage}
run_id: {id}
run_name: bright-fox-7
run_uuid: {id}
source_name: ''
source_type: 4
source_version: ''
start_time: 1767225600000
status: 3
tags: []
user_id: ada
"""


def run_folder(folder: str, oid: str = ID, stage: str = "active") -> dict[str, Content]:
    return {
        f"{folder}/{oid}/meta.yaml": META.format(id=oid, stage=stage),
        f"{folder}/{oid}/metrics/auc": "1767225600000 0.5 0\n1767225700000 0.75 1\n",
        f"{folder}/{oid}/metrics/val/loss": "1767225600000 1e-3 0\n",
        f"{folder}/{oid}/metrics/broken": "no value\n",
        f"{folder}/{oid}/metrics/never": "",
        f"{folder}/{oid}/params/lr": "0.01",
        f"{folder}/{oid}/params/epochs": "10",
        f"{folder}/{oid}/params/model": "cnn",
        f"{folder}/{oid}/tags/mlflow.source.git.commit": COMMIT,
        f"{folder}/{oid}/tags/mlflow.user": "ada",
    }


EXPERIMENT: dict[str, Content] = {
    "mlruns/1/meta.yaml": "experiment_id: '1'\nlifecycle_stage: active\nname: Größe 学习\n"
}


def told(tmp_path: Path, *files: dict[str, Content]) -> list[Run]:
    story = [commit("2026-01-01", f"feat: {number}", each) for number, each in enumerate(files)]
    write(tmp_path / "story.git", story)
    return runs_of(tmp_path / "story.git")


def test_a_run_with_all_that_mlflow_wrote_of_it(tmp_path: Path) -> None:
    (run,) = told(tmp_path, EXPERIMENT | run_folder("mlruns/1"))
    assert (run.id, run.source, run.sources) == (f"mlflow:{ID}", "mlflow", ("mlflow",))
    assert (run.group, run.name, run.commit) == ("Größe 学习", "bright-fox-7", COMMIT)
    assert (run.author, run.branch, run.time) == ("ada", "main", datetime(2026, 1, 1, tzinfo=UTC))
    assert run.metrics == {f"mlruns/1/{ID}/metrics": {"auc": 0.75, "val/loss": 0.001}}
    assert run.params == {f"mlruns/1/{ID}/params": {"lr": 0.01, "epochs": 10, "model": "cnn"}}


def test_deleted_runs_and_registered_models_are_none(tmp_path: Path) -> None:
    models: dict[str, Content] = {
        "mlruns/models/churn/meta.yaml": "name: churn\ncreation_timestamp: 1\n",
        "mlruns/models/churn/version-1/meta.yaml": f"name: churn\nversion: 1\nrun_id: {ID}\n",
    }
    assert not told(tmp_path, run_folder("mlruns/1", stage="deleted") | run_folder("mlruns/.trash", "9" * 32) | models)


def test_a_run_that_is_in_several_folders_and_branches_is_one(tmp_path: Path) -> None:
    first = commit("2026-01-01", "feat: a", EXPERIMENT | run_folder("mlruns/1"))
    other = commit(
        "2026-01-02", "feat: b", run_folder("sub/mlruns/1") | run_folder("mlruns/1", "2" * 32), branch="side"
    )
    write(tmp_path / "story.git", [first, other])
    runs = [(run.id, run.branch) for run in runs_of(tmp_path / "story.git")]
    assert runs == [(f"mlflow:{ID}", "main"), (f"mlflow:{'2' * 32}", "side")]


def test_what_is_broken_leaves_the_rest(tmp_path: Path) -> None:
    broken: dict[str, Content] = {
        "mlruns/1/a/meta.yaml": "run_id: [",
        "mlruns/1/b/meta.yaml": "- 1",
        "mlruns/1/c/other": "",
        "mlruns/1/d/meta.yaml": "run_id: d\nstart_time: 99999999999999999999\nuser_id: 5\n",
        "mlruns/1/d/tags/mlflow.source.git.commit": "not a commit",
        "mlruns/file": "",
    }
    (run,) = told(tmp_path, broken)
    assert (run.id, run.commit, run.time, run.author, run.name) == ("mlflow:d", "", None, "5", "d")


def test_every_branch_is_looked_at_each_time(tmp_path: Path) -> None:
    first = commit("2026-01-01", "feat: a", EXPERIMENT | run_folder("mlruns/1"))
    second = commit("2026-01-02", "feat: b", run_folder("mlruns/1", "2" * 32))
    ids = write(tmp_path / "story.git", [first, second], refs={"refs/heads/old": first})
    assert {run.branch for run in runs_of(tmp_path / "story.git", [ids[first]])} == {"main"}
    again = runs_of(tmp_path / "story.git", [ids[first], ids[second]])
    assert sorted(run.id for run in again) == sorted({f"mlflow:{ID}", f"mlflow:{'2' * 32}"})
