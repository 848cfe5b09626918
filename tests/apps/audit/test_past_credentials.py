"""Credentials of the past, read from real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from apps.audit import git, sources
from apps.audit.facts import Facts
from apps.audit.facts.secrets.past_credentials import PastCredentials

IDENTITY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
# Invented, and in two parts, so that no scanner takes it for real.
TOKEN = "glpat-" + "x7Qm2LpV9tRb4WzK1sYd"


def run(folder: Path, *words: str, day: int = 1) -> str:
    environment = os.environ | IDENTITY | {"GIT_COMMITTER_DATE": f"2026-01-0{day}T12:00:00Z"}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit(folder: Path, files: dict[str, str], day: int) -> str:
    for path, text in files.items():
        (folder / path).write_text(text)
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "-m", f"feat: {day}", day=day)
    return run(folder, "rev-parse", "HEAD")


def read(folder: Path) -> PastCredentials:
    with git.opened(folder) as opened:
        past = Facts(sources.from_git(opened)).get(PastCredentials)
        assert past
        return past


def test_a_credential_in_many_versions_is_one_finding_with_the_last_commit(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q", "-b", "main")
    for day in (1, 2):
        commit(tmp_path, {"deploy.sh": f"TOKEN={TOKEN}\n" + "echo\n" * day}, day)
    last = commit(tmp_path, {"deploy.sh": f"\nTOKEN={TOKEN}\n"}, 3)
    commit(tmp_path, {"deploy.sh": "echo\n"}, 4)
    past = read(tmp_path)
    assert [(each.file.path, each.line, commit.id) for each, commit in past.found] == [("deploy.sh", 2, last)]
    assert past.files == 3


def test_other_branches_are_looked_at(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, {"train.py": ""}, 1)
    run(tmp_path, "checkout", "-q", "-b", "try")
    other = commit(tmp_path, {"config.py": f"TOKEN = '{TOKEN}'\n"}, 2)
    run(tmp_path, "checkout", "-q", "main")
    assert [(each.file.path, commit.id) for each, commit in read(tmp_path).found] == [("config.py", other)]
