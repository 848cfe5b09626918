"""The folders of a monorepo: several projects, each with a manifest of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.packages.dependencies import Dependencies, folders_around
from apps.audit.facts.packages.requirements import Group
from apps.audit.facts.training.training import Training


@dataclass(frozen=True)
class Projects(Fact):
    """The folders, where there are several; none where the repository is one project."""

    folders: frozenset[str]

    @classmethod
    def read(cls, dependencies: Dependencies, training: Training | None) -> Self:
        own = frozenset(dependencies.by_folder) - {""}
        if needs_packages(dependencies):
            # Below a root that says what code needs to run, those that train apart are projects; others are its parts.
            own = frozenset(innermost(each.path, own) for each in training or ()) - {""}
        return cls(own if len(own) > 1 else frozenset())

    def of(self, path: str) -> str:
        """The innermost project around a file; empty where there is none."""
        return innermost(path, self.folders)


def needs_packages(dependencies: Dependencies) -> bool:
    """Whether the root says what code needs to run."""
    outer = (package for manifest in dependencies.by_folder.get("", ()) for package in manifest.packages)
    return any(each.group is Group.RUNTIME and each.name != "python" for each in outer)


def innermost(path: str, folders: frozenset[str]) -> str:
    return next((folder for folder in reversed(folders_around(path)) if folder in folders), "")
