"""Which files of a revision DVC reads, before anything in them is looked at."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from apps.audit.experiments import ignored
from apps.audit.experiments.ignored import Ignored
from apps.audit.experiments.trees import Named
from apps.audit.facts.dvc.expansion import DEFAULT_PARAMETERS
from apps.audit.facts.dvc.pipelines import is_pointer


@dataclass(frozen=True, eq=False)
class Outline:
    """`roots` are the folders that hold `.dvc`; `files` dvc.yaml and .dvc files that no .dvcignore covers.

    `defaults` are the params.yaml files that DVC reads unasked, if they exist.
    """

    roots: list[str]
    ignored: Ignored
    files: tuple[Named, ...]
    defaults: tuple[str, ...]

    @classmethod
    def of(cls, files: Iterable[Named], content: Callable[[str], bytes | None]) -> Self:
        named = [(posixpath.basename(each.path), each) for each in files]
        roots = sorted(posixpath.dirname(each.path) for name, each in named if name == ".dvc")
        contents = ((each.path, content(each.blob) or b"") for name, each in named if name == ignored.NAME)
        hidden = Ignored.of(contents, roots)
        defaults = [posixpath.join(root, DEFAULT_PARAMETERS) for root in (roots if "" in roots else ["", *roots])]
        return cls(
            roots,
            hidden,
            tuple(each for name, each in named if is_read(name) and not hidden.hides(each.path, roots)),
            tuple(path for path in defaults if not hidden.hides(path, roots)),
        )

    def hides(self, path: str, is_folder: bool = False) -> bool:
        """Whether a .dvcignore file covers the path."""
        return self.ignored.hides(path, self.roots, is_folder)


def is_read(name: str) -> bool:
    """Whether DVC reads what has such a name: `.dvc` itself is the folder of a project."""
    return name == "dvc.yaml" or (name != ".dvc" and is_pointer(name))
