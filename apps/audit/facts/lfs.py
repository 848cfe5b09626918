"""Git LFS: small text files that stand in for large ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import Unknown, derive

# git-lfs never writes a longer one.
LARGEST_POINTER = 1024
HEAD = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class LfsPointers(Fact):
    """Paths whose content is in Git LFS."""

    paths: frozenset[str]
    unread: tuple[Unknown, ...]

    @classmethod
    def read(cls, tree: Tree) -> Self:
        small = (file for file in tree if file.size is None or len(HEAD) < file.size <= LARGEST_POINTER)
        derived = derive(small, is_pointer, LARGEST_POINTER)
        return cls(frozenset(file.path for file, pointer in derived if pointer), derived.unread)

    def __contains__(self, path: str) -> bool:
        return path in self.paths


def is_pointer(content: bytes) -> bool:
    return content.startswith(HEAD)
