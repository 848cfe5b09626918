"""Paths in the trees of many commits, which share most of their folders: each folder is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from apps.audit.cat_file import LARGEST_TREE, Objects
from apps.audit.objects import FOLDER, parse_tree
from apps.audit.sources import DEEPEST, FILES, path_of

MOST_ENTRIES = 500_000
# Of a tree: files that declare something, and entries that are looked at below one folder.
MOST_DECLARATIONS, MOST_BELOW = 5000, 20_000
# Names of files that say what DVC keeps, where, and what it passes over.
NAMES = {b"dvc.yaml", b"Dvcfile", b".dvcignore"}
# Folders that say by their name what is in them.
TELLING = {b".dvc", b"mlruns"}


class Entry(NamedTuple):
    """What a folder holds under a name."""

    mode: bytes
    blob: str


class Named(NamedTuple):
    """A file below a folder, by its path from there."""

    path: str
    blob: str


Folder = dict[bytes, Entry]


@dataclass
class Trees:
    """Folders by object id. What is missing or broken is empty."""

    objects: Objects
    folders: dict[str, Folder] = field(default_factory=dict)
    declaring: dict[str, tuple[Named, ...]] = field(default_factory=dict)
    entries: int = 0

    def folder(self, oid: str) -> Folder:
        if oid not in self.folders:
            self.read([oid])
        return self.folders[oid]

    def read(self, oids: Iterable[str]) -> None:
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self.folders]
        if self.entries > MOST_ENTRIES:
            self.folders, self.entries = {}, 0
        self.folders |= {oid: {} for oid in wanted}
        for oid, content in self.objects.read(wanted, LARGEST_TREE):
            found = parse_tree(content, len(oid) // 2) or []
            self.folders[oid] = {name: Entry(mode, entry) for mode, name, entry in found}
            self.entries += len(found)

    def explore(self, roots: Iterable[str]) -> None:
        """Read the folders of these trees, those of one depth at a time, unless what they declare is known."""
        level, depth = [root for root in dict.fromkeys(roots) if root not in self.declaring], 0
        while level and depth <= DEEPEST:
            self.read(level)
            below = dict.fromkeys(e.blob for oid in level for e in self.folder(oid).values() if e.mode == FOLDER)
            level, depth = [oid for oid in below if oid not in self.declaring], depth + 1

    def declarations(self, root: str, depth: int = 0) -> tuple[Named, ...]:
        """Files of DVC below a tree, a folder's own before those further down; telling folders as themselves."""
        if (known := self.declaring.get(root)) is not None:
            return known
        here, below = list[Named](), list[Named]()
        for name, entry in self.folder(root).items() if depth <= DEEPEST else ():
            if entry.mode == FOLDER and name in TELLING:
                here.append(Named(path_of(name), entry.blob))
            elif entry.mode == FOLDER:
                folder = path_of(name)
                below += [Named(f"{folder}/{path}", blob) for path, blob in self.declarations(entry.blob, depth + 1)]
            elif entry.mode in FILES and (name in NAMES or name.endswith(b".dvc")):
                here.append(Named(path_of(name), entry.blob))
        self.declaring[root] = (*here, *below)[:MOST_DECLARATIONS]
        return self.declaring[root]

    def get(self, root: str, path: str) -> Entry | None:
        """What is at a path: a file, folder, link or submodule."""
        folders, entry = path.encode("utf-8", "surrogateescape").split(b"/"), Entry(FOLDER, root)
        for name in folders:
            if entry.mode != FOLDER or (found := self.folder(entry.blob).get(name)) is None:
                return None
            entry = found
        return entry

    def below(self, folder: str) -> Iterator[Named]:
        """The files of a folder and of those in it, in order; of a folder without end, those that come first."""
        waiting, looked_at = [("", folder, True)], 0
        while waiting and looked_at < MOST_BELOW:
            path, blob, is_folder = waiting.pop()
            looked_at += 1
            if path.count("/") > DEEPEST:
                continue
            if not is_folder:
                yield Named(path, blob)
                continue
            inside = [
                (f"{path}/{path_of(name)}".lstrip("/"), entry.blob, entry.mode == FOLDER)
                for name, entry in self.folder(blob).items()
                if entry.mode == FOLDER or entry.mode in FILES
            ]
            waiting += reversed(inside)
