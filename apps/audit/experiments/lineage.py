"""What a run was made from: versions of data, artifacts, code and environment, each by a hash that git or DVC keeps."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.trees import Trees
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.definitions import locked_stages
from apps.audit.facts.dvc.pipelines import is_pointer
from apps.audit.facts.dvc.stages import Entry, entries, place, recorded
from apps.audit.objects import FOLDER
from apps.audit.regex import regex
from apps.audit.snapshot import Commit
from apps.audit.sources import FILES, path_of

CODE = (b".py", b".ipynb", b".sh", b".r", b".jl", b".cpp", b".cu", b".sql", b".scala", b".java", b".rs", b".go")
ENVIRONMENT = regex(
    r"requirements[\w.-]{0,60}\.(txt|in)|pyproject\.toml|setup\.(py|cfg)|Pipfile(\.lock)?|(poetry|uv|pdm|pixi)\.lock"
    r"|(conda-lock|environment|conda)[\w.-]{0,40}\.ya?ml|[\w.-]{0,40}Dockerfile[\w.-]{0,40}|\.python-version|renv\.lock"
)
MOST = 2000


@dataclass
class Lineages:
    """Lineages of commits; folders that many share are looked through once."""

    reader: Reader
    code: dict[str, str] = field(default_factory=dict)

    def of(self, commit: Commit) -> dict[str, dict[str, Any]]:
        """By kind (data, sizes, artifacts, code, environment): hashes by path; of code, one hash of all of it."""
        trees, root = self.reader.trees, commit.tree
        data, artifacts, sizes = dict[str, Any](), dict[str, Any](), dict[str, Any]()
        for path, entry, is_result in self.tracked(root):
            if (known := recorded(entry)) and known.value and len(sizes) < MOST:
                (artifacts if is_result else data)[path] = known.value
                if sizes.get(path) is None:
                    sizes[path] = entry.get("size") if isinstance(entry.get("size"), int) else None
        data = {path: value for path, value in data.items() if path not in artifacts}
        named = ((path_of(name), each) for name, each in trees.folder(root).items() if each.mode in FILES)
        environment = {name: each.blob for name, each in named if ENVIRONMENT.fullmatch(name)}
        code = {"": digest} if (digest := code_of(trees, root, self.code)) else {}
        return {"data": data, "artifacts": artifacts, "sizes": sizes, "code": code, "environment": environment}

    def tracked(self, root: str) -> Iterator[tuple[str, Entry, bool]]:
        """Path and entry of what pointers and locks recorded and git does not hold, and whether a stage made it."""
        for path, blob in self.reader.trees.declarations(root):
            if path.endswith("dvc.yaml"):
                lock = f"{path.removesuffix('.yaml')}.lock"
                if held := self.reader.blob(root, lock):
                    yield from self.locked(root, self.reader.open(path, blob), self.reader.open(lock, held))
            elif is_pointer(path) and posixpath.basename(path) != ".dvc":
                document = self.reader.open(path, blob)
                folder = posixpath.join(posixpath.dirname(path), str(document.get("wdir") or ""))
                for entry in entries(document.get("outs")):
                    yield place(folder, str(entry.get("path") or "")), entry, False

    def locked(self, root: str, pipeline: Document, lock: Document) -> Iterator[tuple[str, Entry, bool]]:
        """A working directory that a template tells is taken for the folder of the pipeline."""
        for name, stage in locked_stages(lock).items():
            defined = pipeline.table("stages", name.partition("@")[0])
            body = defined.get("do") if isinstance(defined.get("do"), dict) else defined
            wdir = str((body or {}).get("wdir") or "")
            folder = posixpath.join(posixpath.dirname(lock.path), "" if "${" in wdir else wdir)
            for kind in ("deps", "outs") if isinstance(stage, dict) else ():
                for entry in entries(stage.get(kind)):
                    path = place(folder, str(entry.get("path") or ""))
                    if self.reader.trees.get(root, path) is None:
                        yield path, entry, kind == "outs"


def code_of(trees: Trees, folder: str, known: dict[str, str], depth: int = 0) -> str:
    """A hash of the code below a folder, whatever else is there; empty where there is none."""
    if folder not in known:
        parts = list[str]()
        for name, entry in trees.folder(folder).items() if depth < 50 else ():
            below = entry.blob if entry.mode in FILES and name.lower().endswith(CODE) else ""
            if entry.mode == FOLDER:
                below = code_of(trees, entry.blob, known, depth + 1)
            parts += [f"{name!r} {below}"] if below else []
        known[folder] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16] if parts else ""
    return known[folder]
