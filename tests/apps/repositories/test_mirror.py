"""Mirrors of real repositories, as they are and as they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.repositories import failures, mirror
from apps.repositories.example.story import write
from apps.repositories.mirror import Mirror
from tests.apps.repositories.origins import Origin, is_whole, refs_of


def update(origin: Origin, target: Path) -> Mirror:
    held = mirror.update(str(origin), target, timeout=30)
    assert held.path == target
    assert [path.name for path in target.parent.iterdir() if path != target] == ["1.lock"]
    assert is_whole(target)
    return held


def test_branches_tags_and_experiments_but_no_proposals(origin: Origin, target: Path) -> None:
    first = origin.git("rev-parse", "main")
    origin.git("tag", "-a", "-m", "first", "v1", "main")
    origin.git("tag", "tree", "main^{tree}")
    for ref in ("refs/exps/ab/cd/quick-fox", "refs/pull/1/head", "refs/remotes/origin/x", "refs/stash"):
        origin.git("update-ref", ref, first)
    held = update(origin, target)
    assert (held.head, held.default_branch) == (first, "main")
    names = {"refs/exps/ab/cd/quick-fox", "refs/heads/main", "refs/tags/tree", "refs/tags/v1"}
    assert refs_of(target).keys() == names
    assert str(origin) not in (target / "config").read_text()


def test_an_update_follows_and_the_digest_tells(origin: Origin, target: Path) -> None:
    before = update(origin, target)
    assert update(origin, target) == before
    pushed = origin.push("main")
    after = update(origin, target)
    assert after.head == pushed
    assert after.refs_digest != before.refs_digest


def test_a_branch_beside_the_default_moves_the_digest_only(origin: Origin, target: Path) -> None:
    before = update(origin, target)
    origin.push("feature/x")
    after = update(origin, target)
    assert after.head == before.head
    assert after.refs_digest != before.refs_digest


def test_a_forced_push(origin: Origin, target: Path) -> None:
    first = origin.git("rev-parse", "main")
    origin.push("main")
    update(origin, target)
    replaced = origin.push("main", b"other\n", onto=first)
    assert update(origin, target).head == replaced


def test_a_branch_turns_into_a_folder_of_branches_and_back(origin: Origin, target: Path) -> None:
    origin.push("a")
    update(origin, target)
    origin.git("update-ref", "-d", "refs/heads/a")
    origin.push("a/b")
    update(origin, target)
    assert refs_of(target).keys() == {"refs/heads/main", "refs/heads/a/b"}
    origin.git("update-ref", "-d", "refs/heads/a/b")
    origin.push("a")
    update(origin, target)
    assert refs_of(target).keys() == {"refs/heads/main", "refs/heads/a"}


def test_the_default_branch_is_renamed(origin: Origin, target: Path) -> None:
    update(origin, target)
    origin.git("branch", "-m", "main", "trunk")
    held = update(origin, target)
    assert (held.default_branch, held.head) == ("trunk", origin.git("rev-parse", "trunk"))
    assert (target / "HEAD").read_text() == "ref: refs/heads/trunk\n"


@pytest.mark.parametrize(
    ("branches", "default"), [(["main", "a"], "main"), (["b", "master"], "master"), (["z", "b"], "b")]
)
def test_a_head_that_points_to_nothing(origin: Origin, target: Path, branches: list[str], default: str) -> None:
    tips = {branch: origin.push(branch) for branch in branches}
    if "main" not in branches:
        origin.git("update-ref", "-d", "refs/heads/main")
    origin.git("symbolic-ref", "HEAD", "refs/heads/gone")
    held = update(origin, target)
    assert (held.default_branch, held.head) == (default, tips[default])


def test_a_detached_head_means_the_branch_that_is_there(origin: Origin, target: Path) -> None:
    tip = origin.push("release")
    origin.git("update-ref", "--no-deref", "HEAD", tip)
    assert update(origin, target).default_branch == "release"


def test_an_empty_repository_and_its_first_commit(origin: Origin, target: Path, tmp_path: Path) -> None:
    write(tmp_path / "empty.git", [])
    empty = Origin.__new__(Origin)
    empty.path = tmp_path / "empty.git"
    for _ in range(2):
        held = update(empty, target)
        assert (held.head, held.default_branch) == (None, "")
    pushed = empty.push("main")
    assert update(empty, target).head == pushed


def test_all_branches_are_deleted(origin: Origin, target: Path) -> None:
    update(origin, target)
    origin.git("update-ref", "-d", "refs/heads/main")
    held = update(origin, target)
    assert (held.head, held.default_branch, refs_of(target)) == (None, "", {})


def test_tags_alone_are_no_head(origin: Origin, target: Path) -> None:
    origin.git("tag", "v1")
    origin.git("update-ref", "-d", "refs/heads/main")
    held = update(origin, target)
    assert held.head is None
    assert refs_of(target).keys() == {"refs/tags/v1"}


def test_sha256(tmp_path: Path, origin: Origin, target: Path) -> None:
    wide = Origin(tmp_path / "wide.git", "sha256")
    held = update(wide, target)
    assert held.head is not None
    assert len(held.head) == 64
    assert update(wide, target) == held


def test_a_repository_that_is_made_anew_with_wider_ids(tmp_path: Path, origin: Origin, target: Path) -> None:
    update(origin, target)
    origin.path.rename(tmp_path / "former.git")
    Origin(origin.path, "sha256")
    head = update(origin, target).head
    assert head is not None
    assert len(head) == 64


def test_a_work_tree_is_read_from_its_objects(tmp_path: Path, origin: Origin, target: Path) -> None:
    origin.git("worktree", "prune")
    tree = tmp_path / "tree"
    origin.git("clone", "--quiet", "--no-local", str(origin), str(tree))
    (tree / "uncommitted.py").write_text("x")
    assert mirror.update(str(tree), target, timeout=30).head == origin.git("rev-parse", "main")


def test_a_shallow_source_is_held_as_far_as_it_goes(origin: Origin, target: Path, tmp_path: Path) -> None:
    origin.push("main")
    origin.git("clone", "--quiet", "--bare", "--depth=1", f"file://{origin}", str(tmp_path / "shallow.git"))
    tip = origin.git("rev-parse", "main")
    for _ in range(2):
        assert mirror.update(str(tmp_path / "shallow.git"), target, timeout=30).head == tip
    assert (target / "shallow").read_text() == f"{tip}\n"
    assert is_whole(target)


@pytest.mark.parametrize("name", ["données", "caf\udce9", "-x", "a'b\"c", "$HOME", "a;b", "x|y"])
def test_odd_names_of_branches(origin: Origin, target: Path, name: str) -> None:
    origin.git("update-ref", f"refs/heads/{name}", "main")
    origin.git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    held = update(origin, target)
    assert (held.default_branch, held.head) == (name.replace("\udce9", "\\xe9"), origin.git("rev-parse", "main"))


def test_many_fetches_do_not_pile_up_packs(origin: Origin, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "MOST_PACKS", 3)
    for number in range(6):
        origin.push("main", b"%d" % number)
        update(origin, target)
    assert len(list(target.glob("objects/pack/*.pack"))) <= 3
    assert not list(target.glob("objects/??/*"))


def test_progress_is_told(origin: Origin, target: Path) -> None:
    told: list[tuple[str, int, int]] = []
    mirror.update(str(origin), target, timeout=30, progress=lambda *step: told.append(step))
    assert ("receiving objects", 3, 3) in told


def test_history_that_git_refuses(origin: Origin, target: Path) -> None:
    blob = origin.git("hash-object", "-w", "--stdin", stdin=b"x")
    inner = b"100644 ..\0" + bytes.fromhex(blob)
    tree = origin.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=inner)
    origin.git("update-ref", "refs/heads/main", origin.git("commit-tree", "-m", "x", tree))
    with pytest.raises(failures.Refused, match="hasDotdot"):
        mirror.update(str(origin), target, timeout=30)
    assert not target.exists()


def test_history_that_is_old_and_honest(origin: Origin, target: Path) -> None:
    blob = origin.git("hash-object", "-w", "--stdin", stdin=b"x")
    nested = origin.git("mktree", stdin=f"100644 blob {blob}\ta\n".encode())
    padded = b"040000 dir\0" + bytes.fromhex(nested)
    tree = origin.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=padded)
    old = f"tree {tree}\nauthor Ada 1100000000 +051800\ncommitter Ada <> 1100000000 +051800\n\nold\n".encode()
    commit_ = origin.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=old)
    origin.git("update-ref", "refs/heads/main", commit_)
    assert mirror.update(str(origin), target, timeout=30).head == commit_


def test_remove(origin: Origin, target: Path) -> None:
    update(origin, target)
    mirror.update(str(origin), target.with_name("10"), timeout=30)
    target.with_name("1.cache").touch()
    mirror.remove(target, timeout=5)
    assert sorted(path.name for path in target.parent.iterdir()) == ["10", "10.lock"]
    mirror.remove(target, timeout=5)
