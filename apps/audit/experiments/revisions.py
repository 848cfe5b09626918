"""Metrics and params of commits, each as DVC would show them there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apps.audit.cat_file import Objects
from apps.audit.experiments import values
from apps.audit.experiments.declared import Declared, declared
from apps.audit.experiments.refusals import refused_lock
from apps.audit.experiments.trees import Entry, Named, Trees
from apps.audit.facts.documents import Document
from apps.audit.facts.dvc.parameters import LIMIT
from apps.audit.objects import FOLDER
from apps.audit.snapshot import Commit
from apps.audit.sources import FILES

BATCH, MOST_BELOW = 500, 1000


@dataclass(frozen=True)
class Revision:
    """What one commit declares. Values are by file; `notes` say what is declared and not in git, or unreadable."""

    commit: str
    metrics: dict[str, Any]
    params: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass
class Seen:
    """A reading of declarations, and the files beside them that it looked at: it holds while those stay."""

    looked_at: dict[str, str]
    declared: Declared


@dataclass
class Reader:
    """Reads revisions; what many of them share is read once."""

    objects: Objects
    trees: Trees
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    readings: dict[tuple[Named, ...], list[Seen]] = field(default_factory=dict)
    locks: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    known: dict[tuple[str, Entry | None, tuple[str, ...] | None], tuple[Any, str]] = field(default_factory=dict)

    def revisions(self, commits: Iterable[Commit]) -> Iterator[Revision]:
        waiting = iter(commits)
        while batch := list(islice(waiting, BATCH)):
            self.trees.explore(commit.tree for commit in batch)
            yield from map(self.revision, batch)

    def revision(self, commit: Commit) -> Revision:
        found = self.declared(commit.tree)
        notes = [*found.notes, *self.refused_locks(commit.tree)]
        params = dict(self.params(commit.tree, found, notes))
        params |= {path: used for path, used in found.used.items() if path not in params}
        return Revision(commit.id, dict(self.metrics(commit.tree, found, notes)), params, tuple(dict.fromkeys(notes)))

    def declared(self, root: str) -> Declared:
        """What the revision declares; only what its files take values from can make that differ from another's."""
        files = self.trees.declarations(root)
        for seen in self.readings.setdefault(files, []):
            if all(self.blob(root, path) == blob for path, blob in seen.looked_at.items()):
                return seen.declared
        here = Here(self, root)
        reading = Seen(here.looked_at, declared(files, self.open, here, self.content))
        self.readings[files].append(reading)
        return reading.declared

    def refused_locks(self, root: str) -> Iterator[str]:
        for path, _ in self.trees.declarations(root):
            if path.endswith("dvc.yaml") and (blob := self.blob(root, lock := f"{path.removesuffix('.yaml')}.lock")):
                if (lock, blob) not in self.locks:
                    self.locks[lock, blob] = list(refused_lock(lock, self.content(blob)))
                yield from self.locks[lock, blob]

    def blob(self, root: str, path: str) -> str:
        """The id of the file at a path; empty where there is none."""
        entry = self.trees.get(root, path)
        return entry.blob if entry and entry.mode in FILES else ""

    def open(self, path: str, blob: str) -> Document:
        """A file's values; `error` says why there are none."""
        if (path, blob) not in self.documents:
            if self.objects.sizes([blob]).get(blob, 0) > LIMIT:
                return Document(path, error=f"it has more than {LIMIT:,} bytes")
            content = next((content for _, content in self.objects.read([blob], LIMIT)), None)
            missing = Document(path, error="the object is missing")
            self.documents[path, blob] = missing if content is None else values.parse(path, content)
        return self.documents[path, blob]

    def content(self, blob: str) -> bytes:
        return next((content for _, content in self.objects.read([blob], LIMIT)), b"")

    def params(self, root: str, found: Declared, notes: list[str]) -> Iterator[tuple[str, Any]]:
        for declared_path, keys in found.params.items():
            for path, entry in self.expanded(root, declared_path, found, notes):
                if (value := self.shown(path, entry, tuple(keys), notes)) is not None:
                    yield path, value

    def metrics(self, root: str, found: Declared, notes: list[str]) -> Iterator[tuple[str, Any]]:
        for declared_path in found.metrics:
            for path, entry in self.expanded(root, declared_path, found, notes):
                if entry is None and found.is_stored(path):
                    notes.append(f"{path} is in the DVC cache or its remote, not in git")
                elif (value := self.shown(path, entry, None, notes)) is not None:
                    yield path, value

    def expanded(self, root: str, path: str, found: Declared, notes: list[str]) -> Iterator[tuple[str, Entry | None]]:
        """The path itself, or the files below it where it is a folder, without those that DVC shall ignore."""
        entry = self.trees.get(root, path)
        if entry is None or entry.mode != FOLDER or found.is_hidden(path, is_folder=True):
            yield path, entry
        else:
            files = list(islice(self.trees.below(entry.blob), MOST_BELOW + 1))
            if len(files) > MOST_BELOW:
                notes.append(f"{path} holds more than {MOST_BELOW:,} files; the rest was not looked at")
            for name, blob in files[:MOST_BELOW]:
                if not found.is_hidden(below := f"{path}/{name}"):
                    yield below, Entry(b"100644", blob)

    def shown(self, path: str, entry: Entry | None, keys: tuple[str, ...] | None, notes: list[str]) -> Any:
        """Params of a file by their keys, or (None) its metrics; None, and a note, where nothing can be shown."""
        if (asked := (path, entry, keys)) not in self.known:
            self.known[asked] = self.read(path, entry, keys)
        value, why_not = self.known[asked]
        notes += [why_not] if why_not else []
        return value

    def read(self, path: str, entry: Entry | None, keys: tuple[str, ...] | None) -> tuple[Any, str]:
        if entry is None:
            return None, f"{path} is declared and not in git"
        if entry.mode not in FILES:
            return None, f"{path} is no file of its own, and not followed"
        document = self.open(path, entry.blob)
        if document.error:
            return None, f"{path} cannot be read: {document.error}"
        doubt = f"DVC refuses {path}: {document.doubt}" if document.doubt else ""
        return values.metrics(document.value) or {} if keys is None else values.params(document.value, keys), doubt


@dataclass
class Here:
    """The files of one revision, as templates ask for them; what was looked at is remembered."""

    reader: Reader
    root: str
    looked_at: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Document | None:
        blob = self.looked_at[path] = self.reader.blob(self.root, path)
        if not blob:
            return None
        document = self.reader.open(path, blob)
        if document.error or isinstance(document.value, dict):
            return document
        return Document(path, error="it is not a mapping", error_line=1)
