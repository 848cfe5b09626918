"""What kind of project this is, and what says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree


class ProjectKind(StrEnum):
    """In the order in which they are tried; the first that fits."""

    TRAINING = "training project"
    SERVICE = "service"
    LIBRARY = "library"
    COURSE = "course"
    NOTEBOOKS = "notebook collection"
    TEMPLATE = "template generator"
    OTHER = "other project"


@dataclass(frozen=True)
class Project(Fact):
    """The kind, with the path that says so."""

    kind: ProjectKind
    why: str
    path: str = ""

    @classmethod
    def read(cls, tree: Tree) -> Self:
        return cls(ProjectKind.OTHER, f"{len(tree)} files")
