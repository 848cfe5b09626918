"""What the DVC files of one revision declare: where metrics and params are, and what only the cache holds."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from apps.audit.experiments import ignored
from apps.audit.experiments.ignored import Ignored
from apps.audit.experiments.refusals import refused_pipeline, refused_pointer
from apps.audit.experiments.trees import Named
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.definitions import pipeline_stage
from apps.audit.facts.dvc.expansion import DEFAULT_PARAMETERS, Expanded, Expansion, ValueFiles
from apps.audit.facts.dvc.parameters import MISSING, select
from apps.audit.facts.dvc.pipelines import is_pointer
from apps.audit.facts.dvc.pointers import pointer_stage
from apps.audit.facts.dvc.stages import Stage, listed, place
from apps.audit.facts.dvc.templates import MOST_WORK, Context

Open = Callable[[str, str], Document]
Content = Callable[[str], bytes]


@dataclass
class Declared:
    """`params` are files with the keys wanted, none for all; `used` what templates took from other files.

    `stored` are paths that DVC keeps in its cache instead of git, `outs` all that stages write, with the folder of
    the file that says so.
    """

    roots: list[str] = field(default_factory=list)
    ignored: Ignored = field(default_factory=lambda: Ignored({}))
    metrics: dict[str, None] = field(default_factory=dict)
    params: dict[str, list[str]] = field(default_factory=dict)
    used: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, None] = field(default_factory=dict)
    outs: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)

    def add(self, stage: Stage) -> None:
        for out in stage.outs:
            if out.kind == "metrics" and not out.is_external and not out.is_outside:
                self.metrics[out.path] = None
            if out.cached and not out.is_external:
                self.stored[out.path] = None
            self.outs.setdefault(out.path, posixpath.dirname(stage.path))
        for each in stage.params:
            self.ask(each.path, each.keys)

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
        return any(path == out or path.startswith(f"{out}/") for out in self.stored)

    def is_hidden(self, path: str, is_folder: bool = False) -> bool:
        """Whether a .dvcignore file covers the path."""
        return self.ignored.hides(path, self.roots, is_folder)

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


def declared(files: Iterable[Named], open_file: Open, values: ValueFiles, content: Content) -> Declared:
    """What these files say; those that cannot be read are in `notes`."""
    named = [(posixpath.basename(path), path, blob) for path, blob in files]
    roots = sorted(posixpath.dirname(path) for name, path, _ in named if name == ".dvc")
    found = Declared(roots)
    found.ignored = Ignored.of(((path, content(blob)) for name, path, blob in named if name == ignored.NAME), roots)
    for root in roots if "" in roots else ["", *roots]:
        default = posixpath.join(root, DEFAULT_PARAMETERS)
        if values.get(default) is not None and not found.is_hidden(default):
            found.ask(default)
    for name, path, blob in named:
        is_read = name == "dvc.yaml" or (name != ".dvc" and is_pointer(path))
        if is_read and not found.is_hidden(path) and not found.is_inside_out(path):
            add_file(found, open_file(path, blob), values, name == "dvc.yaml")
    return found


def add_file(found: Declared, document: Document, values: ValueFiles, is_pipeline: bool) -> None:
    if document.error:
        found.notes.append(f"{document.path} cannot be read: {document.error}")
        return
    found.notes += refused_pipeline(document) if is_pipeline else refused_pointer(document)
    if is_pipeline:
        add_pipeline(found, Expansion(document, values, Context({}, work=[MOST_WORK])))
    elif isinstance(document.value, dict):
        found.add(pointer_stage(document))


def add_pipeline(found: Declared, expansion: Expansion) -> None:
    document, folder = expansion.document, expansion.folder
    for each in expansion.stages():
        stage = pipeline_stage(each.name, each.definition, document=document, keys=each.keys, lock=None)
        found.add(stage)
        found.metrics |= dict.fromkeys(place(folder, path) for path in formerly(each.definition))
        for path, key, value in origins(each, expansion.parameters):
            found.used.setdefault(path, {})[key] = value
    found.notes += [f"{document.path}: {failure.message}" for failure in expansion.failures]
    for path in written(expansion.top("metrics")):
        found.metrics[place(folder, path)] = None
    for path in written(expansion.top("params")):
        found.ask(place(folder, path))


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
