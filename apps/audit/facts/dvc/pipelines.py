"""Every dvc.yaml with its lock, and every .dvc file, in any folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.dvc.definitions import lock_keys, locked_stages, pipeline_stage
from apps.audit.facts.dvc.expansion import Expansion, Failure
from apps.audit.facts.dvc.parameters import Parameters
from apps.audit.facts.dvc.pointers import pointer_stage
from apps.audit.facts.dvc.stages import Path, Stage, entries, place
from apps.audit.facts.dvc.templates import MOST_WORK, Context
from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.facts.yaml import broken, parse_yaml
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, File, Json, Unknown, derive

LIMIT = 5 * MEGABYTE
MERGE_MARKER = regex(rb"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)


@dataclass(frozen=True)
class Pipeline:
    """One dvc.yaml. `lock` is None where there is none, and Unknown where it exists but cannot be had."""

    document: Document
    stages: tuple[Stage, ...]
    failures: tuple[Failure, ...]
    metrics: tuple[Path, ...]
    # The files that templates may take values from.
    files_of_values: tuple[str, ...]
    lock: Document | Unknown | None

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def lock_path(self) -> str:
        return f"{posixpath.splitext(self.path)[0]}.lock"

    @property
    def has_stages(self) -> bool:
        return bool(self.document.table("stages")) or bool(self.document.error)

    @cached_property
    def orphans(self) -> tuple[tuple[str, int | None], ...]:
        """Entries of the lock, with their lines, that no stage stands for."""
        if not isinstance(self.lock, Document) or any(not failure.name for failure in self.failures):
            return ()
        names, groups = {stage.name for stage in self.stages}, {failure.name for failure in self.failures}
        left = [n for n in locked_stages(self.lock) if n not in names and n.partition("@")[0] not in groups]
        return tuple((name, self.lock.line(*lock_keys(self.lock), name)) for name in left)


@dataclass(frozen=True)
class Pointer:
    """One .dvc file (or Dvcfile). `stage` is None when `document.error` says why it could not be read."""

    document: Document
    stage: Stage | None

    @property
    def path(self) -> str:
        return self.document.path


@dataclass(frozen=True)
class Dvc(Fact):
    """Everything that DVC keeps in git, apart from its configuration. `roots` are the folders that hold `.dvc`."""

    pipelines: tuple[Pipeline, ...]
    files: tuple[Pointer, ...]
    roots: tuple[str, ...]
    unread: tuple[Unknown, ...]

    absent = "no DVC files"

    @classmethod
    def read(cls, tree: Tree, parameters: Parameters, documents: Documents) -> Self | None:
        files = [file for file in tree if not is_vendored(file.path) and not is_template(file.path)]
        roots = sorted({file.folder.removesuffix(".dvc").rstrip("/") for file in files if is_internal(file.folder)})
        readable = derive((file for file in files if is_dvc(file)), parse_dvc, LIMIT)
        found = {file.path: Document(file.path, **parsed) for file, parsed in readable}
        missing = {unknown.path: unknown for unknown in readable.unread}
        pipelines, work = list[Pipeline](), [MOST_WORK]
        for path, document in found.items():
            if posixpath.basename(path) == "dvc.yaml":
                lock_path = f"{posixpath.splitext(path)[0]}.lock"
                config = documents.get(posixpath.join(nearest(roots, path) or "", ".dvc/config"))
                rules = config.table("parsing") if config else {}
                context = Context({}, rules.get("list") == "append", rules.get("bool") == "boolean_optional", work)
                lock = found.get(lock_path) or missing.get(lock_path)
                pipelines.append(read_pipeline(Expansion(document, parameters, context), lock))
        pointers = [read_pointer(document) for path, document in found.items() if is_pointer(path)]
        if not (found or missing or roots):
            return None
        return cls(tuple(pipelines), tuple(pointers), tuple(roots), readable.unread)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Everything that runs a command."""
        own = [stage for pipeline in self.pipelines for stage in pipeline.stages]
        return (*own, *(file.stage for file in self.files if file.stage and file.stage.cmd))

    @cached_property
    def pointers(self) -> tuple[Stage, ...]:
        """Readable .dvc files that run nothing: data that was added or imported."""
        return tuple(file.stage for file in self.files if file.stage and not file.stage.cmd)

    @cached_property
    def cached(self) -> tuple[tuple[Stage, Path], ...]:
        """Every out that DVC keeps in its cache instead of git."""
        return tuple(
            (stage, out)
            for stage in (*self.stages, *self.pointers)
            for out in stage.outs
            if out.cached and not out.is_external
        )

    @cached_property
    def unexpanded(self) -> tuple[Unknown, ...]:
        """What is not known of pipelines: files that cannot be had and stages that cannot be expanded."""
        found = list(self.unread)
        for pipeline in self.pipelines:
            if pipeline.document.error:
                found.append(Unknown(f"it does not parse: {pipeline.document.error}", pipeline.path))
            found += [Unknown(each.message, pipeline.path) for each in pipeline.failures]
        return tuple(found)

    @cached_property
    def megabytes(self) -> float:
        """What DVC keeps of data and artifacts, by the sizes that pointers and locks recorded; each path once."""
        recorded = [(file.path, each) for file in self.files for each in entries(file.document.get("outs"))]
        for pipeline in self.pipelines:
            if isinstance(lock := pipeline.lock, Document):
                stages = [stage for stage in locked_stages(lock).values() if isinstance(stage, dict)]
                recorded += [(lock.path, each) for stage in stages for each in entries(stage.get("outs"))]
        sizes = {place(posixpath.dirname(path), str(each.get("path"))): each.get("size") for path, each in recorded}
        return sum(size for size in sizes.values() if isinstance(size, int)) / MEGABYTE

    @property
    def pointer_files(self) -> int:
        """How many .dvc files run nothing, broken ones included."""
        return sum(not (file.stage and file.stage.cmd) for file in self.files)


def is_internal(folder: str) -> bool:
    """Whether a folder is `.dvc` itself, where its configuration is."""
    return posixpath.basename(folder) == ".dvc"


def is_pointer(path: str) -> bool:
    return path.endswith(".dvc") or posixpath.basename(path) == "Dvcfile"


def is_dvc(file: File) -> bool:
    inside = ".dvc" in file.folder.split("/")
    return not inside and (file.name in {"dvc.yaml", "dvc.lock", "Dvcfile"} or (file.suffix == ".dvc"))


def nearest(roots: list[str], path: str) -> str | None:
    """The innermost DVC root around a path."""
    around = [root for root in roots if not root or path.startswith(f"{root}/")]
    return max(around, key=len, default=None)


def parse_dvc(content: bytes) -> Json:
    """YAML; a merge that was not finished is an error, even where the rest happens to parse."""
    if marker := MERGE_MARKER.search(content):
        return broken("it holds merge markers", content.count(b"\n", 0, marker.start()) + 1)
    return parse_yaml(content)


def read_pointer(document: Document) -> Pointer:
    return Pointer(document, None if document.error else pointer_stage(document))


def read_pipeline(expansion: Expansion, lock: Document | Unknown | None) -> Pipeline:
    document, readable = expansion.document, lock if isinstance(lock, Document) else None
    stages = tuple(
        pipeline_stage(each.name, each.definition, document=document, keys=each.keys, lock=readable)
        for each in expansion.stages()
    )
    metrics = tuple(top_level(document, expansion.top("metrics"), "metrics"))
    return Pipeline(document, stages, tuple(expansion.failures), metrics, tuple(expansion.values.imports), lock)


def top_level(document: Document, items: list[Any], kind: str) -> Iterator[Path]:
    folder = posixpath.dirname(document.path)
    for number, each in enumerate(items):
        yield Path(str(each), place(folder, str(each)), document.line(kind, number), kind=kind)
