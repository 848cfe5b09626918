"""Where the data comes from: what the code fetches and reads, what DVC tracks, what lies in git."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.shell import split_script
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.data.artefacts import MODELS
from apps.audit.facts.data.asked import Asked
from apps.audit.facts.data.code_sources import CodeSources
from apps.audit.facts.data.data_loaders import TABLE_URL, is_data_url, pin_of_url
from apps.audit.facts.data.data_places import Places, Source
from apps.audit.facts.data.settings import Settings
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import Tree, is_fixture, is_test, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, Json, Unknown, derive

SCRIPT_LIMIT = 200 * KILOBYTE
MODEL_FOLDER = regex(r"(^|/)(models?|checkpoints?|weights)(/|$|\.)", re.IGNORECASE)


@dataclass(frozen=True)
class DataSources(Fact):
    """Every dataset that is used, with its place."""

    sources: tuple[Source, ...]
    unread: tuple[Unknown, ...]
    dvc: Dvc | None

    @classmethod
    def read(
        cls,
        tree: Tree,
        modules: Modules | None,
        graph: Graph | None,
        lfs: LfsPointers,
        training: Training | None,
        configuration: Configuration,
    ) -> Self:
        places, sources = Places(tree, graph, lfs), list[Source]()
        if graph:
            sources += tracked(graph)
        if modules:
            asked = Asked(frozenset(each.path for each in training or ()), graph)
            code = CodeSources(modules, places, asked, Settings(configuration))
            sources += [source for module in modules if not is_test(module.path) for source in code.sources(module)]
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
            "dvc.megabytes": round(self.dvc.megabytes, 3) if self.dvc else 0,
        }


def tracked(graph: Graph) -> Iterator[Source]:
    """What DVC holds: pointers, and what the first stages of a pipeline fetch or make, models aside."""
    for stage in (*graph.dvc.pointers, *(stage for stage, sources in graph.sources.items() if not sources)):
        for out in stage.outs:
            if out.cached and out.recorded and out.kind == "outs" and not (stage.cmd and is_model(out.path)):
                yield Source(out.path, stage.path, out.line, "DVC")


def is_model(path: str) -> bool:
    return bool(MODEL_FOLDER.search(path) or MODELS.fullmatch(posixpath.splitext(path)[1].lower()))


def data_urls(content: bytes) -> Json:
    """URL and line of each table that a shell script names."""
    found = []
    for line, words in split_script(content.decode("utf-8", "replace")):
        for word in words:
            start = word.find("http")
            if start >= 0 and is_data_url(word[start:], TABLE_URL):
                found.append([word[start:], line + 1])
    return found
