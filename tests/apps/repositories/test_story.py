from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from apps.repositories.example.story import Executable, Submodule, Symlink, commit, write


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="surrogateescape").stdout


def files_at(repository: Path, revision: str) -> dict[str, str]:
    lines = git(repository, "ls-tree", "-rz", revision).split("\0")[:-1]
    return {line.split("\t", 1)[1]: line.split()[0] for line in lines}


def test_the_same_story_gives_the_same_ids(tmp_path: Path) -> None:
    def tell(name: str) -> list[str]:
        story = [
            commit("2026-03-02T09:00:00+01:00", "feat: one", {"a": "1"}),
            commit("2026-03-03", "feat: two", {"a": "2"}),
        ]
        return list(write(tmp_path / name, story).values())

    first = tell("first")
    assert first == tell("second") == git(tmp_path / "first", "rev-list", "--reverse", "HEAD").split()


def test_every_kind_of_file(tmp_path: Path) -> None:
    odd = 'caf\udce9 "quoted"\n\\.txt'
    start = commit(
        "2026-03-02",
        "feat: start",
        {
            "run.sh": Executable("#!/bin/sh\n"),
            "link": Symlink("run.sh"),
            "vendor": Submodule("5" * 40),
            "raw.bin": b"\x00\xff",
            odd: "odd",
        },
    )
    trim = commit("2026-03-03", "fix: trim", {b"caf\xc3\xa9": ""}, delete=["link"])
    write(tmp_path / "kinds.git", [start, trim])
    assert files_at(tmp_path / "kinds.git", "HEAD~") == {
        "run.sh": "100755",
        "link": "120000",
        "vendor": "160000",
        "raw.bin": "100644",
        odd: "100644",
    }
    assert {"café", odd} <= set(later := files_at(tmp_path / "kinds.git", "HEAD"))
    assert "link" not in later
    git(tmp_path / "kinds.git", "fsck", "--strict", "--no-dangling")


def test_a_merge_brings_the_other_branch_and_keeps_what_main_did(tmp_path: Path) -> None:
    start = commit("2026-03-01", "feat: start", {"shared": "1", "old": "1"})
    side = commit("2026-03-02", "feat: side", {"side": "1", "shared": "2"}, branch="feature/side", delete=["old"])
    main = commit("2026-03-03", "feat: main", {"main": "1"})
    merge = commit("2026-03-04", "Merge pull request #1", merge="feature/side", drop=True, tag="v0.1.0")
    repository = tmp_path / "merge.git"
    ids = write(repository, [start, side, main, merge])
    assert git(repository, "rev-list", "--parents", "-1", "HEAD").split() == [
        ids[merge],
        ids[main],
        ids[side],
    ]
    assert set(files_at(repository, "HEAD")) == {"shared", "side", "main"}
    assert git(repository, "show", "HEAD:shared") == "2"
    assert git(repository, "for-each-ref", "--format=%(refname) %(objecttype)").split("\n")[:-1] == [
        "refs/heads/main commit",
        "refs/tags/v0.1.0 tag",
    ]


def test_an_experiment_hangs_on_its_baseline(tmp_path: Path) -> None:
    start = commit("2026-03-01", "feat: start", {"params.yaml": "depth: 3\n"})
    trial = commit("2026-03-02", "dvc: commit experiment 1f", {"params.yaml": "depth: 5\n"}, experiment="lanky-hoof")
    later = commit("2026-03-03", "feat: later", {"a": "1"})
    repository = tmp_path / "experiments.git"
    ids = write(repository, [start, trial, later], refs={"refs/pull/1/head": later})
    base = ids[start]
    assert git(repository, "for-each-ref", "--format=%(objectname) %(refname)").split() == [
        *(ids[trial], f"refs/exps/{base[:2]}/{base[2:]}/lanky-hoof"),
        *(ids[later], "refs/heads/main"),
        *(ids[later], "refs/pull/1/head"),
    ]
    assert git(repository, "show", "HEAD:params.yaml") == "depth: 3\n"


def test_authors_dates_and_messages_are_kept(tmp_path: Path) -> None:
    author = "Zo\udce9 Łukasz <zoe@example.org>"
    write(tmp_path / "words.git", [commit("2026-03-02T09:30:00+05:30", "feat: naïve\n\nbody\n", author=author)])
    words = git(tmp_path / "words.git", "-c", "i18n.logOutputEncoding=none", "cat-file", "commit", "HEAD")
    assert f"author {author} 1772424000 +0530\n" in words
    assert words.endswith("\n\nfeat: naïve\n\nbody\n")


@pytest.mark.parametrize(("object_format", "length"), [("sha1", 40), ("sha256", 64)])
def test_head_and_object_format(tmp_path: Path, object_format: str, length: int) -> None:
    start = commit("2026-03-01", "feat: start", {"a": "1"}, branch="trunk")
    ids = write(tmp_path / "x.git", [start], object_format=object_format, head="trunk")
    assert len(ids[start]) == length
    assert git(tmp_path / "x.git", "symbolic-ref", "HEAD") == "refs/heads/trunk\n"


def test_no_commits_is_an_empty_repository(tmp_path: Path) -> None:
    assert write(tmp_path / "empty.git", []) == {}
    assert git(tmp_path / "empty.git", "symbolic-ref", "HEAD") == "refs/heads/main\n"
    assert git(tmp_path / "empty.git", "for-each-ref") == ""
