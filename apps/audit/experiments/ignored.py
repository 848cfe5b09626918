"""What .dvcignore files keep from DVC, for each of a repository's DVC projects."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from apps.audit.facts.dvc.pipelines import nearest
from apps.audit.facts.ignores import Rule, Rules, parse_ignore, to_rule

NAME = ".dvcignore"


@dataclass(frozen=True)
class Ignored:
    """The rules of each DVC project, by its root; a project knows nothing of those around it."""

    by_root: Mapping[str, Rules]

    @classmethod
    def of(cls, contents: Iterable[tuple[str, bytes]], roots: list[str]) -> Self:
        """`contents` are the .dvcignore files by path, `roots` the folders that hold `.dvc`."""
        found = dict[str, dict[str, tuple[Rule, ...]]]()
        for path, content in contents:
            folder = posixpath.dirname(path)
            rules = tuple(to_rule(path, folder, parsed) for parsed in parse_ignore(content))
            found.setdefault(nearest(roots, path) or "", {})[folder] = rules
        return cls({root: Rules(rules) for root, rules in found.items()})

    def hides(self, path: str, roots: list[str], is_folder: bool = False) -> bool:
        rules = self.by_root.get(nearest(roots, path) or "") if self.by_root else None
        return rules is not None and rules.ignores(path, is_folder)
