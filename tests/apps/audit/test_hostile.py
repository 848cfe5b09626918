"""Content made to break a reader: the audit ends, no check breaks, and the other files are judged as before."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha1
from pathlib import Path

import pytest

from apps.audit import cat_file, faults, git, sandbox
from apps.audit.cache import DerivedCache
from apps.audit.check import Outcome
from apps.audit.engine import Audit
from apps.audit.folder import from_folder
from apps.audit.policy import Policy
from apps.audit.snapshot import Snapshot, derive
from apps.audit.sources import from_git, from_memory
from apps.repositories.example.story import commit, write

HONEST = {"README.md": "# Churn\n", "train.py": "import torch\ntorch.manual_seed(1)\n"}
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b}\n  <<: [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
BOMBS: dict[str, str | bytes] = {
    "brackets.yaml": "[" * 100_000 + "]" * 100_000,
    "dashes.yaml": "- " * 100_000,
    "laughs.yaml": LAUGHS,
    "merges.yaml": MERGES,
    "self.yaml": "&a [*a]\n",
    "keys.yaml": "{" * 45 + "a: b" + "}" * 45,
    "date.yaml": "a: 2024-99-99\nb: " + "1" * 5000 + "\nc: !!python/object/apply:os.system [x]\n",
    "dots.toml": ".".join("a" * 20_000) + " = 1\n",
    "nested.toml": "a = " + "[" * 5000 + "]" * 5000,
    "nested.json": "[" * 100_000,
    "odd.json": '{"a": NaN, "b": 1e999, "c": "\\ud800", "d": "\\u0000"}',
    "minus.py": "x = " + "-" * 5000 + "1\n",
    "parens.py": "(" * 201 + ")" * 201,
    "sum.py": "+".join(["1"] * 3000) + "\n",
    "elif.py": "if a: pass\n" + "elif a: pass\n" * 10_000,
    "nul.py": b"x = 1\n\0\n",
    "cookie.py": b"# coding: nonsense\nx = '\xff'\n",
    "attributes.py": "a" + ".b" * 50_000 + "\n",
    "a.ipynb": '{"cells": [{"cell_type": "code", "source": 1}, null, 3]}',
    "b.ipynb": "[" * 50_000,
    "dvc.yaml": "stages:\n  a:\n    matrix:\n"
    + "".join(f"      k{n}: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" for n in range(9))
    + "    cmd: x\n",
    "Makefile": "a: a\n\tmake a\n",
    ".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n  - {id: a, entry: a, files: '(a+)+$'}\n",
    ".gitignore": "**/" * 500 + "a\n" + "*" * 5000 + "b\n",
    "a" * 30 + "!.py": "x = 1\n",
}


def outcomes(snapshot: Snapshot) -> dict[str, Outcome]:
    return {slug: result.outcome for slug, result in Audit(snapshot, Policy()).results.items()}


@pytest.mark.parametrize("name", BOMBS)
def test_no_check_breaks(name: str) -> None:
    found = outcomes(from_memory({**HONEST, name: BOMBS[name]}))
    assert Outcome.ERRORED not in found.values(), [slug for slug, outcome in found.items() if outcome == "errored"]
    assert found["reproducibility/seed-pytorch"] is Outcome.PASSED


def loose(objects: Path, kind: str, content: bytes) -> str:
    """Write an object as git would, without git's checks."""
    whole = b"%s %d\0%s" % (kind.encode(), len(content), content)
    oid = sha1(whole, usedforsecurity=False).hexdigest()
    (objects / oid[:2]).mkdir(exist_ok=True)
    (objects / oid[:2] / oid[2:]).write_bytes(zlib.compress(whole))
    return oid


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path / "r.git", [commit("2024-01-01", "feat: begin", HONEST)])
    return tmp_path / "r.git"


def committed(repository: Path, tree: str, message: str = "feat: odd") -> None:
    text = f"tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n{message}\n"
    (repository / "refs/heads/main").write_text(loose(repository / "objects", "commit", text.encode()) + "\n")


def test_broken_folder_is_unknown_and_broken_root_is_damage(repository: Path) -> None:
    broken = loose(repository / "objects", "tree", b"100644 a\0short")
    kept = loose(repository / "objects", "blob", b"kept")
    entries = b"100644 a\0" + bytes.fromhex(kept) + b"40000 b\0" + bytes.fromhex(broken)
    committed(repository, loose(repository / "objects", "tree", entries))
    with git.opened(repository) as opened:
        seen = from_git(opened)
        assert [file.path for file in seen.files] == ["a"]
        assert [unknown.path for unknown in seen.unread] == ["b/"]
    committed(repository, broken)
    with git.opened(repository) as opened, pytest.raises(faults.DamagedRepository):
        from_git(opened)


def test_commit_that_is_too_large_is_not_held(repository: Path) -> None:
    with git.opened(repository) as opened:
        tree = from_git(opened).ancestry.commit(from_git(opened).commit)
    assert tree is not None
    committed(repository, tree.tree, "x" * (2 * cat_file.LARGEST_COMMIT))
    with pytest.raises(faults.TooLarge, match="the commit has 2,000,"), git.opened(repository):
        pass


def test_tag_that_git_cannot_hold_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "GIT_MEMORY_BYTES", 30_000_000)
    with git.opened(repository) as opened:
        commit = opened.branches[0].commit
    text = f"object {commit}\ntype commit\ntag v1\ntagger A <a> 1 +0000\n\n".encode() + b"x" * 50_000_000
    (repository / "refs/tags/v1").write_text(loose(repository / "objects", "tag", text) + "\n")
    with pytest.raises(faults.TooLarge, match="more memory than git may have"), git.opened(repository):
        pass


def test_broken_branch_hides_no_other(repository: Path) -> None:
    (repository / "refs/heads/aa").write_text("1" * 40 + "\n")
    with git.opened(repository) as opened:
        assert [ref.name for ref in opened.branches] == ["main"]


def test_folder_with_a_pipe_a_socket_and_links(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "empty").write_text("")
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "up").symlink_to(tmp_path)
    seen = from_folder(folder)
    assert [(file.path, str(file.kind)) for file in seen.files] == [
        ("empty", "file"),
        ("out", "symlink"),
        ("up", "symlink"),
    ]
    store = seen.files[1].store
    assert store is not None
    assert dict(store.contents.read([seen.files[1].blob])).popitem()[1] == b"/etc/passwd"


@pytest.fixture
def warm(tmp_path: Path) -> Iterator[Snapshot]:
    """A snapshot whose derived values are all in a cache on disk."""
    with closing(DerivedCache(tmp_path / "cache")) as cache:
        snapshot = from_memory(HONEST, derived=cache)
        assert outcomes(snapshot) == outcomes(from_memory(HONEST))
        yield snapshot


def test_damaged_cache_changes_no_verdict(warm: Snapshot, tmp_path: Path) -> None:
    with (tmp_path / "cache").open("r+b") as cache:
        cache.seek(4096)
        cache.write(os.urandom(200_000))
    (tmp_path / "cache-wal").write_bytes(b"")
    assert outcomes(warm) == outcomes(from_memory(HONEST))


def test_locked_cache_changes_no_verdict(warm: Snapshot, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "cache", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert [value for _, value in derive(warm.files, len)] == [len(text) for text in HONEST.values()]
    assert outcomes(warm) == outcomes(from_memory(HONEST))
    other.close()
