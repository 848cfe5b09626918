"""The pipeline of a commit, by what git holds there and what its lock recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.audit.experiments import repository
from apps.audit.experiments.pipeline import MOST_STAGES, Pipelines
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.trees import Trees
from apps.repositories.example.story import Commit, commit, write

RAW, MODEL = "a" * 32, "c" * 32
STAGES = """\
stages:
  train:
    foreach: ${kinds}
    do:
      wdir: work
      cmd: python train.py ${item}
      deps: [raw.csv, train.py]
      params: [lr, "model.*"]
      outs: ["./${item}.bin"]
      metrics: [{"${item}.json": {cache: false}}]
  report: {cmd: [a, b], deps: [work]}
"""
LOCK = f"""\
schema: '2.0'
stages:
  train@cnn:
    cmd: python train.py cnn
    deps: [{{path: raw.csv, md5: {RAW}}}, {{path: train.py, md5: {"d" * 32}}}]
    outs: [{{path: cnn.bin, md5: {MODEL}}}]
"""
FIRST = commit(
    "2026-01-01",
    "feat: first",
    {
        "dvc.yaml": STAGES,
        "dvc.lock": LOCK,
        "params.yaml": "kinds: [cnn]\n",
        "work/params.yaml": "lr: 0.1\nmodel: {units: [8, 8], name: null}\nother: 1\n",
        "work/train.py": "a\n",
        "work/cnn.json": "{}",
        "work/raw.csv.dvc": f"outs: [{{path: raw.csv, md5: {RAW}}}]\n",
    },
)
MORE = commit("2026-01-02", "feat: more", {"params.yaml": "kinds: [cnn, rnn]\n", "work/train.py": "b\n"})
BROKEN = commit("2026-01-03", "chore: break it", {"dvc.yaml": "stages: {a: [", "dvc.lock": "stages: x"})


def pipelines(path: Path, story: list[Commit]) -> dict[Commit, dict[str, Any]]:
    ids = write(path, story)
    with repository.opened(path) as history:
        found = Pipelines(Reader(history.objects, Trees(history.objects)))
        by_id = {each.id: found.of(each) for each in history.read(history.commits)}
    return {each: by_id[ids[each]] for each in story}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[Commit, dict[str, Any]]:
    return pipelines(tmp_path_factory.mktemp("pipeline") / "story.git", [FIRST, MORE, BROKEN])


def test_stages_are_expanded_and_come_before_pointers(told: dict[Commit, dict[str, Any]]) -> None:
    assert list(told[FIRST]) == ["dvc.yaml:train@cnn", "dvc.yaml:report", "work/raw.csv.dvc"]
    assert list(told[MORE])[:2] == ["dvc.yaml:train@cnn", "dvc.yaml:train@rnn"]


def test_what_git_has_not_is_known_by_its_lock(told: dict[Commit, dict[str, Any]]) -> None:
    train = told[FIRST]["dvc.yaml:train@cnn"]
    assert (train["deps:work/raw.csv"], train["outs:work/cnn.bin"]) == (RAW, MODEL)
    assert told[FIRST]["work/raw.csv.dvc"] == {"outs:work/raw.csv": RAW}
    assert told[MORE]["dvc.yaml:train@rnn"]["outs:work/rnn.bin"] == ""


def test_what_git_has_is_known_by_git(told: dict[Commit, dict[str, Any]]) -> None:
    first, more = (told[each]["dvc.yaml:train@cnn"] for each in (FIRST, MORE))
    changed = {key for key in first if first[key] != more[key]}
    assert changed == {"deps:work/train.py"}
    assert len(first["outs:work/cnn.json"]) == 40


def test_params_have_their_values(told: dict[Commit, dict[str, Any]]) -> None:
    train = told[FIRST]["dvc.yaml:train@cnn"]
    assert {key: value for key, value in train.items() if key.startswith("params:")} == {
        "params:work/params.yaml:lr": 0.1,
        "params:work/params.yaml:model.units": [8, 8],
        "params:work/params.yaml:model.name": None,
    }


def test_commands_and_whether_they_ran(told: dict[Commit, dict[str, Any]]) -> None:
    ran = {name: (cells.get("cmd"), cells.get("ran")) for name, cells in told[MORE].items()}
    assert ran == {
        "dvc.yaml:train@cnn": ("python train.py cnn", True),
        "dvc.yaml:train@rnn": ("python train.py rnn", False),
        "dvc.yaml:report": ("a\nb", False),
        "work/raw.csv.dvc": (None, None),
    }


def test_a_pipeline_that_cannot_be_read_leaves_the_pointers(told: dict[Commit, dict[str, Any]]) -> None:
    assert list(told[BROKEN]) == ["work/raw.csv.dvc"]


def test_stages_without_end_are_cut(tmp_path: Path) -> None:
    wide = f"stages: {{s: {{matrix: {{n: {list(range(1000))}}}, cmd: x}}}}\n"
    (found,) = pipelines(tmp_path / "a.git", [commit("2026-01-01", "feat: a", {"dvc.yaml": wide})]).values()
    assert len(found) == MOST_STAGES
