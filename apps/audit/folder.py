"""A folder without git as a snapshot."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from apps.audit import cat_file
from apps.audit.snapshot import Cache, File, Kind, Memory, Snapshot, Store, Unknown
from apps.audit.sources import MOST_FILES, TOO_MANY_FILES, MemoryAncestry, object_id
from apps.audit.text import clean_text


@dataclass(frozen=True)
class FolderContents:
    """Files of a folder by the id that git would give them, and the targets of its links."""

    paths: dict[str, Path]
    links: dict[str, bytes]

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for blob in blobs:
            if blob in self.links:
                yield blob, self.links[blob]
            elif blob in self.paths:
                yield blob, self.paths[blob].read_bytes()


def from_folder(path: Path, derived: Cache | None = None) -> Snapshot:
    """The files of a folder without git, as if they were one commit made when the youngest of them was written."""
    contents = FolderContents({}, {})
    store, files, unread, youngest = Store(contents, derived or Memory()), list[File](), list[Unknown](), 0.0
    for full in sorted(entries_below(path)):
        if len(files) == MOST_FILES:
            unread.append(Unknown(TOO_MANY_FILES))
            break
        status = full.lstat()
        if stat.S_ISLNK(status.st_mode):
            target = os.fsencode(full.readlink())
            blob, kind = object_id(target), Kind.SYMLINK
            contents.links[blob] = target
        elif stat.S_ISREG(status.st_mode):
            # What is over every limit is never read, so anything may name it.
            named = full.read_bytes() if status.st_size <= cat_file.MOST_BYTES else os.fsencode(full)
            blob, kind = object_id(named), Kind.FILE
            contents.paths[blob] = full
        else:
            continue
        name = clean_text(os.fsencode(full.relative_to(path)).decode("utf-8", "backslashreplace"))
        files.append(File(name, blob, status.st_size, kind, store))
        youngest = max(youngest, status.st_mtime)
    ordered = tuple(sorted(files, key=lambda file: file.path))
    return Snapshot("", datetime.fromtimestamp(youngest, UTC), ordered, MemoryAncestry({}), unread=tuple(unread))


def entries_below(path: Path) -> Iterator[Path]:
    """Everything below a folder that is not a folder itself; a link to one is no folder."""
    for folder, folders, names in os.walk(path):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in (*names, *links))
