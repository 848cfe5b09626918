"""The tracked files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Self

from apps.audit.facts import Fact
from apps.audit.snapshot import File, Kind, Snapshot, Unknown

# Other people's code and what tools wrote: nobody mends it here.
VENDORED = {
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "thirdparty",
    "node_modules",
    "site-packages",
    "_vendor",
    ".venv",
    "venv",
}
LONGEST_PATH = 4096
# Code beside the project: it shows its use.
ASIDE = {
    "example",
    "examples",
    "docs",
    "doc",
    "tutorial",
    "tutorials",
    "benchmark",
    "benchmarks",
    "demo",
    "demos",
    "samples",
    "guides",
    "notebooks",
}
# Tests of a running service: what they send is no data of the project, and their code none of its own.
LOAD_TESTS = {
    f"{kind}{joint}{noun}"
    for kind in ("load", "stress", "performance", "perf")
    for joint in ("", "-", "_")
    for noun in ("test", "tests", "testing")
} | {"locust"}
FIXTURES = {"fixture", "fixtures", "testdata", "test_data", "test-data", "tests", "test"}


@dataclass(frozen=True)
class Tree(Fact):
    """Every tracked entry, sorted by path. Iterating gives the files only: no symlink, no submodule."""

    entries: tuple[File, ...]
    unread: tuple[Unknown, ...] = ()

    @classmethod
    def read(cls, snapshot: Snapshot) -> Self:
        return cls(snapshot.files, snapshot.unread)

    def __iter__(self) -> Iterator[File]:
        return iter(self.files)

    def __contains__(self, path: str) -> bool:
        return path in self.by_path

    def __len__(self) -> int:
        return len(self.files)

    @cached_property
    def files(self) -> tuple[File, ...]:
        return tuple(file for file in self.entries if file.kind is Kind.FILE)

    @cached_property
    def by_path(self) -> dict[str, File]:
        return {file.path: file for file in self.entries}

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a tracked entry, at any depth; the root is the empty string."""
        found = {""}
        for file in self.entries:
            folder = file.folder
            while folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    def get(self, path: str) -> File | None:
        """The file at `path`, following symlinks inside the tree."""
        for _ in range(10):
            file = self.by_path.get(path)
            if file is None or file.kind is not Kind.SYMLINK:
                return file if file and file.kind is Kind.FILE else None
            path = posixpath.normpath(posixpath.join(file.folder, self.target(file)))
        return None

    def target(self, link: File) -> str:
        """Where a symlink points, as it was written."""
        short = link.store if (link.size or 0) <= LONGEST_PATH else None
        found = short.contents.read([link.blob]) if short else iter(())
        return next((content.decode("utf-8", "backslashreplace") for _, content in found), "")

    def link_above(self, path: str) -> File | None:
        """The symlink or submodule that a path goes through."""
        while "/" in path:
            path = path.rpartition("/")[0]
            if (entry := self.by_path.get(path)) and entry.kind is not Kind.FILE:
                return entry
        return None

    def named(self, *names: str) -> list[File]:
        """Files of one of these names (any case), in any folder outside vendored ones."""
        lower = {name.lower() for name in names}
        return [file for file in self if file.name.lower() in lower and not is_vendored(file.path)]

    def ending(self, *suffixes: str) -> list[File]:
        """Files with one of these endings (lower case, with dot), outside vendored folders."""
        return [file for file in self if file.suffix in suffixes and not is_vendored(file.path)]

    def below(self, folder: str) -> list[File]:
        """Files anywhere below a folder; the root is the empty string."""
        return [file for file in self if not folder or file.path.startswith(f"{folder}/")]


def within(most: int, files: Iterable[File]) -> list[File]:
    """The smallest files, as many as weigh `most` bytes together; versions of one file side by side."""
    ordered = sorted(files, key=lambda file: file.size or 0)
    totals = accumulate(file.size or 0 for file in ordered)
    chosen = (file for file, total in zip(ordered, totals, strict=True) if total <= most)
    return sorted(chosen, key=lambda file: file.path)


def folders_of(path: str) -> tuple[str, ...]:
    """The names of the folders that a path goes through, in lower case."""
    return names_in(path.rpartition("/")[0])


@lru_cache(maxsize=50_000)  # many files share few folders
def names_in(folder: str) -> tuple[str, ...]:
    return tuple(folder.lower().split("/")) if folder else ()


def is_vendored(path: str) -> bool:
    return not VENDORED.isdisjoint(folders_of(path))


def is_fixture(path: str) -> bool:
    """Whether a path lies below a tests or fixtures folder."""
    return not FIXTURES.isdisjoint(folders_of(path))


def is_main(path: str) -> bool:
    """Whether a path is a Python file of the project itself, no example and no notebook."""
    return path.endswith(".py") and ASIDE.isdisjoint(folders_of(path))


@lru_cache(maxsize=50_000)  # those that call the same parts ask the same
def is_test(path: str) -> bool:
    """Whether a path is that of a test, or of what tests use."""
    name = path.rpartition("/")[2]
    if is_fixture(path) or name.startswith(("test_", "locustfile")) or name.endswith("_test.py"):
        return True
    if f"/{path}".find("/features/steps/") >= 0 or f"/{path}".endswith("/features/environment.py"):
        return True  # what behave runs for its scenarios
    return name == "conftest.py" or not LOAD_TESTS.isdisjoint(folders_of(path))


def is_template(path: str) -> bool:
    """Whether a path is an unrendered template (cookiecutter, copier, jinja)."""
    return "{{" in path or "{%" in path or path.endswith((".jinja", ".jinja2", ".j2"))
