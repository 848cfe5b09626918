"""Where a snapshot comes from: a git directory or memory (folder.py: a folder). Nothing else reads git or disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice

from apps.audit import cat_file, faults, git
from apps.audit.objects import FOLDER, KINDS, parse_tree
from apps.audit.snapshot import Cache, Commit, File, Kind, Memory, Ref, Snapshot, Store, Unknown
from apps.audit.text import clean_text

# A tree of a hundred kilobytes can spell out ten thousand million paths.
MOST_FILES, DEEPEST, MOST_TREES, LONGEST_NAME = 200_000, 100, 300_000, 255
UNREADABLE_FOLDER = "the folder's object is missing, broken or too large"
TOO_MANY_FILES = f"the tree has more than {MOST_FILES:,} entries; the rest was not looked at"
TOO_MANY_TREES = f"the history has more than {MOST_TREES:,} folders; the rest was not looked at"


def from_git(opened: git.Opened, derived: Cache | None = None, left_out: int = 0) -> Snapshot:
    """The snapshot of the commit of an opened git directory; its files are readable as long as that is open.

    `left_out` is the size in bytes from which on files miss in a partial clone, 0 where none do.
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
        ancestry=GitAncestry(objects, store, left_out),
        branches=tuple(opened.branches),
        tags=tuple(opened.tags),
        default_branch=branch,
        unread=tuple(unread),
        left_out=left_out,
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
            path = prefix + clean_text(name.decode("utf-8", "backslashreplace"))
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
    """Commits of a git directory; each is read once."""

    objects: cat_file.Objects
    store: Store
    left_out: int = 0
    known: dict[str, Commit | None] = field(default_factory=dict)

    def commit(self, oid: str) -> Commit | None:
        if oid not in self.known:
            self.known[oid] = self.objects.commit(oid)
        return self.known[oid]

    def files(self, commits: Iterable[Commit]) -> Iterator[tuple[Commit, File | Unknown]]:
        """Walks all trees side by side, a level at a time, and no tree twice: most commits share most of theirs."""
        held, seen = dict[str, tuple[Commit, str]](), set[str]()
        level = dict[str, tuple[Commit, str]]()
        for commit in commits:
            level.setdefault(commit.tree, (commit, ""))
        while level and len(seen) <= MOST_TREES:
            seen |= level.keys()
            below, read = dict[str, tuple[Commit, str]](), set[str]()
            for oid, content in self.objects.read(level, cat_file.LARGEST_TREE):
                commit, prefix = level[oid]
                if (entries := parse_tree(content, len(oid) // 2)) is None:
                    continue
                read.add(oid)
                for mode, name, entry in entries:
                    if entry in seen or entry in held:
                        continue
                    path = prefix + clean_text(name.decode("utf-8", "backslashreplace"))
                    if mode == FOLDER:
                        below.setdefault(entry, (commit, f"{path}/"))
                    elif mode not in KINDS:
                        held[entry] = commit, path
            missing = (place for oid, place in level.items() if oid not in read)
            yield from ((commit, Unknown(UNREADABLE_FOLDER, prefix)) for commit, prefix in missing)
            level = below
        yield from ((commit, Unknown(TOO_MANY_TREES, prefix)) for commit, prefix in islice(level.values(), 1))
        shelf = Shelf(self.store, self.objects.sizes(held), self.left_out)
        yield from ((at, shelf.file(path, blob)) for blob, (at, path) in held.items())


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
    """Commits by id; the first that is asked about held all files."""

    commits: Mapping[str, Commit]
    held: Sequence[File] = ()

    def commit(self, oid: str) -> Commit | None:
        return self.commits.get(oid)

    def files(self, commits: Iterable[Commit]) -> Iterator[tuple[Commit, File | Unknown]]:
        return ((commit, file) for commit in islice(commits, 1) for file in self.held)


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
        ancestry=MemoryAncestry({commit.id: commit for commit in commits}, held),
        branches=tuple(Ref(name, oid) for name, oid in (branches or {"main": last.id}).items()),
        tags=tuple(Ref(name, oid) for name, oid in (tags or {}).items()),
        default_branch="main",
    )
