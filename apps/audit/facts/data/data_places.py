"""Paths that the code names, and what holds their versions: git, Git LFS, git-annex or DVC."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import File, Kind


class Made(NamedTuple):
    """The call that writes a file."""

    call: str
    path: str
    line: int


@dataclass(frozen=True)
class Source:
    """One dataset. `pinned_by` is empty when nothing holds its version; `file` is set when git itself holds it,
    `made_by` when the code writes it too."""

    name: str
    path: str
    line: int | None
    pinned_by: str
    file: File | None = None
    made_by: Made | None = None


@dataclass(frozen=True)
class Places:
    """What is known of paths."""

    tree: Tree
    graph: Graph | None
    lfs: LfsPointers

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in (*self.tree.by_path, *(self.graph.written if self.graph else ())):
            found.setdefault(posixpath.basename(path), []).append(path)
        return found

    def find(self, written: str, folder: str) -> str:
        """The path that the code means: from the root, from the code's folder, or by its ending; empty for none."""
        path = re.sub(r"^(\.{1,2}/)+", "", posixpath.normpath(written))
        candidates = [path, posixpath.normpath(posixpath.join(folder, written))]
        same_name = self.by_name.get(posixpath.basename(path), ())
        candidates += [known for known in same_name if known.endswith(f"/{path}")]
        # One person's absolute path to a file of the repository.
        candidates += [known for known in same_name if "/" in known and path.endswith(f"/{known}")]
        return next((each for each in candidates if each in self.tree or self.writers(each)), "")

    def writers(self, path: str) -> bool:
        return bool(self.graph and self.graph.writers(path))

    def keeps(self, path: str, folder: str) -> bool:
        """Whether a path that the code names is an output of DVC, or below one."""
        while path.strip("./"):
            if (known := self.find(path, folder)) and self.writers(known):
                return True
            path = posixpath.dirname(path)
        return False

    def source(self, path: str, name: str, place: tuple[str, int]) -> Source:
        """The source that a known path is."""
        if self.writers(path):
            return Source(name, *place, "DVC")
        entry = self.tree.by_path.get(path)
        if path in self.lfs:
            return Source(name, *place, "Git LFS")
        if entry and entry.kind is Kind.SYMLINK and ".git/annex/" in self.tree.target(entry):
            return Source(name, *place, "git-annex")
        return Source(name, *place, "git", self.tree.get(path))
