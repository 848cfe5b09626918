"""The pipeline of a commit: its stages and the data that feeds them, with what each reads and writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.values import flatten, params
from apps.audit.facts.dvc.definitions import found, locked_stages
from apps.audit.facts.dvc.stages import Entry, Path, Stage, entries
from apps.audit.snapshot import Commit

# No picture shows more.
MOST_STAGES = 300
Told = dict[str, dict[str, Any]]
Recorded = Mapping[tuple[str, Any], Entry]


@dataclass
class Pipelines:
    """Pipelines of commits. Paths stand for what git holds there, or else for what the lock recorded."""

    reader: Reader

    def of(self, commit: Commit) -> Told:
        """By file and name (`dvc.yaml:train`) or pointer: `cmd`, whether it `ran`, and keys such as `deps:a.csv`.

        A path has its hash, empty where none is known; a param, as `params:params.yaml:lr`, has its value.
        """
        stages = self.reader.declared(commit.tree).stages
        ordered = [*(each for each in stages if each.cmd), *(each for each in stages if not each.cmd)][:MOST_STAGES]
        return {address(stage): dict(self.cells(commit.tree, stage)) for stage in ordered}

    def cells(self, root: str, stage: Stage) -> Iterator[tuple[str, Any]]:
        locked = self.locked(root, stage)
        recorded = {(kind, each.get("path")): each for kind in ("deps", "outs") for each in entries(locked.get(kind))}
        if stage.cmd:
            yield "cmd", stage.cmd if isinstance(stage.cmd, str) else "\n".join(map(str, stage.cmd))
            yield "ran", bool(locked or stage.lock)
        for path in stage.deps:
            yield f"deps:{path.path}", self.hash_of(root, path, recorded)
        yield from self.params(root, stage)
        for path in stage.outs:
            yield f"outs:{path.path}", self.hash_of(root, path, recorded)

    def locked(self, root: str, stage: Stage) -> Entry:
        """What the lock recorded of a stage; pointers hold it themselves."""
        path = f"{stage.path.removesuffix('.yaml')}.lock"
        blob = self.reader.blob(root, path) if stage.path.endswith("dvc.yaml") else ""
        entry = locked_stages(self.reader.open(path, blob)).get(stage.name) if blob else None
        return entry if isinstance(entry, dict) else {}

    def hash_of(self, root: str, path: Path, recorded: Recorded) -> str:
        if held := self.reader.entry(root, path.path):
            return held.blob
        known = path.recorded or found(recorded, "deps" if path.kind == "deps" else "outs", path.written)
        return known.value if known else ""

    def params(self, root: str, stage: Stage) -> Iterator[tuple[str, Any]]:
        for each in stage.params:
            if blob := self.reader.blob(root, each.path):
                found = flatten(params(self.reader.open(each.path, blob).value, each.keys))
                yield from ((f"params:{each.path}:{key}", value) for key, value in found.items())


def address(stage: Stage) -> str:
    return stage.path if stage.name == stage.path else f"{stage.path}:{stage.name}"
