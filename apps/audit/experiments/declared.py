"""What the DVC files of one revision declare: where metrics and params are, and what only the cache holds."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from apps.audit.experiments.axes import Axes, stage_plots, top_level_plots
from apps.audit.experiments.refusals import refused_pipeline, refused_pointer
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.definitions import pipeline_stage
from apps.audit.facts.dvc.expansion import Expanded, Expansion, ValueFiles
from apps.audit.facts.dvc.parameters import MISSING, select
from apps.audit.facts.dvc.pointers import pointer_stage
from apps.audit.facts.dvc.stages import Stage, listed, place
from apps.audit.facts.dvc.templates import MOST_WORK, Context


@dataclass
class Declared:
    """`params` are files with the keys wanted, none for all; `used` what templates took from other files.

    `plots` are files or folders with the columns to show, as far as it says which.
    `stored` are paths that DVC keeps in its cache instead of git, `outs` all that stages write, with the folder of
    the file that says so. `stages` are those, and pointers, as they are defined.
    """

    metrics: dict[str, None] = field(default_factory=dict)
    params: dict[str, list[str]] = field(default_factory=dict)
    plots: dict[str, Axes] = field(default_factory=dict)
    used: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, None] = field(default_factory=dict)
    outs: dict[str, str] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """All that is shown or asked for, once everything is declared."""
        return (*self.metrics, *self.params)

    def add(self, stage: Stage) -> None:
        self.stages.append(stage)
        for out in stage.outs:
            if out.kind == "metrics" and not out.is_external and not out.is_outside:
                self.metrics[out.path] = None
            if out.cached and not out.is_external:
                self.stored[out.path] = None
            self.outs.setdefault(out.path, posixpath.dirname(stage.path))
        for each in stage.params:
            self.ask(each.path, each.keys)

    def take(self, part: Declared) -> None:
        """Add what one of the files says."""
        self.metrics |= part.metrics
        self.plots |= part.plots
        self.stored |= part.stored
        self.stages += part.stages
        self.notes += part.notes
        for path, writer in part.outs.items():
            self.outs.setdefault(path, writer)
        for path, keys in part.params.items():
            self.ask(path, keys)
        for path, used in part.used.items():
            self.used.setdefault(path, {}).update(used)

    def ask(self, path: str, keys: Iterable[str] = ()) -> None:
        """These keys of a file; all of them, once somebody wants all."""
        wanted = list(keys)
        if not wanted:
            self.whole.add(path)
            self.params[path] = []
        elif path not in self.whole:
            self.params.setdefault(path, []).extend(wanted)

    def is_stored(self, path: str) -> bool:
        """Whether DVC's cache has the path, itself or by a folder around it."""
        folders = path.split("/")
        return any("/".join(folders[:depth]) in self.stored for depth in range(1, len(folders) + 1))

    def is_inside_out(self, path: str) -> bool:
        """Whether DVC does not get here: walking down, it enters no out that it knows of by then.

        Those at the root of the repository it does enter; it looks for them under another name.
        """
        folders = path.split("/")[:-1]
        for depth in range(2, len(folders) + 1):
            around, writer = "/".join(folders[: depth - 1]), self.outs.get("/".join(folders[:depth]))
            if writer is not None and not writer.startswith(f"{around}/"):
                return True
        return False


def assembled(defaults: Iterable[str], parts: Iterable[tuple[str, Declared]]) -> Declared:
    """What the files of a revision say together, in the order in which DVC gets to them."""
    found = Declared()
    for path in defaults:
        found.ask(path)
    for path, part in parts:
        if not found.is_inside_out(path):
            found.take(part)
    return found


def read_pointer(document: Document) -> Declared:
    """What a .dvc file says."""
    found = Declared(notes=unreadable(document) or list(refused_pointer(document)))
    if isinstance(document.value, dict):
        found.add(pointer_stage(document))
    return found


def read_pipeline(document: Document, values: ValueFiles) -> Declared:
    """What a dvc.yaml says."""
    found = Declared(notes=unreadable(document) or list(refused_pipeline(document)))
    expansion = Expansion(document, values, Context({}, work=[MOST_WORK]))
    for each in expansion.stages():
        stage = pipeline_stage(each.name, each.definition, document=document, keys=each.keys, lock=None)
        found.add(stage)
        found.metrics |= dict.fromkeys(place(expansion.folder, path) for path in formerly(each.definition))
        folder = posixpath.join(expansion.folder, str(each.definition.get("wdir") or ""))
        found.plots |= {place(folder, path): axes for path, axes in stage_plots(each.definition.get("plots"))}
        for path, key, value in origins(each, values):
            found.used.setdefault(path, {})[key] = value
    found.plots |= {place(expansion.folder, path): axes for path, axes in top_level_plots(expansion.top("plots"))}
    for path in written(expansion.top("metrics")):
        found.metrics[place(expansion.folder, path)] = None
    for path in written(expansion.top("params")):
        found.ask(place(expansion.folder, path))
    found.notes += [
        f"DVC refuses {document.path}: its templates take no dates, and {each}" for each in expansion.dates[:1]
    ]
    found.notes += [f"{document.path}: {failure.message}" for failure in expansion.failures]
    return found


def unreadable(document: Document) -> list[str]:
    return [f"{document.path} cannot be read: {document.error}"] if document.error else []


def takes_values(document: Document) -> bool:
    """Whether a dvc.yaml can say something else where other files have other values."""
    text = json.dumps(document.value)
    return "${" in text or '"vars": ' in text


def formerly(definition: dict[str, Any]) -> Iterator[str]:
    """Metrics as DVC 1 and 2 wrote them into a stage, which DVC 3 refuses."""
    wdir = str(definition.get("wdir") or "")
    for path in written(listed(definition.get("metrics_no_cache"))):
        yield posixpath.join(wdir, path)
    for path, flags in live.items() if isinstance(live := definition.get("live"), dict) else ():
        if not isinstance(flags, dict) or flags.get("summary") is not False:
            yield posixpath.join(wdir, f"{path}.json")


def written(items: Iterable[Any]) -> Iterator[str]:
    """Paths of a top-level list; older dvc.yaml files have mappings of a path to its flags there."""
    for item in items:
        yield from map(str, item) if isinstance(item, dict) else [str(item)]


def origins(stage: Expanded, values: ValueFiles) -> Iterator[tuple[str, str, Any]]:
    """File, key and value of what the templates of a stage named."""
    for path in stage.imports:
        document = values.get(path)
        for key in sorted(stage.used):
            if document and (value := select(document.value, key)) is not MISSING:
                yield path, key, value
