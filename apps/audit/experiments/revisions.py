"""Metrics and params of commits, each as DVC would show them there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from apps.audit.cat_file import Objects
from apps.audit.experiments import ignored, values
from apps.audit.experiments.contents import NO_MAPPING, Contents
from apps.audit.experiments.declared import Declared, assembled, read_pipeline, read_pointer, takes_values
from apps.audit.experiments.outline import Outline, is_read
from apps.audit.experiments.trees import Entry, Named, Trees
from apps.audit.facts.documents import Document
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


Texts = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What one file says: by the files beside it that it looks at, then by what state those are in.

    Where it `takes_values` from them, the state is their content, else whether they can be read.
    """

    takes_values: bool
    said: dict[Texts, dict[Texts, Declared]] = field(default_factory=dict)


Shown = tuple[dict[str, Any], dict[str, Any], list[str]]


@dataclass
class Reader:
    """Reads revisions; what many of them share is read once."""

    objects: Objects
    trees: Trees
    outlines: dict[tuple[Named, ...], Outline] = field(default_factory=dict)
    parts: dict[Named, Part] = field(default_factory=dict)
    readings: dict[tuple[Any, ...], Declared] = field(default_factory=dict)
    entries: dict[tuple[str, str], Entry | None] = field(default_factory=dict)
    known: dict[tuple[str, Entry | None, tuple[str, ...] | None], tuple[Any, str]] = field(default_factory=dict)
    shown_before: dict[tuple[Any, ...], Shown] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contents = Contents(self.objects)
        self.open = self.contents.open

    def revisions(self, commits: Iterable[Commit]) -> Iterator[Revision]:
        waiting = iter(commits)
        while batch := list(islice(waiting, BATCH)):
            self.entries.clear()
            self.trees.explore(commit.tree for commit in batch)
            self.contents.read_ahead(chain.from_iterable(self.declaring(commit.tree) for commit in batch))
            found = [(commit.tree, self.declared(commit.tree)) for commit in batch]
            self.contents.read_ahead(
                (path, blob) for root, each in found for path in each.paths if (blob := self.blob(root, path))
            )
            yield from map(self.revision, batch)
            self.contents.ahead.clear()

    def declaring(self, root: str) -> Iterator[tuple[str, str]]:
        """Path and id of the files that say what a revision declares."""
        yield from (each for each in self.trees.declarations(root) if is_file_of_dvc(each.path))
        besides = [*self.locks(root), *((path, self.blob(root, path)) for path in self.outline(root).defaults)]
        yield from ((path, blob) for path, blob in besides if blob)

    def revision(self, commit: Commit) -> Revision:
        root = commit.tree
        found = self.declared(root)
        key = (id(found), *(self.entry(root, path) for path in found.paths))
        if key not in self.shown_before:
            notes = list(found.notes)
            params = dict(self.params(root, found, notes))
            params |= {path: used for path, used in found.used.items() if path not in params}
            self.shown_before[key] = dict(self.metrics(root, found, notes)), params, notes
        metrics, params, notes = self.shown_before[key]
        refused = [note for path, blob in self.locks(root) for note in self.contents.refused_lock(path, blob)]
        return Revision(commit.id, metrics, params, tuple(dict.fromkeys([*notes, *refused])))

    def damaged_locks(self, root: str) -> Iterator[str]:
        """What DVC refuses further down in locks, for those who read them anyhow."""
        for path, blob in self.locks(root):
            if not self.contents.refused_lock(path, blob):
                yield from self.contents.damaged_lock(path, blob)

    def declared(self, root: str) -> Declared:
        """What the revision declares."""
        outline = self.outline(root)
        defaults = tuple(path for path in outline.defaults if self.blob(root, path))
        parts = [(each.path, self.part(root, each)) for each in outline.files]
        key = (id(outline), defaults, *(id(part) for _, part in parts))
        if key not in self.readings:
            self.readings[key] = assembled(defaults, parts)
        return self.readings[key]

    def outline(self, root: str) -> Outline:
        files = self.trees.declarations(root)
        if files not in self.outlines:
            self.outlines[files] = Outline.of(files, self.contents.content)
        return self.outlines[files]

    def part(self, root: str, file: Named) -> Declared:
        """What one file says; only what it takes values from can make that differ from another time."""
        if (part := self.parts.get(file)) is None:
            is_pipeline = file.path.endswith("dvc.yaml")
            part = self.parts[file] = Part(is_pipeline and takes_values(self.open(*file)))
        state = self.blob if part.takes_values else self.state
        for paths, by_states in part.said.items():
            if (said := by_states.get(tuple(state(root, path) for path in paths))) is not None:
                return said
        here = Here(self, root)
        said = (
            read_pipeline(self.open(*file), here) if file.path.endswith("dvc.yaml") else read_pointer(self.open(*file))
        )
        paths = tuple(here.looked_at)
        part.said.setdefault(paths, {})[tuple(state(root, path) for path in paths)] = said
        return said

    def state(self, root: str, path: str) -> str:
        """Whether templates take values from a file: empty, or why not."""
        blob = self.blob(root, path)
        return self.contents.refused_values(path, blob) if blob else "there is none"

    def locks(self, root: str) -> Iterator[tuple[str, str]]:
        for file in self.outline(root).files:
            if file.path.endswith("dvc.yaml"):
                lock = f"{file.path.removesuffix('.yaml')}.lock"
                if blob := self.blob(root, lock):
                    yield lock, blob

    def entry(self, root: str, path: str) -> Entry | None:
        if (root, path) not in self.entries:
            self.entries[root, path] = self.trees.get(root, path)
        return self.entries[root, path]

    def blob(self, root: str, path: str) -> str:
        """The id of the file at a path; empty where there is none."""
        entry = self.entry(root, path)
        return entry.blob if entry and entry.mode in FILES else ""

    def params(self, root: str, found: Declared, notes: list[str]) -> Iterator[tuple[str, Any]]:
        for declared_path, keys in found.params.items():
            for path, entry in self.expanded(root, declared_path, notes):
                if (value := self.shown(path, entry, tuple(keys), notes)) is not None:
                    yield path, value

    def metrics(self, root: str, found: Declared, notes: list[str]) -> Iterator[tuple[str, Any]]:
        for declared_path in found.metrics:
            for path, entry in self.expanded(root, declared_path, notes):
                if entry is None and found.is_stored(path):
                    notes.append(f"{path} is in the DVC cache or its remote, not in git")
                elif (value := self.shown(path, entry, None, notes)) is not None:
                    yield path, value

    def expanded(self, root: str, path: str, notes: list[str]) -> Iterator[tuple[str, Entry | None]]:
        """The path itself, or the files below it where it is a folder, without those that DVC shall ignore."""
        entry, outline = self.entry(root, path), self.outline(root)
        if entry is None or entry.mode != FOLDER or outline.hides(path, is_folder=True):
            yield path, entry
        else:
            files = list(islice(self.trees.below(entry.blob), MOST_BELOW + 1))
            if len(files) > MOST_BELOW:
                notes.append(f"{path} holds more than {MOST_BELOW:,} files; the rest was not looked at")
            for name, blob in files[:MOST_BELOW]:
                if not outline.hides(below := f"{path}/{name}"):
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
    looked_at: dict[str, None] = field(default_factory=dict)

    def get(self, path: str) -> Document | None:
        self.looked_at[path] = None
        if not (blob := self.reader.blob(self.root, path)):
            return None
        document = self.reader.open(path, blob)
        is_mapping = document.error or isinstance(document.value, dict)
        return document if is_mapping else Document(path, error=NO_MAPPING, error_line=1)


def is_file_of_dvc(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name == ignored.NAME or is_read(name)
