"""Where stages and what their locks recorded differ, as far as git alone can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from apps.audit.facts import Fact
from apps.audit.facts.dvc.digests import Digests
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.parameters import MISSING, Parameters, select
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.dvc.stages import Parameter, Path, Stage
from apps.audit.facts.ignores import read_rules
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import Json, Unknown


@dataclass(frozen=True)
class Change:
    """One difference between a stage and its lock; `what` reads after the stage's name."""

    stage: Stage
    subject: str
    what: str
    line: int | None


@dataclass(frozen=True)
class Drift(Fact):
    """Differences of every stage that ran. `compared` counts commands, parameters and paths that were looked at."""

    changes: tuple[Change, ...]
    # What could not be compared, with its stage.
    unsure: tuple[tuple[Stage, Unknown], ...]
    compared: Mapping[str, tuple[int, int, int]]

    absent = "no DVC files"

    @classmethod
    def read(cls, dvc: Dvc, graph: Graph, tree: Tree, parameters: Parameters, lfs: LfsPointers) -> Self:
        digests = Digests(tree, lfs, read_rules(tree, ".dvcignore"))
        comparison = Comparison(graph, digests, parameters)
        ran = [stage for stage in dvc.stages if stage.lock]
        said = [(stage, each) for stage in ran for each in comparison.stage(stage)]
        changes = tuple(each for _, each in said if isinstance(each, Change))
        unsure = tuple((stage, each) for stage, each in said if isinstance(each, Unknown))
        return cls(changes, unsure, {stage.lock: comparison.counts[stage.lock] for stage in ran})

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        return tuple(dict.fromkeys(each for _, each in self.unsure))


class Comparison:
    """Compares stages with their locks; content is hashed for all of them at once."""

    def __init__(self, graph: Graph, digests: Digests, parameters: Parameters) -> None:
        self.graph, self.digests, self.parameters = graph, digests, parameters
        self.hashes: Mapping[str, Json | Unknown] = self.digests.hashes(
            path.path for stage in graph.dvc.stages if stage.lock for path in self.in_git(stage)
        )
        self.counts: dict[str, tuple[int, int, int]] = {}

    def in_git(self, stage: Stage) -> Iterator[Path]:
        """Deps and outs that git holds and DVC does not."""
        for each in (*(() if stage.frozen else stage.deps), *stage.outs):
            if each.is_external or each.is_outside or each.cached:
                continue
            if not any(out.cached for _, out in self.graph.writers(each.path)) and self.digests.files(each.path):
                yield each

    def stage(self, stage: Stage) -> Iterator[Change | Unknown]:
        if stage.cmd != stage.locked_cmd:
            yield Change(stage, "the command", "is not the one that was run", stage.line)
        params = () if stage.frozen else stage.params
        for parameter in params:
            yield from self.parameter(stage, parameter)
        paths = list(self.in_git(stage))
        for path in paths:
            yield from self.path(stage, path)
        before = self.counts.get(stage.lock, (0, 0, 0))
        values = sum(len(parameter.keys) or 1 for parameter in params)
        self.counts[stage.lock] = (before[0] + 1, before[1] + values, before[2] + len(paths))

    def parameter(self, stage: Stage, parameter: Parameter) -> Iterator[Change | Unknown]:
        document = self.parameters.get(parameter.path)
        if document is None:
            if not self.graph.writers(parameter.path):
                yield Unknown("it is not in git, so its values cannot be compared", parameter.path)
            return
        if document.error:
            yield Unknown(f"it cannot be read: {document.error}", parameter.path)
            return
        actual, recorded = document.table(), parameter.recorded or {}
        for key in parameter.keys or dict.fromkeys([*actual, *recorded]):
            value = select(actual, key) if parameter.keys else actual.get(key, MISSING)
            if value is MISSING:
                what = f"is gone from {parameter.path}"
            elif key not in recorded:
                what = f"of {parameter.path} is new since the last run"
            elif value != recorded[key]:
                what = f"of {parameter.path} is {show(value)}, the last run had {show(recorded[key])}"
            else:
                continue
            yield Change(stage, key, what, parameter.line)

    def path(self, stage: Stage, path: Path) -> Iterator[Change | Unknown]:
        if path.recorded is None:
            yield Change(stage, path.path, "is new since the last run", path.line)
            return
        equal = self.digests.compare(path.path, path.recorded, self.hashes)
        if isinstance(equal, Unknown):
            yield equal
        elif not equal:
            what = "is not what the last run read" if path.kind == "deps" else "is not what the last run wrote"
            yield Change(stage, path.path, what, path.line)


def show(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
