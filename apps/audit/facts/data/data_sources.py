"""Where the data comes from: what the code fetches and reads, what DVC tracks, what lies in git."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.shell import split_script
from apps.audit.facts.data.artefacts import MODELS
from apps.audit.facts.data.data_loaders import (
    CHECKED,
    DOWNLOADERS,
    FILE_BUILDERS,
    GRAPHS,
    PINNED_BY,
    READERS,
    TABLE_URL,
    is_data_url,
    is_url,
    pin_of_name,
    pin_of_url,
)
from apps.audit.facts.data.data_places import Places, Source
from apps.audit.facts.data.lfs import LfsPointers
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.python.modules import Call, Expression, Module, Modules
from apps.audit.facts.tree import Tree, is_fixture, is_vendored
from apps.audit.snapshot import KILOBYTE, Json, Unknown, derive

SCRIPT_LIMIT = 200 * KILOBYTE
# What a run writes and a later step reads again is no source.
RESULT = re.compile(r"(result|metric|prediction|submission|score|log|history|report|output|loss|eval)s?", re.IGNORECASE)
MODEL_FOLDER = re.compile(r"(^|/)(models?|checkpoints?|weights)(/|$|\.)", re.IGNORECASE)
WRITES = re.compile(
    r".*\.(to_\w+|write_\w+|save\w*|dump|imwrite|urlretrieve|download\w*|extractall|makedirs|mkdir)|open"
)


@dataclass(frozen=True)
class DataSources(Fact):
    """Every dataset that is used, with its place."""

    sources: tuple[Source, ...]
    unread: tuple[Unknown, ...]
    dvc: Dvc | None

    @classmethod
    def read(cls, tree: Tree, modules: Modules | None, graph: Graph | None, lfs: LfsPointers) -> Self:
        places, sources = Places(tree, graph, lfs), list[Source]()
        if graph:
            sources += tracked(graph)
        if modules:
            code = Code(modules, places)
            sources += [source for module in modules if is_code(module.path) for source in code.sources(module)]
        scripts = [f for f in tree.ending(".sh", ".bash") if not is_vendored(f.path) and not is_fixture(f.path)]
        derived = derive(scripts, data_urls, SCRIPT_LIMIT)
        for file, found in derived:
            sources += [Source(url, file.path, line, pin_of_url(url)) for url, line in found]
        unread = (*(modules.unread if modules else ()), *derived.unread)
        return cls(tuple(dict.fromkeys(sources)), unread, graph.dvc if graph else None)

    def measures(self) -> Mapping[str, float]:
        """Counted here, so that a repository without DVC has none of them instead of no number."""
        return {
            "dvc.stages": len(self.dvc.stages) if self.dvc else 0,
            "dvc.pointers": self.dvc.pointer_files if self.dvc else 0,
        }


def tracked(graph: Graph) -> Iterator[Source]:
    """What DVC holds: pointers, and what the first stages of a pipeline fetch or make, models aside."""
    for stage in (*graph.dvc.pointers, *(stage for stage, sources in graph.sources.items() if not sources)):
        for out in stage.outs:
            if out.cached and out.recorded and out.kind == "outs" and not (stage.cmd and is_model(out.path)):
                yield Source(out.path, stage.path, out.line, "DVC")


def is_model(path: str) -> bool:
    return bool(MODEL_FOLDER.search(path) or MODELS.fullmatch(posixpath.splitext(path)[1].lower()))


def is_code(path: str) -> bool:
    name = posixpath.basename(path)
    return not is_fixture(path) and not name.startswith("test_") and name != "conftest.py"


def data_urls(content: bytes) -> Json:
    """URL and line of each table that a shell script names."""
    found = []
    for line, words in split_script(content.decode("utf-8", "replace")):
        for word in words:
            start = word.find("http")
            if start >= 0 and is_data_url(word[start:], TABLE_URL):
                found.append([word[start:], line + 1])
    return found


class Code:
    """Finds the sources of modules."""

    def __init__(self, modules: Modules, places: Places) -> None:
        self.places = places
        self.constants: dict[str, str] = {}
        self.written = set[str]()
        for module in modules:
            for each in module.assignments:
                if each.target.isupper() and isinstance(each.value, str):
                    self.constants[each.target] = each.value
            for call in module.calls:
                if WRITES.fullmatch(call.name) or opens_to_write(call):
                    texts = [value for value in (*call.args, *call.keywords.values()) if isinstance(value, str)]
                    self.written |= {posixpath.basename(text.rstrip("/")) for text in texts}
        # What a stage writes and DVC keeps is pinned by its hash, wherever the stage got it from.
        stages = places.graph.dvc.stages if places.graph else ()
        self.kept = {dep.path for s in stages if any(o.cached and o.recorded for o in s.outs) for dep in s.deps}

    def sources(self, module: Module) -> Iterator[Source]:
        checksum = any(call.name.startswith("hashlib.") for call in module.calls)
        for call in module.calls:
            for source in self.of_call(module, call):
                if source.pinned_by:
                    yield source
                elif module.path in self.kept:
                    yield Source(source.name, source.path, source.line, "DVC, as the output of its stage")
                elif checksum and is_url(source.name):
                    yield Source(source.name, source.path, source.line, "a checksum in the code")
                else:
                    yield source
        loaded = {
            call.line for call in module.calls if READERS.fullmatch(call.name) or DOWNLOADERS.fullmatch(call.name)
        }
        for text in module.texts:
            if text.line not in loaded and is_data_url(text.value, TABLE_URL) and not checksum:
                yield Source(text.value, module.path, text.line, pin_of_url(text.value))

    def of_call(self, module: Module, call: Call) -> Iterator[Source]:
        place, first = (module.path, call.line), self.argument(call)
        if CHECKED.fullmatch(call.name):
            yield Source(call.name, *place, "checksums of its own")
        elif call.name == "datasets.load_dataset" and isinstance(first, str) and first in FILE_BUILDERS:
            yield from self.locations(call.keywords.get("data_files", call.keywords.get("data_dir")), module, call)
        elif call.name in PINNED_BY or GRAPHS.fullmatch(call.name) or call.name.endswith(".use_artifact"):
            text = self.text(first, module, call.scope) or ""
            if call.name.startswith("datasets.") and text.startswith(("./", "../", "/")):
                return
            name = f"{call.name}({text or '…'})" if not is_url(text) else text
            yield Source(name, *place, pin_of_name(call, text) or (pin_of_url(text, call) if is_url(text) else ""))
        elif READERS.fullmatch(call.name):
            yield from self.locations(first, module, call)
        elif DOWNLOADERS.fullmatch(call.name):
            url = self.text(first, module, call.scope)
            if url and (is_data_url(url) or call.name.startswith("gdown")):
                yield Source(url, *place, pin_of_url(url, call))

    def argument(self, call: Call) -> Expression:
        names = ("path", "filepath_or_buffer", "url", "name", "root", "io", "source", "paths", "data", "directory")
        return call.args[0] if call.args else next((call.keywords[n] for n in names if n in call.keywords), None)

    def text(self, value: Expression, module: Module, scope: str) -> str | None:
        """A text, or the one that a name was given in this module or as a constant in another."""
        if isinstance(value, str):
            return value
        name = value.get("name") if isinstance(value, dict) else None
        if not isinstance(name, str):
            return None
        own = [a.value for a in module.assignments if a.target == name and a.scope in {scope, ""}]
        found = next((each for each in reversed(own) if isinstance(each, str)), None)
        return found if own else self.constants.get(name.rpartition(".")[2])

    def locations(self, value: Expression, module: Module, call: Call) -> Iterator[Source]:
        """The sources behind paths and URLs; a path that the code itself writes is none."""
        nested = value["dict"].values() if isinstance(value, dict) and "dict" in value else [value]
        for each in (item for one in nested for item in (one if isinstance(one, list) else [one])):
            text = self.text(each, module, call.scope)
            if not text or "*" in text or "{" in text:
                continue
            name, place = posixpath.basename(text.rstrip("/")), (module.path, call.line)
            if is_url(text):
                yield Source(text, *place, pin_of_url(text, call))
            elif path := self.places.find(text, posixpath.dirname(module.path)):
                yield self.places.source(path, text, place)
            elif name not in self.written and not RESULT.search(name) and "." in name:
                yield Source(text, *place, "")


def opens_to_write(call: Call) -> bool:
    mode = call.args[1] if len(call.args) > 1 else call.keywords.get("mode")
    return call.name == "open" and isinstance(mode, str) and mode[:1] in {"w", "a", "x"}
