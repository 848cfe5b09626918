"""`python -m apps.audit.experiments`: what it prints, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apps.audit import sandbox
from apps.audit.experiments import cli
from apps.repositories.example.story import write
from tests.apps.audit.experiments.test_runs import FIRST, KEPT, SECOND, STATED, STORY


@pytest.fixture(autouse=True)
def unconfined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Confinement is for good; tests of it start a process of their own."""
    monkeypatch.setattr(sandbox, "confine", lambda: None)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str | Path, status: int = 0) -> str:
    assert cli.main([str(each) for each in arguments]) == status
    return capsys.readouterr().out


def test_json_has_every_revision_and_every_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = write(tmp_path / "story.git", STORY)
    told: dict[str, Any] = json.loads(answer(capsys, tmp_path / "story.git", "--format", "json"))
    assert told["revisions"].keys() == {oid for each, oid in ids.items() if each is not KEPT}
    assert told["revisions"][ids[SECOND]] == {
        "metrics": {"m.json": {"auc": 0.6}},
        "params": {"params.yaml": {"lr": 0.01}},
        "notes": [],
    }
    (stated,) = [run for run in told["experiments"] if run["commit"] == ids[STATED]]
    assert stated == {
        "id": f"git:{ids[STATED]}",
        "source": "message",
        "sources": ["message"],
        "group": "loss",
        "name": "EXP-1",
        "commit": ids[STATED],
        "baseline": ids[SECOND],
        "branch": "main",
        "author": "Ada Lovelace",
        "time": "2026-01-06T00:00:00+00:00",
        "subject": "exp(loss): focal",
        "hypothesis": "",
        "result": "",
        "stated": [{"name": "auc", "value": 0.8, "before": 0.6}],
        "changes": [],
        "notes": "",
        "metrics": {"m.json": {"auc": 0.6}},
        "params": {"params.yaml": {"lr": 0.01}},
        "missing": [],
    }


def test_table_is_for_people_and_begins_with_the_youngest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = write(tmp_path / "story.git", STORY)
    lines = answer(capsys, tmp_path / "story.git").splitlines()
    assert [line[:10] for line in lines] == [
        "2026-01-08",
        "2026-01-07",
        "2026-01-06",
        "2026-01-05",
        "2026-01-04",
        "2026-01-02",
    ]
    assert lines[3].split() == ["2026-01-05", "00:00", ids[KEPT][:10], "dvc", "brave-ode", "auc=0.7"]
    assert ids[FIRST][:10] in lines[-1]


def test_a_project_without_experiments_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "story.git", STORY[:1])
    assert answer(capsys, tmp_path / "story.git").startswith("No experiments: ")


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_folder_without_git_says_so(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([str(tmp_path), "--format", form]) == 2
    out, err = capsys.readouterr()
    message = f"{tmp_path} is not a git repository"
    if form == "json":
        assert json.loads(out)["error"]["message"] == message
    else:
        assert (out, err) == ("", f"{message}\n")


def test_a_work_tree_is_read_like_its_git_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "project/.git", STORY)
    assert answer(capsys, tmp_path / "project", "--format", "json") == answer(
        capsys, tmp_path / "project/.git", "--format", "json"
    )
