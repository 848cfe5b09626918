"""What the engine is given of a repository: the files of one commit, its ancestors, its branches and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import chain, islice
from typing import Any, Generic, Protocol, TypeVar

from apps.audit.storage import Storage

T = TypeVar("T")
Json = Any
KILOBYTE, MEGABYTE = 1000, 1_000_000
# Derived values are kept after so many files.
AT_ONCE = 50
# Entries of a derived value up to which it is small.
MOST_KEPT = 100


@dataclass(frozen=True)
class Unknown:
    """Something that exists but cannot be judged from what we hold; said by facts and checks alike."""

    reason: str
    path: str = ""


class Kind(StrEnum):
    """What a tree entry is."""

    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


class Contents(Protocol):
    """Where bytes come from."""

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Object id and content of each blob that can be had, each once; the others are left out."""


class Cache(Protocol):
    """Where derived values are kept between audits. Values are JSON."""

    def load(self, function: Callable[..., Json], blobs: Iterable[str]) -> dict[str, Json]: ...

    def store(self, function: Callable[..., Json], values: Mapping[str, Json]) -> None: ...


class Memory:
    """A cache that lasts as long as the audit, of what is small: the rest would be held twice, here and as a fact."""

    def __init__(self) -> None:
        self.values = defaultdict[Callable[..., Json], dict[str, Json]](dict)

    def load(self, function: Callable[..., Json], blobs: Iterable[str]) -> dict[str, Json]:
        known = self.values[function]
        return {blob: known[blob] for blob in blobs if blob in known}

    def store(self, function: Callable[..., Json], values: Mapping[str, Json]) -> None:
        self.values[function] |= {blob: value for blob, value in values.items() if is_small(value)}


def is_small(value: Json) -> bool:
    lists = value.values() if isinstance(value, dict) else [value]
    return sum(len(each) for each in lists if isinstance(each, list | dict)) <= MOST_KEPT


@dataclass(frozen=True)
class Store:
    """Contents and cache of one snapshot."""

    contents: Contents
    cache: Cache


@dataclass(frozen=True)
class Derived(Generic[T]):
    """What a function made of files: the values, in the order of the files, and what could not be read."""

    items: tuple[tuple[File, T], ...] = ()
    unread: tuple[Unknown, ...] = ()

    def __iter__(self) -> Iterator[tuple[File, T]]:
        return iter(self.items)


@dataclass(frozen=True)
class File:
    """One entry of the tree. `size` is in bytes; None when the object is missing, as in a partial clone.

    A file that was `left_out` of a mirror for its size has at least `size` bytes, and nobody can read them.
    """

    path: str
    blob: str
    size: int | None
    kind: Kind = Kind.FILE
    store: Store | None = field(default=None, repr=False, compare=False)
    left_out: bool = False

    @cached_property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of the folder it is in; empty at the root."""
        return self.path.rpartition("/")[0]

    @cached_property
    def suffix(self) -> str:
        """The ending with its dot, in lower case; empty when there is none."""
        stem, dot, ending = self.name.rpartition(".")
        return f".{ending.lower()}" if dot and stem else ""

    def exceeds(self, limit: float) -> bool | None:
        """Whether it has more than `limit` bytes; None where that is not known."""
        if self.size is None or (self.left_out and self.size < limit):
            return None
        return self.left_out or self.size > limit

    @property
    def megabytes(self) -> str:
        """Its size in words."""
        return f"{'at least ' if self.left_out else ''}{(self.size or 0) / MEGABYTE:.3g} MB"

    @property
    def unsized(self) -> Unknown:
        """What a check says that wants to know more about its size."""
        if self.left_out:
            return Unknown(f"left out of the mirror; of its size we know that it is {self.megabytes}", self.path)
        return Unknown("the object is missing, so its size is not known", self.path)

    def derive(self, function: Callable[[bytes], T], limit: int = MEGABYTE) -> T | Unknown:
        """`function` of this file's bytes; see `derive`."""
        derived = derive([self], function, limit)
        return derived.items[0][1] if derived.items else derived.unread[0]


def derive(files: Iterable[File], function: Callable[[bytes], T], limit: int = MEGABYTE) -> Derived[T]:
    """A pure function of each file's bytes, computed once per blob and kept in the cache.

    `function` must depend on nothing but the bytes, never raise, and return JSON (lists and string keys; no tuples).
    Files over `limit` bytes and missing ones are not read: they are in `unread`, each with its reason.
    """
    wanted, unread = list[File](), list[Unknown]()
    for file in files:
        if reason := unreadable(file, limit):
            unread.append(Unknown(reason, file.path))
        else:
            wanted.append(file)
    if not wanted or (store := wanted[0].store) is None:
        return Derived((), tuple(unread))
    blobs = dict.fromkeys(file.blob for file in wanted)
    values = store.cache.load(function, blobs)
    for some in batched(store.contents.read([blob for blob in blobs if blob not in values]), AT_ONCE):
        fresh = {blob: function(content) for blob, content in some}
        store.cache.store(function, fresh)  # now, so that an audit that is stopped has not worked in vain
        values |= fresh
    unread += [Unknown("the object is missing", file.path) for file in wanted if file.blob not in values]
    return Derived(tuple((file, values[file.blob]) for file in wanted if file.blob in values), tuple(unread))


def batched(items: Iterator[T], size: int) -> Iterator[Iterator[T]]:
    """The items, so many at a time; each batch is used up before the next is asked for."""
    for first in items:
        yield chain([first], islice(items, size - 1))


def unreadable(file: File, limit: int) -> str:
    """Why the content of `file` is not looked at; empty when it is."""
    if file.kind is not Kind.FILE:
        return f"a {file.kind} is not followed"
    if file.size is None:
        return "the object is missing"
    if file.left_out:
        return f"left out of the mirror for its size: {file.megabytes}"
    if file.size > limit:
        return f"{file.size / MEGABYTE:.3g} MB, over the limit of {limit / MEGABYTE:.3g} MB"
    return ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. Dates have a time zone and are clamped to what a calendar can hold."""

    id: str
    parents: tuple[str, ...]
    author: str
    email: str
    committed_at: datetime
    message: str
    tree: str = ""

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0].strip()

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1


@dataclass(frozen=True)
class Ref:
    """A branch or a tag (name without refs/heads/ or refs/tags/) and the id of the commit that it leads to."""

    name: str
    commit: str


class Ancestry(Protocol):
    """Commits by id, and what they held."""

    def commit(self, oid: str) -> Commit | None:
        """The commit, or None when its object is missing (a shallow clone ends so)."""

    def written(self, commits: Iterable[Commit]) -> Iterator[tuple[Commit, File | Unknown]]:
        """Every file that each of these commits wrote: other than in all of its parents."""


@dataclass(frozen=True)
class Snapshot:
    """One commit as the engine sees it. `commit` is empty for a folder without git."""

    commit: str
    committed_at: datetime
    files: tuple[File, ...]
    ancestry: Ancestry
    branches: tuple[Ref, ...] = ()
    tags: tuple[Ref, ...] = ()
    default_branch: str = ""
    unread: tuple[Unknown, ...] = ()
    # From how many bytes on files miss in the git directory; 0 where all are there.
    left_out: int = 0
    # What the DVC remote holds of this commit, as whoever may ask it has seen; None where nobody asked.
    storage: Storage | None = None
    # Where what was derived from the history is kept between audits.
    cache: Cache = field(default_factory=Memory, repr=False, compare=False)
