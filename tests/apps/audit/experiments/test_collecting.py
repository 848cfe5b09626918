"""Portions of hostile and odd histories: each leads on, and none takes more than it may."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from apps.audit.experiments import collecting, repository
from apps.audit.experiments.collecting import Asked, collected
from apps.repositories.example.story import Content, commit, write
from tests.apps.audit.experiments.test_mlflow import run_folder

PIPELINE = "metrics: [m.json]\nparams: [params.yaml]\n"
LONG = "0x" + "f" * 5000
FIRST = commit("2026-01-02", "feat: train", {"dvc.yaml": PIPELINE, "m.json": '{"auc": 1}'})


def portions(path: Path, most: int = collecting.MOST_COMMITS) -> list[dict[str, Any]]:
    """All portions, as a worker asks for them. One that leads nowhere fails."""
    found, asked = list[dict[str, Any]](), Asked()
    while not found or not found[-1]["complete"]:
        with repository.opened(path, asked.known, asked.kept) as history:
            found.append(collected(history, asked, most))
        told = [run for part in found for run in part["runs"]]
        kept = tuple(run["commit"] for run in told if run["source"] == "dvc")
        asked = Asked(tuple(found[-1]["known"]), tuple(run["commit"] for run in told), kept)
        assert len(found) < 100
    return found


def git(path: Path, *words: str, told: str = "") -> str:
    command = ["git", "-C", str(path), "-c", "user.name=A", "-c", "user.email=a@x.org", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=told).stdout.strip()


@pytest.mark.parametrize(
    "files",
    [
        {"dvc.yaml": f"vars: [{{a: {LONG}}}]\nstages: {{s: {{cmd: 'x ${{a}}'}}}}\n"},
        {"dvc.yaml": PIPELINE, "params.yaml": f"a: {LONG}\nb: [{LONG}]\n"},
        {
            "dvc.yaml": "stages: {s: {cmd: x}}\n",
            "dvc.lock": f"stages: {{s: {{cmd: x, outs: [{{path: a, md5: {LONG}}}]}}}}",
        },
        {"a.dvc": f"outs: [{{path: a, md5: {LONG}, size: {LONG}}}]\n"},
    ],
)
def test_a_number_that_cannot_be_written_down_stops_nothing(files: dict[str, Content], tmp_path: Path) -> None:
    write(tmp_path / "a.git", [commit("2026-01-01", "feat: odd", files), FIRST])
    assert [run["id"].partition(":")[0] for part in portions(tmp_path / "a.git") for run in part["runs"]][-1] == "git"


def test_a_commit_too_large_to_read_is_passed_over(tmp_path: Path) -> None:
    ids = write(tmp_path / "a.git", [FIRST])
    tree = git(tmp_path / "a.git", "rev-parse", f"{ids[FIRST]}^{{tree}}")
    large = git(tmp_path / "a.git", "commit-tree", tree, "-p", ids[FIRST], told="x" * 1_200_000)
    git(tmp_path / "a.git", "update-ref", "refs/heads/large", large)
    (only,) = portions(tmp_path / "a.git")
    assert [run["commit"] for run in only["runs"]] == [ids[FIRST]]


def test_tags_of_models_come_first_and_long_ones_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_TAGS", 3)
    ids = write(tmp_path / "a.git", [FIRST])
    for name in ("nightly-1", "nightly-2", "churn@v1.0.0", f"{'a' * 201}@v1.0.0"):
        git(
            tmp_path / "a.git",
            "tag",
            "-a",
            name,
            ids[FIRST],
            "-m",
            "x" * 30_000 if name[0] == "a" else f"of {name}\n\nb",
        )
    tags = portions(tmp_path / "a.git")[-1]["tags"]
    assert [tag["kind"] for tag in tags] == ["version", "version", "tag"]
    assert {tag["subject"] for tag in tags[:2]} == {"of churn@v1.0.0", ""}
    assert max(len(tag["model"]) for tag in tags) == 200


def test_experiments_of_dvc_are_told_over_several_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_RUNS", 2)
    kept = [
        commit(f"2026-01-1{n}", f"dvc: commit experiment {n}", {"m.json": f'{{"auc": {n}}}'}, experiment=f"exp-{n}")
        for n in range(5)
    ]
    ids = write(tmp_path / "a.git", [FIRST, *kept])
    found = portions(tmp_path / "a.git")
    told = [run["commit"] for part in found for run in part["runs"]]
    assert sorted(told) == sorted(ids[each] for each in [FIRST, *kept])
    assert [part["saw_mlflow"] for part in found] == [False] * (len(found) - 1) + [True]


def test_folders_of_mlflow_are_looked_into_every_time(tmp_path: Path) -> None:
    write(tmp_path / "a.git", [commit("2026-01-01", "feat: runs", run_folder("mlruns/1", "a" * 32))])
    (first,) = portions(tmp_path / "a.git")
    asked = Asked(tuple(first["known"]))
    with repository.opened(tmp_path / "a.git", asked.known) as history:
        again = collected(history, asked)
    assert [run["id"] for run in again["runs"]] == [run["id"] for run in first["runs"]] == [f"mlflow:{'a' * 32}"]


def test_a_folder_without_end_and_a_table_without_end_are_left(tmp_path: Path) -> None:
    wide = "," * 100_000 + "\n" + "1\n" * 40_000
    story = commit("2026-01-01", "feat: a", {"dvc.yaml": "plots: [bomb, wide.csv]\n", "wide.csv": wide})
    parent = write(tmp_path / "a.git", [story])[story]
    blob = git(tmp_path / "a.git", "hash-object", "-w", "--stdin", told="x")
    inner = git(tmp_path / "a.git", "mktree", told="".join(f"120000 blob {blob}\t{n}\n" for n in range(12)))
    for _ in range(10):
        inner = git(tmp_path / "a.git", "mktree", told="".join(f"040000 tree {inner}\t{n}\n" for n in range(12)))
    listed = git(tmp_path / "a.git", "ls-tree", git(tmp_path / "a.git", "rev-parse", "main^{tree}"))
    root = git(tmp_path / "a.git", "mktree", told=f"{listed}\n040000 tree {inner}\tbomb\n")
    tip = git(tmp_path / "a.git", "commit-tree", root, "-p", parent, told="exp: a bomb")
    git(tmp_path / "a.git", "update-ref", "refs/heads/main", tip)
    began = time.process_time()
    portions(tmp_path / "a.git")
    assert time.process_time() - began < 20


def test_what_dvc_refuses_deep_in_a_lock_is_said_of_the_run(tmp_path: Path) -> None:
    lock = "schema: '2.0'\nstages:\n  fit:\n    cmd: x\n    outs: [{path: m.bin, md5: 0123456789, sise: 3}]\n"
    files = {"dvc.yaml": f"{PIPELINE}stages: {{fit: {{cmd: x, outs: [m.bin]}}}}\n", "dvc.lock": lock}
    write(tmp_path / "a.git", [FIRST, commit("2026-01-03", "feat: fit", files | {"m.json": '{"auc": 2}'})])
    (told,) = portions(tmp_path / "a.git")
    assert [run["missing"][1:] for run in told["runs"]] == [
        [],
        ["DVC 3 refuses dvc.lock: it knows no stages.fit.outs.0.sise"],
    ]
