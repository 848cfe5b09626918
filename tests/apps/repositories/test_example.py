from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from apps.repositories.example.build import build

DVC = str(Path(sys.executable).parent / "dvc")


def run(folder: Path, *command: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(folder.parent / "dvc-site"),
        "HOME": str(folder.parent),
    }
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "churn-model.git"
    build(path)
    return path


@pytest.fixture(scope="module")
def work_tree(example: Path) -> Path:
    clone = example.parent / "work-tree"
    run(example, "git", "clone", "-q", str(example), str(clone))
    run(clone, "git", "fetch", "-q", "origin", "refs/exps/*:refs/exps/*")
    return clone


def drifted(example: Path, revision: str) -> set[str]:
    """What the lock of a revision says about git's own files that is not so."""

    def content(path: str) -> bytes:
        return run(example, "git", "show", f"{revision}:{path}").encode()

    tracked = set(run(example, "git", "ls-tree", "-r", "--name-only", revision).splitlines())
    parameters = YAML(typ="safe").load(content("params.yaml"))
    found: set[str] = set()
    for stage in YAML(typ="safe").load(content("dvc.lock"))["stages"].values():
        entries: list[dict[str, Any]] = [*stage["deps"], *stage["outs"]]
        found |= {
            entry["path"]
            for entry in entries
            if entry["path"] in tracked
            and entry["md5"] != hashlib.md5(content(entry["path"]), usedforsecurity=False).hexdigest()
        }
        found |= {key for key, value in stage["params"]["params.yaml"].items() if parameters.get(key) != value}
    return found


def test_two_builds_are_the_same(example: Path, tmp_path: Path) -> None:
    build(tmp_path / "again.git")
    assert run(tmp_path / "again.git", "git", "for-each-ref") == run(example, "git", "for-each-ref")


def test_the_repository_is_sound(example: Path) -> None:
    assert "error" not in run(example, "git", "fsck", "--strict", "--no-progress")


def test_a_build_that_cannot_finish_leaves_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "precious").touch()
    with pytest.raises(OSError, match="taken"):
        build(taken)
    assert list(tmp_path.rglob("*")) == [taken, taken / "precious"]


def test_months_of_work_by_several_people(example: Path) -> None:
    log = run(example, "git", "log", "--format=%as %an", "main").splitlines()
    assert 60 <= len(log) <= 90
    assert len({line.split(" ", 1)[1] for line in log}) == 4
    days = [line.split(" ", 1)[0] for line in log]
    assert days == sorted(days, reverse=True)
    assert (days[-1], days[0]) == ("2026-03-02", "2026-11-20")


def test_dvc_reads_every_commit(work_tree: Path) -> None:
    shown = json.loads(run(work_tree, DVC, "metrics", "show", "--all-commits", "--json"))
    assert [revision for revision, told in shown.items() if "error" in json.dumps(told)] == []
    commits = run(work_tree, "git", "rev-list", "--reverse", "main").split()
    values = [told["data"]["roc_auc"] for commit in commits for told in shown[commit]["data"].values()]
    assert any(later < earlier for earlier, later in pairwise(values))
    assert values[-1] > values[0]


def test_dvc_knows_the_stages_and_their_parameters(work_tree: Path) -> None:
    stages = run(work_tree, DVC, "stage", "list", "--name-only").split()
    assert stages == ["prepare", "featurize", "train", "evaluate"]
    difference = json.loads(run(work_tree, DVC, "params", "diff", "v0.3.0", "v0.4.0", "--json"))
    assert difference == {"params.yaml": {"train.max_depth": {"old": 3, "new": 4, "diff": 1}}}


def test_dvc_lists_the_experiments_below_their_baselines(work_tree: Path) -> None:
    listed = run(work_tree, DVC, "exp", "list", "--all-commits", "--name-only").split()
    refs = run(work_tree, "git", "for-each-ref", "--format=%(refname) %(parent)", "refs/exps").split("\n")[:-1]
    assert sorted(listed) == sorted(ref.split()[0].rsplit("/", 1)[1] for ref in refs)
    assert len(refs) == 8
    for ref in refs:
        name, parent = ref.split()
        assert name.split("/")[2:4] == [parent[:2], parent[2:]]


def test_the_lock_is_in_step_but_in_two_stretches(example: Path) -> None:
    commits = run(example, "git", "log", "--first-parent", "--format=%H %s", "main", "--", ".").splitlines()
    told = {}
    for commit, subject in (line.split(" ", 1) for line in commits):
        if run(example, "git", "ls-tree", commit, "dvc.lock") and (found := drifted(example, commit)):
            told[subject] = found
    code, evaluate = "src/churn_model/features.py", "src/churn_model/evaluate.py"
    assert told == {
        "docs: how to switch the hooks on": {evaluate},
        "refactor(evaluate): a customer at the threshold stays": {evaluate},
        "style: check the format too": {code, "train"},
        "test(data): what must hold for the customer table (#11)": {code, "train"},
        "Update params.yaml": {code, "train"},
        "refactor(features): name the longest tenure": {code},
    }


def test_all_python_of_every_branch_parses(example: Path) -> None:
    parsed = [
        ast.parse(run(example, "git", "show", f"{branch}:{path}"), path)
        for branch in run(example, "git", "for-each-ref", "--format=%(refname)", "refs/heads").split()
        for path in run(example, "git", "ls-tree", "-r", "--name-only", branch).splitlines()
        if path.endswith(".py")
    ]
    assert parsed


def test_experiments_tell_the_true_change_of_the_metrics(example: Path) -> None:
    message = run(example, "git", "log", "-1", "--format=%b", "--grep=^exp: learn slower", "main")
    assert "- roc_auc: 0.8312 -> 0.8341 (+0.0029)\n" in message
    assert "Config changes:\n- train.learning_rate: 0.1 -> 0.05 (-0.05)\nNotes" in message
