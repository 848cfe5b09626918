"""What a run was made from: data and artifacts that DVC keeps, code and environment that git keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.audit.experiments import repository
from apps.audit.experiments.lineage import Lineages
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.trees import Trees
from apps.repositories.example.story import Commit, commit, write

RAW, CLEAN, MODEL = "a" * 32, "b" * 32, "c" * 32
LOCK = f"""\
schema: '2.0'
stages:
  prepare:
    cmd: x
    deps:
    - {{path: raw.csv, md5: {RAW}, size: 9000}}
    - {{path: src/prepare.py, md5: {"d" * 32}, size: 3}}
    outs:
    - {{path: clean, md5: {CLEAN}.dir, size: 8000, nfiles: 2}}
  train:
    cmd: x
    deps:
    - {{path: clean, md5: {CLEAN}.dir}}
    outs:
    - {{path: model.bin, hash: md5, md5: {MODEL}, size: 700}}
"""
STAGES = "stages:\n  prepare: {cmd: x}\n  train: {cmd: x}\n"
FILES = {
    "raw.csv.dvc": f"outs:\n- {{path: raw.csv, md5: {RAW}, size: 9000}}\n",
    "dvc.yaml": STAGES,
    "dvc.lock": LOCK,
    "src/prepare.py": "a\n",
    "README.md": "b\n",
    "requirements.txt": "torch\n",
    "docs/requirements.txt": "sphinx\n",
}
FIRST = commit("2026-01-01", "feat: first", FILES)
DOCS = commit("2026-01-02", "docs: more", {"README.md": "c\n", "docs/more.md": "d\n"})
CODE = commit("2026-01-03", "feat: code", {"src/prepare.py": "e\n"})
MOVED = commit("2026-01-04", "build: newer", {"requirements.txt": "torch==2\n"})
BROKEN = commit("2026-01-05", "chore: broken", {"dvc.lock": "stages: [", "raw.csv.dvc": "outs: x"})


@pytest.fixture(scope="module")
def lineages(tmp_path_factory: pytest.TempPathFactory) -> dict[Commit, dict[str, Any]]:
    path: Path = tmp_path_factory.mktemp("lineage") / "story.git"
    story = [FIRST, DOCS, CODE, MOVED, BROKEN]
    ids = write(path, story)
    with repository.opened(path) as history:
        found = Lineages(Reader(history.objects, Trees(history.objects)))
        by_id = {each.id: found.of(each) for each in history.read(history.commits)}
    return {each: by_id[ids[each]] for each in story}


def test_data_comes_from_pointers_and_locks_and_artifacts_are_what_stages_made(
    lineages: dict[Commit, dict[str, Any]],
) -> None:
    first = lineages[FIRST]
    assert first["data"] == {"raw.csv": RAW}
    assert first["artifacts"] == {"clean": f"{CLEAN}.dir", "model.bin": MODEL}
    assert first["sizes"] == {"raw.csv": 9000, "clean": 8000, "model.bin": 700}


def test_code_changes_with_code_and_with_nothing_else(lineages: dict[Commit, dict[str, Any]]) -> None:
    assert lineages[FIRST]["code"] == lineages[DOCS]["code"]
    assert lineages[DOCS]["code"] != lineages[CODE]["code"]
    assert lineages[CODE]["code"] == lineages[MOVED]["code"]


def test_the_environment_is_what_the_root_folder_declares(lineages: dict[Commit, dict[str, Any]]) -> None:
    assert list(lineages[FIRST]["environment"]) == ["requirements.txt"]
    assert lineages[FIRST]["environment"] == lineages[CODE]["environment"]
    assert lineages[CODE]["environment"] != lineages[MOVED]["environment"]


def test_what_cannot_be_read_is_left_out(lineages: dict[Commit, dict[str, Any]]) -> None:
    assert (lineages[BROKEN]["data"], lineages[BROKEN]["artifacts"]) == ({}, {})
    assert lineages[BROKEN]["code"] == lineages[MOVED]["code"]


def test_paths_count_from_where_a_stage_works(tmp_path: Path) -> None:
    stages = "stages:\n  fit:\n    foreach: [a]\n    do: {cmd: x, wdir: work}\n"
    lock = f"schema: '2.0'\nstages:\n  fit@a: {{cmd: x, outs: [{{path: m, md5: {MODEL}}}]}}\n"
    pointer = f"wdir: ..\nouts:\n- {{path: raw, md5: {RAW}}}\n"
    write(
        tmp_path / "a.git",
        [commit("2026-01-01", "feat: a", {"sub/dvc.yaml": stages, "sub/dvc.lock": lock, "sub/raw.dvc": pointer})],
    )
    with repository.opened(tmp_path / "a.git") as history:
        lineages = Lineages(Reader(history.objects, Trees(history.objects)))
        (found,) = [lineages.of(each) for each in history.read(history.commits)]
    assert found["artifacts"] == {"sub/work/m": MODEL}
    assert found["data"] == {"raw": RAW}
