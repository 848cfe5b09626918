"""The pipeline as a whole: every stage and what feeds it, and whether its results are those of this commit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.dvc.drift import Drift
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.stages import Stage
from apps.audit.snapshot import Json

# More nodes than these no picture shows.
MOST_NODES, MOST_REASONS = 300, 10


class State(StrEnum):
    """Whether what a stage left is what this commit gives."""

    IN_SYNC = "in sync"
    CHANGED = "changed"
    NEVER_RUN = "never run"
    UNKNOWN = "unknown"
    DATA = "data"


class Node(NamedTuple):
    """A stage, or data that a pointer tracks. `why` says what changed; `sources` are positions of what feeds it."""

    stage: Stage
    state: State
    why: tuple[str, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True)
class States(Fact):
    """Stages and the pointers that feed them, in the order of the files."""

    nodes: tuple[Node, ...]

    absent = "no DVC files"

    @classmethod
    def read(cls, graph: Graph, drift: Drift) -> Self | None:
        why = dict[Stage, list[str]]()
        for change in drift.changes:
            why.setdefault(change.stage, []).append(f"{change.subject} {change.what}")
        for stage, dep, writers in graph.consumed():
            last = [out.recorded.value for _, out in writers if out.recorded]
            if dep.recorded and last and dep.recorded.value not in last:
                why.setdefault(stage, []).append(f"{dep.path} is no longer what it read")
        unsure = {stage: [f"{each.path}: {each.reason}"] for stage, each in drift.unsure}
        feeding = {source for sources in graph.sources.values() for source in sources}
        shown = [*(each for each in graph.dvc.pointers if each in feeding), *graph.dvc.stages][:MOST_NODES]
        at = {stage: position for position, stage in enumerate(shown)}
        nodes = tuple(
            Node(
                stage,
                state_of(stage, why, unsure),
                tuple((why.get(stage) or unsure.get(stage, []))[:MOST_REASONS]),
                tuple(sorted(at[source] for source in graph.sources.get(stage, ()) if source in at)),
            )
            for stage in shown
        )
        return cls(nodes) if graph.dvc.stages else None

    def summary(self) -> Json:
        return [
            {
                "name": node.stage.name,
                "path": node.stage.path,
                "line": node.stage.line,
                "state": node.state,
                "why": node.why,
                "sources": node.sources,
            }
            for node in self.nodes
        ]


def state_of(stage: Stage, why: Collection[Stage], unsure: Collection[Stage]) -> State:
    if not stage.cmd:
        return State.DATA
    if not stage.lock:
        return State.NEVER_RUN
    if stage in why:
        return State.CHANGED
    return State.UNKNOWN if stage in unsure else State.IN_SYNC
