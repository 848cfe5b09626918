"""Who writes what who reads: stages and pointers joined by their paths."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.dvc.stages import Path, Stage

Written = tuple[Stage, Path]


@dataclass(frozen=True)
class Graph(Fact):
    """Edges run from the stage or pointer that writes a path to the stages that read it."""

    dvc: Dvc

    absent = "no DVC files"

    @classmethod
    def read(cls, dvc: Dvc) -> Self:
        return cls(dvc)

    @cached_property
    def written(self) -> dict[str, list[Written]]:
        """Outs by path."""
        found: dict[str, list[Written]] = {}
        for stage in (*self.dvc.stages, *self.dvc.pointers):
            for out in stage.outs:
                found.setdefault(out.path, []).append((stage, out))
        return found

    @cached_property
    def paths(self) -> list[str]:
        return sorted(self.written)

    @cached_property
    def known(self) -> dict[str, list[Written]]:
        return {}

    def writers(self, path: str) -> list[Written]:
        """The outs that are `path`, hold it, or lie inside it."""
        if path not in self.known:
            self.known[path] = self.find_writers(path)
        return self.known[path]

    def find_writers(self, path: str) -> list[Written]:
        around, found = path, list(self.written.get(path, ()))
        while "/" in around:
            around = around.rpartition("/")[0]
            found += self.written.get(around, ())
        prefix = "" if path == "." else f"{path}/"
        first = bisect_left(self.paths, prefix)
        for inside in self.paths[first:]:
            if not inside.startswith(prefix):
                break
            found += self.written[inside] if inside != path else ()
        return found

    @cached_property
    def sources(self) -> dict[Stage, frozenset[Stage]]:
        """For each stage the stages and pointers that write what it reads."""
        return {
            stage: frozenset(writer for path in stage.inputs for writer, _ in self.writers(path))
            for stage in self.dvc.stages
        }

    def upstream(self, stage: Stage) -> frozenset[Stage]:
        """Everything that `stage` needs, directly or not, itself included."""
        found, waiting = {stage}, [stage]
        while waiting:
            for source in self.sources.get(waiting.pop(), frozenset()) - found:
                found.add(source)
                waiting.append(source)
        return frozenset(found)

    @cached_property
    def cycle(self) -> tuple[Stage, ...]:
        """Stages that wait for each other, in the order of the files; empty when there are none."""
        needs = {stage: {source for source in sources if source.cmd} for stage, sources in self.sources.items()}
        readers: dict[Stage, set[Stage]] = {stage: set() for stage in needs}
        for stage, sources in needs.items():
            for source in sources:
                readers[source].add(stage)
        left = peel(peel(set(needs), needs, readers), readers, needs)
        return tuple(stage for stage in self.dvc.stages if stage in left)

    def consumed(self) -> Iterator[tuple[Stage, Path, list[Written]]]:
        """Each recorded dep of a stage that ran and is not frozen, with what writes exactly that path."""
        for stage in self.dvc.stages:
            for dep in stage.deps if not stage.frozen else ():
                if dep.recorded and (writers := self.written.get(dep.path)):
                    yield stage, dep, writers

    def overlapping(self) -> Iterator[tuple[Stage, Path, Written]]:
        """Each recorded dep of a stage that ran, where what is written lies inside it, or it in what is written."""
        for stage in self.dvc.stages:
            for dep in stage.deps if not stage.frozen else ():
                if dep.recorded and dep.path not in self.written and (writers := self.writers(dep.path)):
                    yield stage, dep, writers[0]


def peel(stages: set[Stage], needs: dict[Stage, set[Stage]], readers: dict[Stage, set[Stage]]) -> set[Stage]:
    """What is left when those that need nothing that is left are taken away, again and again."""
    waiting = {stage: len(needs[stage] & stages) for stage in stages}
    ready = [stage for stage, count in waiting.items() if not count]
    while ready:
        done = ready.pop()
        del waiting[done]
        for reader in readers[done] & waiting.keys():
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    return set(waiting)
