"""Repositories that are damaged, empty, huge or made to harm: the collector answers, in bounded time."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from apps.repositories.example.story import Commit, Content, commit, write
from tests.apps.audit.experiments import oracle
from tests.apps.audit.experiments.test_mlflow import run_folder
from tests.apps.audit.experiments.test_runs import STORY, runs_of

BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghijklmnopqrst", "bcdefghijklmnopqrstu", strict=True)
)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()


def told(path: Path) -> dict[str, Any]:
    """What the command itself answers, confined as it is for strangers' repositories."""
    began = time.monotonic()
    answer = oracle.told_by_us(path)
    assert time.monotonic() - began < 60
    return answer


def revision(tmp_path: Path, files: dict[str, Content]) -> dict[str, Any]:
    """What is told of the one commit of a repository."""
    write(tmp_path / "story.git", [commit("2026-01-01", "feat: all", files)])
    (found,) = told(tmp_path / "story.git")["revisions"].values()
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("m.yaml", BOMB, "expand to more than"),
        ("m.yaml", "[" * 5000, "nested more than"),
        ("m.yaml", "a: *b\n", "the alias *b"),
        ("m.json", "[" * 100_000, "recursion"),
        ("m.json", '{"a":' * 500 + "1" + "}" * 500, "nested more than"),
        ("m.toml", "a = " + "[" * 150 + "]" * 150, "nested more than"),
        ("m.toml", "a = " + "[" * 50_000, "recursion"),
        ("m.json", '{"a": ' + "9" * 5000 + "}", "Exceeds the limit"),
        ("m.json", b"\xff\xfe{", "codec can't decode"),
        ("m.json", " " * 600_000, "bytes"),
        ("m.yaml", "\x00", "control characters"),
    ],
)
def test_metrics_that_cannot_be_read_are_a_note(name: str, content: Content, words: str, tmp_path: Path) -> None:
    files: dict[str, Content] = {"dvc.yaml": f"metrics: [{name}, good.json]\n", name: content, "good.json": '{"a": 1}'}
    found = revision(tmp_path, files)
    assert found["metrics"] == {"good.json": {"a": 1}}
    assert [note for note in found["notes"] if note.startswith(name) and words in note], found["notes"]


def test_numbers_at_the_edge(tmp_path: Path) -> None:
    text = '{"a": NaN, "b": -Infinity, "c": 1e308, "d": 1e999, "e": -1e308, "f": 5e-324, "g": 12345678901234567890123}'
    found = revision(tmp_path, {"dvc.yaml": "metrics: [m.json]\n", "m.json": text})
    assert oracle.same(found["metrics"]["m.json"], json.loads(text))


def test_ten_thousand_params(tmp_path: Path) -> None:
    keys = [f"group{n % 10}.key{n}" for n in range(10_000)]
    values = {f"group{g}": {f"key{n}": n for n in range(g, 10_000, 10)} for g in range(10)}
    listed = "".join(f"    - {key}\n" for key in keys)
    files: dict[str, Content] = {
        "params.yaml": json.dumps(values),
        "dvc.yaml": f"stages:\n  train:\n    cmd: echo\n    params:\n{listed}",
    }
    assert revision(tmp_path, files)["params"] == {"params.yaml": values}


def test_keys_with_wildcards_are_bounded(tmp_path: Path) -> None:
    wild = json.dumps([{"p.yaml": [f"*a*{n}" for n in range(10_000)] + ["x"]}])
    files: dict[str, Content] = {
        "p.yaml": json.dumps({f"{'a' * 50}{n}": n for n in range(3000)} | {"x": 1}),
        "dvc.yaml": f"stages:\n  train:\n    cmd: echo\n    params: {wild}\n",
    }
    assert revision(tmp_path, files)["params"]["p.yaml"]["x"] == 1


def test_a_tree_that_is_nested_deep(tmp_path: Path) -> None:
    deep = "d/" * 2000
    files: dict[str, Content] = {
        "dvc.yaml": "metrics: [m.json, d]\n",
        "m.json": '{"a": 1}',
        f"{deep}dvc.yaml": "metrics: [m.json]\n",
    }
    assert revision(tmp_path, files)["metrics"] == {"m.json": {"a": 1}}


def test_a_folder_of_ten_thousand_metrics(tmp_path: Path) -> None:
    files: dict[str, Content] = {f"m/{n}.json": f'{{"a": {n}}}' for n in range(10_000)}
    found = revision(tmp_path, {"dvc.yaml": "metrics: [m]\n"} | files)
    assert len(found["metrics"]) == 1000
    assert found["notes"] == ["m holds more than 1,000 files; the rest was not looked at"]


def test_a_pipeline_that_stands_for_too_many_stages(tmp_path: Path) -> None:
    axes = ", ".join(f"{axis}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" for axis in "abcdefgh")
    stage = f"stages:\n  s:\n    matrix: {{{axes}}}\n    cmd: echo\n    metrics: ['${{key}}.json']\nmetrics: [m.json]\n"
    found = revision(tmp_path, {"dvc.yaml": stage, "m.json": "{}"})
    assert found["metrics"] == {"m.json": {}}
    assert "more than 2,000 stages" in found["notes"][0]


def test_names_in_every_script_and_none(tmp_path: Path) -> None:
    names = ["größe", "метрика", "指标", "مقياس", "🎉", "a\u202eb", "\x1b[31mred", "\udcff"]
    files: dict[str, Content] = {f"m/{name}.json": '{"a": 1}' for name in names}
    found = revision(tmp_path, {"dvc.yaml": "metrics: [m]\n"} | files)
    assert len(found["metrics"]) == len(names)
    assert not any("\x1b" in path or "\u202e" in path for path in found["metrics"])


def test_ten_thousand_runs_of_mlflow(tmp_path: Path) -> None:
    files = {path: text for n in range(10_000) for path, text in run_folder("mlruns/1", f"{n:032x}").items()}
    story = [commit("2026-01-01", "feat: runs", files), commit("2026-01-02", "feat: more", {"x": "1"}, branch="side")]
    write(tmp_path / "story.git", story)
    assert len(told(tmp_path / "story.git")["experiments"]) == 10_000


def test_a_repository_without_commits(tmp_path: Path) -> None:
    write(tmp_path / "story.git", [])
    assert told(tmp_path / "story.git") == {"schema": 1, "revisions": {}, "experiments": []}


def test_a_repository_with_long_ids(tmp_path: Path) -> None:
    ids = write(tmp_path / "story.git", STORY, object_format="sha256")
    found = told(tmp_path / "story.git")["experiments"]
    assert len(found) == 6
    assert {len(run["commit"]) for run in found} == {64}
    assert {run["source"] for run in found} == {"dvc", "message", "branch", "commit"}
    assert {run["baseline"] for run in found} <= {"", *ids.values()}


def test_a_shallow_clone(tmp_path: Path) -> None:
    ids = write(tmp_path / "story.git", STORY)
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--depth=3", f"file://{tmp_path}/story.git", str(tmp_path / "shallow.git")],
        check=True,
    )
    whole, shallow = told(tmp_path / "story.git")["revisions"], told(tmp_path / "shallow.git")["revisions"]
    assert 0 < len(shallow) < len(ids)
    assert shallow == {oid: whole[oid] for oid in shallow}


def loose(folder: Path, oid: str) -> Path:
    return folder / "objects" / oid[:2] / oid[2:]


def unpacked(folder: Path, story: list[Commit]) -> Path:
    write(folder / "packed.git", story)
    git(folder, "init", "-q", "--bare", "--template=", "story.git")
    for pack in (folder / "packed.git/objects/pack").glob("*.pack"):
        with pack.open("rb") as stream:
            subprocess.run(["git", "-C", str(folder / "story.git"), "unpack-objects", "-q"], stdin=stream, check=True)
    git(folder / "story.git", "update-ref", "refs/heads/main", git(folder / "packed.git", "rev-parse", "main"))
    git(folder / "story.git", "symbolic-ref", "HEAD", "refs/heads/main")
    return folder / "story.git"


FILES: dict[str, Content] = {
    "dvc.yaml": "metrics: [m.json, sub/n.json]\n",
    "m.json": '{"a": 1}',
    "sub/n.json": '{"a": 2}',
}


@pytest.mark.parametrize(
    ("gone", "metrics", "words"),
    [
        ("main:m.json", {"sub/n.json": {"a": 2}}, "m.json cannot be read: the object is missing"),
        ("main:dvc.yaml", {}, "dvc.yaml cannot be read: the object is missing"),
        ("main:sub", {"m.json": {"a": 1}}, "sub/n.json is declared and not in git"),
    ],
)
def test_an_object_that_is_missing(gone: str, metrics: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = unpacked(tmp_path, [commit("2026-01-01", "feat: all", FILES)])
    loose(path, git(path, "rev-parse", gone)).unlink()
    (found,) = told(path)["revisions"].values()
    assert (found["metrics"], found["notes"]) == (metrics, [words])


def test_a_metric_that_changes_its_type(tmp_path: Path) -> None:
    contents = ['{"a": 1}', '{"a": "one"}', '{"a": {"b": 1}}', '{"a": [1]}', "3", '"text"', "[]", '{"a": true}']
    story = [
        commit("2026-01-01", f"feat: {n}", {"dvc.yaml": "metrics: [m.json]\n", "m.json": text})
        for n, text in enumerate(contents)
    ]
    write(tmp_path / "story.git", story)
    runs = runs_of(tmp_path / "story.git")
    shown = [{"a": 1}, {"a": "one"}, {"a": {"b": 1}}, {}, 3, "text", {}, {"a": True}]
    assert [run.metrics["m.json"] for run in runs] == shown
