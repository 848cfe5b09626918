"""What git keeps of all commits, read from real repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from apps.audit import git, sources
from apps.audit.cache import DerivedCache
from apps.audit.facts import Facts
from apps.audit.facts.past import LARGE, Past
from apps.audit.snapshot import Commit, File, Unknown

IDENTITY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
# Invented, and in two parts, so that no scanner takes it for real.
TOKEN = "glpat-" + "x7Qm2LpV9tRb4WzK1sYd"


def run(folder: Path, *words: str, day: int = 1) -> str:
    date = f"2026-01-{day:02}T12:00:00Z"
    environment = os.environ | IDENTITY | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)
    return done.stdout.decode().strip()


def commit(folder: Path, files: dict[str, str | None], day: int) -> str:
    """Write or delete files, and commit."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text) if text is not None else (folder / path).unlink()
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "--allow-empty", "-m", f"feat: {day}", day=day)
    return run(folder, "rev-parse", "HEAD")


def read(folder: Path, cache: DerivedCache | None = None) -> Past:
    with git.opened(folder) as opened:
        past = Facts(sources.from_git(opened, cache)).get(Past)
        assert past
        return past


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    return folder


def test_each_large_content_once_with_the_last_commit_that_wrote_it(repository: Path) -> None:
    one, two = "1" * (LARGE + 1), "2" * (LARGE + 1)
    commit(repository, {"nested/deep/data.csv": one, "small.csv": "1" * (LARGE - 1)}, 1)
    second = commit(repository, {"nested/deep/data.csv": two}, 2)
    third = commit(repository, {"nested/deep/data.csv": one}, 3)
    commit(repository, {"nested/deep/data.csv": None}, 4)
    past = read(repository)
    assert [(each.file.path, each.commit.id) for each in past.large] == [
        ("nested/deep/data.csv", third),
        ("nested/deep/data.csv", second),
    ]
    assert past.commits == 4
    assert not past.unread


def test_a_credential_in_many_versions_is_one_finding_with_the_last_commit(repository: Path) -> None:
    for day in (1, 2):
        commit(repository, {"deploy.sh": f"TOKEN={TOKEN}\n" + "echo\n" * day}, day)
    last = commit(repository, {"deploy.sh": f"\nTOKEN={TOKEN}\n"}, 3)
    commit(repository, {"deploy.sh": "echo\n"}, 4)
    past = read(repository)
    assert [(each.file.path, each.line, commit.id) for each, commit in past.credentials] == [("deploy.sh", 2, last)]
    assert past.texts == 4


def test_other_branches_are_searched_but_weigh_nothing(repository: Path) -> None:
    commit(repository, {"train.py": ""}, 1)
    run(repository, "checkout", "-q", "-b", "try")
    other = commit(repository, {"config.py": f"TOKEN = '{TOKEN}'\n", "data.csv": "1" * (LARGE + 1)}, 2)
    run(repository, "checkout", "-q", "main")
    past = read(repository)
    assert [(each.file.path, commit.id) for each, commit in past.credentials] == [("config.py", other)]
    assert past.large == ()


def test_what_only_a_merge_wrote_is_seen(repository: Path) -> None:
    commit(repository, {"config.py": "a = 1\n"}, 1)
    run(repository, "checkout", "-q", "-b", "side")
    commit(repository, {"config.py": "a = 2\n"}, 2)
    run(repository, "checkout", "-q", "main")
    commit(repository, {"config.py": "a = 3\n"}, 3)
    run(repository, "merge", "-q", "--no-commit", "-s", "ours", "side")
    merge = commit(repository, {"config.py": f"TOKEN = '{TOKEN}'\n"}, 4)
    commit(repository, {"config.py": "a = 4\n"}, 5)
    assert [commit.id for _, commit in read(repository).credentials] == [merge]


def test_what_is_remembered_changes_nothing_but_the_work(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known commits are not looked at again, and a branch that went takes its findings along."""
    commit(repository, {"deploy.sh": f"TOKEN={TOKEN}\n", "data.csv": "1" * (LARGE + 1)}, 1)
    commit(repository, {"deploy.sh": "echo\n"}, 2)
    run(repository, "checkout", "-q", "-b", "try")
    commit(repository, {"config.py": f"TOKEN = '{TOKEN}'\n"}, 3)
    run(repository, "checkout", "-q", "main")
    with closing(DerivedCache(tmp_path / "cache/cache.sqlite3")) as cache:
        assert read(repository, cache) == read(repository)
        commit(repository, {"deploy.sh": f"\nTOKEN={TOKEN}\n"}, 4)
        commit(repository, {"deploy.sh": None}, 5)
        run(repository, "branch", "-q", "-D", "try")
        asked, written = list[str](), sources.GitAncestry.written

        def noted(self: sources.GitAncestry, commits: list[Commit]) -> Iterator[tuple[Commit, File | Unknown]]:
            asked.extend(each.message.strip() for each in commits)
            return written(self, commits)

        monkeypatch.setattr(sources.GitAncestry, "written", noted)
        remembered = read(repository, cache)
        assert sorted(asked) == ["feat: 4", "feat: 5"]
    assert remembered == read(repository)
    assert [each.file.path for each, _ in remembered.credentials] == ["deploy.sh"]


def test_what_is_missing_is_said(repository: Path) -> None:
    commit(repository, {"data.txt": "a", "nested/train.py": ""}, 1)
    commit(repository, {"data.txt": None, "nested/train.py": "1"}, 2)
    lost = run(repository, "rev-parse", "HEAD~1:data.txt")
    (repository / ".git/objects" / lost[:2] / lost[2:]).unlink()
    past = read(repository)
    assert [(each.path, each.reason) for each in past.unsearched] == [("data.txt", "the object is missing")]
    assert [each.file.size for each in past.large] == [None]
    folder = run(repository, "rev-parse", "HEAD~1:nested")
    (repository / ".git/objects" / folder[:2] / folder[2:]).unlink()
    assert any("history was not looked at from here on" in each.reason for each in read(repository).unread)


def test_the_end_of_a_shallow_clone_counts_as_having_written_all(repository: Path, tmp_path: Path) -> None:
    commit(repository, {"deploy.sh": f"TOKEN={TOKEN}\n"}, 1)
    end = commit(repository, {"train.py": ""}, 2)
    commit(repository, {"deploy.sh": None}, 3)
    run(tmp_path, "clone", "-q", "--depth", "2", f"file://{repository}", "shallow")
    past = read(tmp_path / "shallow")
    assert [(each.file.path, commit.id) for each, commit in past.credentials] == [("deploy.sh", end)]
    assert not past.unread


def test_names_are_no_requests(repository: Path) -> None:
    """A name that looks like the end of git's answer, or like the head of an entry, is a name."""
    names = ["end\nx.py", ":100644 100644 a b M", "b\ta.py", "c\\d.py"]
    for day, name in enumerate(names, 1):
        commit(repository, {name: f"TOKEN = '{TOKEN}'\n"}, day)
    commit(repository, dict.fromkeys(names), 9)
    assert len(read(repository).credentials) == len(names)
