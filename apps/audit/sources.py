"""Where a snapshot comes from: a git directory or memory (folder.py: a folder). Nothing else reads git or disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from apps.audit import cat_file, faults, git
from apps.audit.diff_tree import Changes, Written
from apps.audit.objects import FOLDER, KINDS
from apps.audit.snapshot import (
    AT_ONCE,
    Ancestry,
    Cache,
    Commit,
    File,
    Kind,
    Memory,
    Ref,
    Snapshot,
    Store,
    Unknown,
    batched,
)
from apps.audit.text import clean_text

# A tree of a hundred kilobytes can spell out ten thousand million paths.
MOST_FILES, MOST_WRITTEN, DEEPEST, LONGEST_NAME, LONGEST_LINE = 200_000, 200_000, 100, 255, 256
FILES = {b"100644", b"100755", b"100664"}
UNREADABLE_FOLDER = "the folder's object is missing, broken or too large"
TOO_MANY_FILES = f"the tree has more than {MOST_FILES:,} entries; the rest was not looked at"


def from_git(
    opened: git.Opened, derived: Cache | None = None, left_out: int = 0, known: Ancestry | None = None
) -> Snapshot:
    """The snapshot of the commit of an opened git directory; its files are readable as long as that is open.

    `left_out` is the size in bytes from which on files miss in a partial clone, 0 where none do; `known` is the
    ancestry of another snapshot of the same directory, with the commits that it has read.
    Raises faults.SourceError: no commit yet, no such revision, or damaged.
    """
    objects, branch = opened.objects, default_branch(opened.head, opened.branches)
    oid, revision = opened.commit, opened.revision
    if oid is None and not opened.branches and not opened.tags:
        raise faults.EmptyRepository("the repository has no commit yet")
    if oid is None and revision == "HEAD":
        oid = next((ref.commit for ref in opened.branches if ref.name == branch), None)
    if oid is None or (commit := objects.commit(oid)) is None:
        raise faults.RevisionNotFound(f"there is no commit {clean_text(revision, 100)} in this repository")
    store = Store(objects, derived or Memory())
    entries, unread = walk(objects, objects.tree_of(oid))
    sizes = objects.sizes(blob for _, blob, kind in entries if kind is not Kind.SUBMODULE)
    files = [Shelf(store, sizes, left_out).file(*entry) for entry in entries]
    return Snapshot(
        commit=oid,
        committed_at=commit.committed_at,
        files=tuple(sorted(files, key=lambda file: file.path)),
        ancestry=known or GitAncestry(objects, opened.changes, store, left_out),
        branches=tuple(opened.branches),
        tags=tuple(opened.tags),
        default_branch=branch,
        unread=tuple(unread),
        left_out=left_out,
        cache=store.cache,
    )


@dataclass(frozen=True)
class Shelf:
    """What is known of the blobs of a git directory."""

    store: Store
    sizes: Mapping[str, int]
    left_out: int

    def file(self, path: str, blob: str, kind: Kind = Kind.FILE) -> File:
        size = self.sizes.get(blob)
        missing = size is None and self.left_out > 0 and kind is Kind.FILE
        return File(path, blob, self.left_out if missing else size, kind, self.store, missing)


def default_branch(head: str, branches: Sequence[Ref]) -> str:
    """The branch that HEAD names; where it dangles, the one that is usually meant."""
    names = [ref.name for ref in branches]
    wanted = [head.removeprefix("ref: refs/heads/"), "main", "master"]
    return next((name for name in wanted if name in names), names[0] if names else "")


def walk(objects: cat_file.Objects, root: str) -> tuple[list[tuple[str, str, Kind]], list[Unknown]]:
    """Path, id and kind of every entry below a tree, and what could not be listed."""
    entries, unread = list[tuple[str, str, Kind]](), list[Unknown]()
    waiting, read = [("", root)], cache(objects.tree)
    while waiting:
        prefix, oid = waiting.pop()
        if (tree := read(oid)) is None and not prefix:
            raise faults.DamagedRepository("the commit's root folder cannot be read")
        if tree is None or prefix.count("/") > DEEPEST:
            unread.append(Unknown(UNREADABLE_FOLDER if tree is None else "nested too deep", prefix))
            continue
        for mode, name, entry in tree:
            path = prefix + path_of(name)
            if len(name) > LONGEST_NAME:
                unread.append(Unknown(f"a name of more than {LONGEST_NAME} bytes", prefix))
            elif mode == FOLDER:
                waiting.append((f"{path}/", entry))
            else:
                entries.append((path, entry, KINDS.get(mode, Kind.FILE)))
        if len(entries) + len(waiting) + len(unread) > MOST_FILES:
            unread.append(Unknown(TOO_MANY_FILES))
            break
    return entries, unread


@dataclass(frozen=True)
class GitAncestry:
    """Commits of a git directory; each is read once, with ever more of those before it on its line."""

    objects: cat_file.Objects
    changes: Changes
    store: Store
    left_out: int = 0
    known: dict[str, Commit | None] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)

    def commit(self, oid: str) -> Commit | None:
        if oid not in self.known:
            count = self.ahead.pop(oid, 1)
            line = self.objects.line_of(oid, count)
            self.known.update({oid: None} | {commit.id: commit for commit in line})
            for before in line[-1].parents[:1] if line else ():
                self.ahead[before] = min(2 * count, LONGEST_LINE)
        return self.known[oid]

    def written(self, commits: Iterable[Commit]) -> Iterator[tuple[Commit, File | Unknown]]:
        """A commit whose parents are not all here, as at the end of a shallow clone, counts as having written all."""
        for some in batched(iter(commits), AT_ONCE):
            of = {commit.id: commit for commit in some}
            whole = {oid for oid, commit in of.items() if not all(map(self.commit, commit.parents))}
            entries = list[Written]()
            try:
                for oid in whole:
                    entries += self.listed(of[oid])
                for entry in self.changes.of(oid for oid in of if oid not in whole):
                    entries.append(entry)
                    if len(entries) > MOST_WRITTEN:
                        raise faults.TooLarge(f"{AT_ONCE} commits wrote more than {MOST_WRITTEN:,} files")
            except faults.SourceError as error:
                yield next(iter(of.values())), Unknown(f"history was not looked at from here on: {error}")
                return
            files = [entry for entry in entries if entry.mode in FILES]
            shelf = Shelf(self.store, self.objects.sizes(entry.blob for entry in files), self.left_out)
            yield from ((of[entry.commit], shelf.file(path_of(entry.path), entry.blob)) for entry in files)

    def listed(self, commit: Commit) -> list[Written]:
        """All that a commit holds. Raises DamagedRepository."""
        found, unread = walk(self.objects, commit.tree)
        if unread:
            raise faults.DamagedRepository(unread[0].reason)
        return [Written(commit.id, b"100644", blob, path.encode()) for path, blob, kind in found if kind is Kind.FILE]


def path_of(name: bytes) -> str:
    return clean_text(name.decode("utf-8", "backslashreplace"))


def object_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class MemoryContents:
    """Contents by id."""

    blobs: Mapping[str, bytes]

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((blob, self.blobs[blob]) for blob in blobs if blob in self.blobs)


@dataclass(frozen=True)
class MemoryAncestry:
    """Commits by id; one of them wrote all files."""

    commits: Mapping[str, Commit]
    writer: str = ""
    held: Sequence[File] = ()

    def commit(self, oid: str) -> Commit | None:
        return self.commits.get(oid)

    def written(self, commits: Iterable[Commit]) -> Iterator[tuple[Commit, File | Unknown]]:
        return ((commit, file) for commit in commits if commit.id == self.writer for file in self.held)


def from_memory(
    files: Mapping[str, str | bytes],
    commits: Sequence[Commit] = (),
    *,
    branches: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    derived: Cache | None = None,
    earlier: Mapping[str, str | bytes] | None = None,
) -> Snapshot:
    """A snapshot for examples and tests. The last of `commits` is the one audited; branches and tags name ids.

    The default branch is main; `earlier` are files that only earlier commits held.
    """
    contents = [
        (path, text.encode() if isinstance(text, str) else text)
        for path, text in (*sorted(files.items()), *(earlier or {}).items())
    ]
    store = Store(MemoryContents({object_id(content): content for _, content in contents}), derived or Memory())
    held = [File(path, object_id(content), len(content), store=store) for path, content in contents]
    last = commits[-1] if commits else Commit("", (), "", "", datetime(2026, 1, 1, tzinfo=UTC), "")
    return Snapshot(
        commit=last.id,
        committed_at=last.committed_at,
        files=tuple(held[: len(files)]),
        ancestry=MemoryAncestry({commit.id: commit for commit in commits}, last.id, held),
        branches=tuple(Ref(name, oid) for name, oid in (branches or {"main": last.id}).items()),
        tags=tuple(Ref(name, oid) for name, oid in (tags or {}).items()),
        default_branch="main",
    )
