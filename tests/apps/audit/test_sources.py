"""What the engine sees of git directories in every state that real ones are in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from apps.audit import faults, git
from apps.audit.folder import from_folder
from apps.audit.objects import parse_date
from apps.audit.snapshot import Kind, Snapshot, Unknown
from apps.audit.sources import from_git
from apps.repositories.example.story import Content, Submodule, Symlink, commit, write


class Read(Protocol):
    def __call__(self, path: Path, revision: str = "HEAD") -> Snapshot: ...


@pytest.fixture
def read() -> Iterator[Read]:
    """Opens git directories for as long as the test runs."""
    with ExitStack() as stack:
        yield lambda path, revision="HEAD": from_git(stack.enter_context(git.opened(path, revision)))


def text(snapshot: Snapshot, path: str) -> str | Unknown:
    return next(file for file in snapshot.files if file.path == path).derive(bytes.decode)


def test_reads_files_sizes_history_branches_and_tags(tmp_path: Path, read: Read) -> None:
    first = commit("2024-01-01T10:00:00+00:00", "feat: begin", {"a/b.py": "x = 1\n", "empty": ""}, tag="v1")
    second = commit("2024-02-01T10:00:00+00:00", "fix: mend", {"a/b.py": "x = 2\n"})
    side = commit("2024-03-01T10:00:00+00:00", "feat: aside", {"c": "c"}, branch="feature/aside")
    ids = write(tmp_path / "r.git", [first, second, side])
    seen = read(tmp_path / "r.git")
    assert [(file.path, file.size) for file in seen.files] == [("a/b.py", 6), ("empty", 0)]
    assert text(seen, "a/b.py") == "x = 2\n"
    assert seen.commit == ids[second]
    assert seen.committed_at.isoformat() == "2024-02-01T10:00:00+00:00"
    assert {ref.name: ref.commit for ref in seen.branches} == {"main": ids[second], "feature/aside": ids[side]}
    assert {ref.name: ref.commit for ref in seen.tags} == {"v1": ids[first]}
    head = seen.ancestry.commit(seen.commit)
    assert head is not None
    assert head.subject == "fix: mend"
    assert head.parents == (ids[first],)


def test_reads_any_revision_and_names_one_that_does_not_exist(tmp_path: Path, read: Read) -> None:
    first = commit("2024-01-01T10:00:00+00:00", "feat: begin", {"a": "1"})
    ids = write(tmp_path / "r.git", [first, commit("2024-02-01T10:00:00+00:00", "fix: mend", {"a": "2"})])
    assert read(tmp_path / "r.git", "HEAD~1").commit == ids[first]
    for revision in ("no-such", "--all", "HEAD\nHEAD", "", "0" * 40):
        with pytest.raises(faults.RevisionNotFound):
            read(tmp_path / "r.git", revision)


def test_names_links_submodules_odd_names_and_lfs(tmp_path: Path, read: Read) -> None:
    files: dict[str | bytes, Content] = {
        "link": Symlink("target"),
        "sub": Submodule("1" * 40),
        b"caf\xe9.py": "x = 1",
        "new\nline.py": "x = 1",
        "turned\u202etxt.py": "x = 1",
    }
    write(tmp_path / "r.git", [commit("2024-01-01T10:00:00+00:00", "feat: odd", files)])
    seen = read(tmp_path / "r.git")
    assert {file.path: file.kind for file in seen.files} == {
        "link": Kind.SYMLINK,
        "sub": Kind.SUBMODULE,
        "caf\\xe9.py": Kind.FILE,
        "new\\nline.py": Kind.FILE,
        "turned\\u202etxt.py": Kind.FILE,
    }
    assert isinstance(seen.files[1].derive(len), Unknown)


def test_sha256_repository(tmp_path: Path, read: Read) -> None:
    story = [
        commit("2024-01-01T10:00:00+00:00", "feat: long", {"a/b": "1"}),
    ]
    write(tmp_path / "r.git", story, object_format="sha256")
    seen = read(tmp_path / "r.git")
    assert len(seen.commit) == 64
    assert text(seen, "a/b") == "1"


def test_missing_object_is_unknown_and_nothing_else(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "r.git", [commit("2024-01-01T10:00:00+00:00", "feat: two", {"gone": "gone", "kept": "kept"})])
    for pack in (tmp_path / "r.git/objects/pack").glob("*.pack"):
        packed = pack.rename(tmp_path / pack.name).read_bytes()
        subprocess.run(["git", "-C", tmp_path / "r.git", "unpack-objects", "-q"], input=packed, check=True)
    gone = next(file for file in read(tmp_path / "r.git").files if file.path == "gone")
    (tmp_path / "r.git/objects" / gone.blob[:2] / gone.blob[2:]).unlink()
    seen = read(tmp_path / "r.git")
    assert {file.path: file.size for file in seen.files} == {"gone": None, "kept": 4}
    assert text(seen, "kept") == "kept"
    assert text(seen, "gone") == Unknown("the object is missing", "gone")


def test_empty_and_unborn_repositories_are_named(tmp_path: Path, read: Read) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "r.git"], check=True)
    with pytest.raises(faults.EmptyRepository):
        read(tmp_path / "r.git")


def test_dangling_head_falls_back_to_the_branch_that_is_there(tmp_path: Path, read: Read) -> None:
    ids = write(
        tmp_path / "r.git", [story := commit("2024-01-01T10:00:00+00:00", "feat: x", {"a": "1"}, branch="trunk")]
    )
    (tmp_path / "r.git/HEAD").write_text("ref: refs/heads/master\n")
    assert read(tmp_path / "r.git").commit == ids[story]
    assert read(tmp_path / "r.git").default_branch == "trunk"


def test_work_tree_linked_work_tree_and_what_is_no_repository(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "r.git", [commit("2024-01-01T10:00:00+00:00", "feat: x", {"a": "1"})])
    subprocess.run(["git", "clone", "-q", tmp_path / "r.git", tmp_path / "clone"], check=True, capture_output=True)
    subprocess.run(
        ["git", "-C", tmp_path / "clone", "worktree", "add", "-q", "../linked"], check=True, capture_output=True
    )
    assert [file.path for file in read(tmp_path / "clone").files] == ["a"]
    assert [file.path for file in read(tmp_path / "linked").files] == ["a"]
    with pytest.raises(faults.NotARepository):
        read(tmp_path)


def test_foreign_configuration_is_never_read(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "r.git", [commit("2024-01-01T10:00:00+00:00", "feat: x", {"a": "1"})])
    canary = tmp_path / "canary"
    run = tmp_path / "run"
    run.write_text(f"#!/bin/sh\ntouch {canary}\n")
    run.chmod(0o755)
    with (tmp_path / "r.git/config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {run}\n[gpg]\n\tprogram = {run}\n[log]\n\tshowSignature = true\n")
        config.write(
            f'[remote "o"]\n\turl = x\n\tpromisor = true\n\tuploadpack = {run}\n[extensions]\n\tpartialclone = o\n'
        )
    assert read(tmp_path / "r.git").files
    assert read(tmp_path / "r.git").ancestry.commit("2" * 40) is None
    assert not canary.exists()


def test_alternates_are_refused(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "r.git", [commit("2024-01-01T10:00:00+00:00", "feat: x", {"a": "1"})])
    (tmp_path / "r.git/objects/info").mkdir(exist_ok=True)
    (tmp_path / "r.git/objects/info/alternates").write_text("/etc\n")
    with pytest.raises(faults.NotARepository, match="alternates"):
        read(tmp_path / "r.git")


def test_tree_that_spells_out_ten_thousand_million_files_ends(tmp_path: Path, read: Read) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "r.git"], check=True)

    def run(*arguments: str, given: str = "") -> str:
        command = ["git", "-C", str(tmp_path / "r.git"), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, input=given, text=True, check=True, capture_output=True).stdout.strip()

    oid, kind = run("hash-object", "-w", "--stdin", given="boom"), "100644 blob"
    for _ in range(10):
        oid = run("mktree", given="".join(f"{kind} {oid}\tn{number}\n" for number in range(10)))
        kind = "040000 tree"
    run("update-ref", "refs/heads/main", run("commit-tree", oid, "-m", "bomb"))
    (tmp_path / "r.git/HEAD").write_text("ref: refs/heads/main\n")
    seen = read(tmp_path / "r.git")
    assert "more than 200,000" in seen.unread[0].reason


def test_absurd_dates_are_clamped() -> None:
    for person, year in (("A <a> 99999999999999 +9999", 9999), ("A <a> -5 +0000", 1970), ("A <a>", 1970)):
        assert parse_date(person).year == year


def test_folder_without_git(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("x = 1\n")
    os.symlink("/etc/passwd", tmp_path / "link")
    seen = from_folder(tmp_path)
    assert [(file.path, file.kind) for file in seen.files] == [("link", Kind.SYMLINK), ("src/a.py", Kind.FILE)]
    assert text(seen, "src/a.py") == "x = 1\n"
    assert seen.commit == ""
