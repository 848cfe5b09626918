"""Past commits are judged as if the repository had stopped at each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.audit import git, replay, sources
from apps.audit.engine import Audit
from apps.audit.policy import Policy
from apps.audit.snapshot import Memory
from apps.repositories.example.story import Commit, commit, write

BEGIN = commit("2024-01-01", "feat: begin", {"README.md": "# Title\n", "train.py": "import random\n"})
MODEL = commit("2024-02-01", "feat: model", {"models/m.pkl": "0" * 9000})
MENDED = commit("2024-02-10", "fix: drop model", delete=["models/m.pkl"])
ASIDE = commit("2024-03-02", "feat: read", {"src/read.py": "import csv\n"}, branch="read")
TESTED = commit("2024-03-03", "test: title", {"tests/test_it.py": "def test_it():\n    assert 1 + 1 == 2\n"})
MERGED = commit("2024-03-04", "Merge pull request #1", merge="read", tag="v0.1.0")
LOCKED = commit("2024-03-05", "build: lock", {"requirements.txt": "numpy==2.0.0\n"})
STORY = (BEGIN, MODEL, MENDED, ASIDE, TESTED, MERGED, LOCKED)
FIRST_PARENTS = (LOCKED, MERGED, TESTED, MENDED, MODEL, BEGIN)


@contextmanager
def opened(path: Path) -> Iterator[replay.Replay]:
    with git.opened(path) as found:
        yield replay.Replay(found, Policy(), Memory())


def test_a_past_commit_is_judged_as_if_the_repository_had_stopped_there(tmp_path: Path) -> None:
    ids = write(tmp_path / "whole.git", STORY)
    with opened(tmp_path / "whole.git") as past:
        header, *verdicts = past.answers(frozenset())
    assert [each["commit"] for each in header["asked"]] == [ids[each] for each in FIRST_PARENTS]
    assert header["complete"]
    for each, verdict in zip(FIRST_PARENTS, verdicts, strict=True):
        until = [without_tag(told) for told in STORY[: STORY.index(each) + 1]]
        write(tmp_path / f"{verdict['commit']}.git", until)
        with git.opened(tmp_path / f"{verdict['commit']}.git") as stopped:
            alone = Audit(sources.from_git(replace(stopped, branches=stopped.branches[:0])), Policy())
        assert verdict["outcomes"] == alone.outcomes
        assert verdict["measures"] == alone.measures


def without_tag(told: Commit) -> Commit:
    return replace(told, tag=None)


def test_of_a_long_past_only_the_last_commits_are_judged_and_some_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "MOST_COMMITS", 5)
    monkeypatch.setattr(replay, "AT_ONCE", 2)
    ids, known, portions = write(tmp_path / "whole.git", STORY), set[str](), list[Any]()
    with opened(tmp_path / "whole.git") as past:
        while not portions or not portions[-1]["complete"]:
            header, *verdicts = past.answers(frozenset(known))
            known |= {each["commit"] for each in verdicts}
            portions.append(header)
    assert [len(each["asked"]) for each in portions] == [2, 2, 1]
    assert known == {ids[each] for each in FIRST_PARENTS[:5]}
