"""What git keeps, read from real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from apps.audit import git, sources
from apps.audit.facts import Facts
from apps.audit.facts.past_files import PastFiles

IDENTITY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three commits: data.csv comes and goes, nested/deep/train.py changes."""
    run(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "nested/deep").mkdir(parents=True)
    for number, data in enumerate(["a", "a", None]):
        (tmp_path / "nested/deep/train.py").write_text(f"epochs = {number // 2}\n")
        if data:
            (tmp_path / "data.csv").write_text(data)
        else:
            (tmp_path / "data.csv").unlink()
        run(tmp_path, "add", "-A")
        run(tmp_path, "commit", "-q", "--allow-empty", "-m", f"feat: {number}", date=f"2026-01-0{number + 1}T12:00:00Z")
    return tmp_path


def run(folder: Path, *words: str, date: str = "2026-01-01T12:00:00Z") -> str:
    environment = os.environ | IDENTITY | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    return subprocess.run(
        ["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


def read(folder: Path) -> PastFiles:
    with git.opened(folder) as opened:
        past = Facts(sources.from_git(opened)).get(PastFiles)
        assert past
        return past


def test_each_content_once_with_the_last_commit_that_holds_it(repository: Path) -> None:
    past = read(repository)
    commits = {message: oid for oid, message in (line.split(" ", 1) for line in log(repository))}
    assert sorted((each.file.path, each.commit.id) for each in past.files) == sorted(
        [
            ("data.csv", commits["feat: 1"]),
            ("nested/deep/train.py", commits["feat: 1"]),
            ("nested/deep/train.py", commits["feat: 2"]),
        ]
    )
    assert past.commits == 3
    assert not past.unread


def test_what_is_missing_is_said(repository: Path) -> None:
    missing_file, missing_folder = run(repository, "rev-parse", "HEAD~1:data.csv", "HEAD:nested/deep").split()
    for oid in (missing_file, missing_folder):
        (repository / ".git/objects" / oid[:2] / oid[2:]).unlink()
    past = read(repository)
    assert [each.file.path for each in past.files if each.file.size is None] == ["data.csv"]
    assert [each.path for each in past.unread] == ["nested/deep/"]
    assert "missing" in past.unread[0].reason


def log(folder: Path) -> list[str]:
    return run(folder, "log", "--format=%H %s").splitlines()
