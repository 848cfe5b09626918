"""Tell a story of commits, get a real bare git repository: fast, offline, the same object ids every time.

    read = commit("2026-03-02", "feat: read the data", {"read.py": "import csv\\n"})
    plot = commit("2026-03-03", "feat: plot it", {"plot.py": "…"}, branch="feature/plot")
    merge = commit("2026-03-04", "Merge pull request #1", merge="feature/plot", tag="v0.1.0")
    ids = write(tmp_path / "story.git", [read, plot, merge])
    ids[merge]  # its object id

A commit's files are what changes; the rest stays as in its parent. A new branch starts at the tip that the
head branch has at that point of the story. Text is encoded with surrogateescape, so any bytes can be told.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Name = str | bytes


@dataclass(frozen=True)
class Executable:
    content: str | bytes


@dataclass(frozen=True)
class Symlink:
    target: str | bytes


@dataclass(frozen=True)
class Submodule:
    commit: str


Content = str | bytes | Executable | Symlink | Submodule


@dataclass(frozen=True, eq=False)
class Commit:
    """One commit of a story; two that read the same are still two.

    `date` is ISO, in UTC where it says no offset; names of `files` are str or bytes. `merge` names a branch:
    what it did since it parted is done here too, then `files`; `drop` removes it, as forges do. `tag` makes an
    annotated tag. `experiment` is a name: the commit is kept as DVC keeps one, below refs/exps and its
    parent's id, and the branch stays where it is.
    """

    date: str
    message: str
    files: Mapping[Any, Content] = field(default_factory=dict)
    _: KW_ONLY
    branch: str = "main"
    author: str = "Ada Lovelace <ada@example.org>"
    merge: str | None = None
    drop: bool = False
    delete: Collection[Name] = ()
    tag: str | None = None
    experiment: str | None = None


commit = Commit


def write(
    path: Path,
    commits: Iterable[Commit],
    *,
    refs: Mapping[str, Commit] | None = None,
    object_format: str = "sha1",
    head: str = "main",
) -> dict[Commit, str]:
    """Create the bare repository `path`, a new or empty folder; gives each commit's object id, in order.

    `refs` are further refs by full name. Without commits the repository is empty and its head unborn.
    """
    story = _Story(head)
    stream = b"".join(piece for each in commits for piece in story.tell(each))
    path.mkdir(parents=True, exist_ok=True)
    _git(path, "init", "-q", "--template=", f"--object-format={object_format}", "--bare", f"--initial-branch={head}")
    printed = _git(path, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", standard_input=stream)
    ids = dict(zip(story.parents, printed.decode().split(), strict=True))
    tips = story.refs(ids) | dict(refs or {})
    moves = [f"create {ref} {ids[tip]}\n" for ref, tip in tips.items()] + [f"delete {SCRATCH}\n"] * bool(ids)
    _git(path, "update-ref", "--stdin", standard_input=_bytes("".join(moves)))
    return ids


# fast-import must move a ref; the real ones come last, when the object ids in experiments' names are known.
SCRATCH = "refs/story"


class _Story:
    """Follows the branches while the story is told, in the language of git fast-import."""

    def __init__(self, head: str) -> None:
        self.head = head
        self.branches: dict[str, Commit] = {}
        self.parents: dict[Commit, list[Commit]] = {}
        self.marks: dict[Commit, int] = {}

    def tell(self, commit: Commit) -> Iterator[bytes]:
        parents = [self.branches[name] for name in (commit.branch, self.head) if name in self.branches][:1]
        merged = []
        if commit.merge is not None:
            parents.append(self.branches[commit.merge])
            merged = self._unseen(*parents)
        mark = self.marks[commit] = len(self.marks) + 1
        self.parents[commit] = parents
        self._move_branches(commit)

        who = _bytes(f"{commit.author} {_seconds(commit.date)}\n")
        if not parents:
            yield _bytes(f"reset {SCRATCH}\n\n")
        yield _bytes(f"commit {SCRATCH}\nmark :{mark}\n")
        yield b"author " + who + b"committer " + who + _data(commit.message)
        for word, parent in zip(("from", "merge"), parents, strict=False):
            yield _bytes(f"{word} :{self.marks[parent]}\n")
        for each in [*merged, commit]:
            yield from _changes(each)
        yield _bytes(f"get-mark :{mark}\n")
        if commit.tag is not None:
            yield _bytes(f"tag {commit.tag}\nfrom :{mark}\ntagger ") + who + _data(commit.tag)

    def refs(self, ids: Mapping[Commit, str]) -> dict[str, Commit]:
        refs = {f"refs/heads/{name}": tip for name, tip in self.branches.items()}
        for commit, parents in self.parents.items():
            if commit.experiment is not None:
                baseline = ids[parents[0]]
                refs[f"refs/exps/{baseline[:2]}/{baseline[2:]}/{commit.experiment}"] = commit
        return refs

    def _move_branches(self, commit: Commit) -> None:
        if commit.experiment is None:
            self.branches[commit.branch] = commit
        if commit.drop and commit.merge is not None:
            del self.branches[commit.merge]

    def _unseen(self, ours: Commit, theirs: Commit) -> list[Commit]:
        """What `theirs` reaches and `ours` does not, oldest first."""
        return sorted(self._reach(theirs) - self._reach(ours), key=self.marks.__getitem__)

    def _reach(self, tip: Commit) -> set[Commit]:
        reached: set[Commit] = set()
        waiting = [tip]
        while waiting:
            commit = waiting.pop()
            if commit not in reached:
                reached.add(commit)
                waiting += self.parents[commit]
        return reached


def _changes(commit: Commit) -> Iterator[bytes]:
    for name in commit.delete:
        yield b"D " + _quoted(name) + b"\n"
    for name, content in commit.files.items():
        path = _quoted(name)
        match content:
            case Submodule(oid):
                yield b"M 160000 " + _bytes(oid) + b" " + path + b"\n"
            case Symlink(target):
                yield b"M 120000 inline " + path + b"\n" + _data(target)
            case Executable(code):
                yield b"M 100755 inline " + path + b"\n" + _data(code)
            case _:
                yield b"M 100644 inline " + path + b"\n" + _data(content)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def _data(text: str | bytes) -> bytes:
    content = _bytes(text)
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(name: Name) -> bytes:
    return b'"' + _bytes(name).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _seconds(date: str) -> str:
    """As git keeps a date: seconds since 1970 and the offset."""
    moment = datetime.fromisoformat(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return f"{int(moment.timestamp())} {moment:%z}"


def _git(path: Path, *arguments: str, standard_input: bytes = b"") -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    command = ["git", "-C", str(path), *arguments]
    return subprocess.run(command, input=standard_input, env=environment, stdout=subprocess.PIPE, check=True).stdout
