"""The hashes that DVC would give to what git holds."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from apps.audit.facts.dvc.stages import Recorded
from apps.audit.facts.ignores import Rules
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import MEGABYTE, File, Json, Kind, Unknown, derive

LIMIT, CHUNK, BLOCK = 64 * MEGABYTE, 2**20, 512
TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"


def hash_content(content: bytes) -> Json:
    """The MD5 of a file, and the one that DVC 2 gave to it."""
    whole = hashlib.md5(content, usedforsecurity=False)
    unix = hashlib.md5(usedforsecurity=False)
    text = is_text(content[:BLOCK])
    for start in range(0, len(content), CHUNK):
        chunk = content[start : start + CHUNK]
        unix.update(chunk.replace(b"\r\n", b"\n") if text else chunk)
    return {"md5": whole.hexdigest(), "unix": unix.hexdigest()}


def is_text(block: bytes) -> bool:
    return b"\0" not in block and len(block.translate(None, TEXT)) <= 0.3 * len(block)


@dataclass(frozen=True)
class Digests:
    """Hashes of tracked files and folders, as they were asked for in `of`."""

    tree: Tree
    lfs: LfsPointers
    ignored: Rules

    @cached_property
    def paths(self) -> list[str]:
        return sorted(self.tree.by_path)

    def below(self, folder: str) -> list[File]:
        """Every tracked entry below a folder; the root is the dot."""
        first = 0 if folder == "." else bisect_left(self.paths, f"{folder}/")
        last = len(self.paths) if folder == "." else bisect_left(self.paths, f"{folder}0")
        return [self.tree.by_path[path] for path in self.paths[first:last]]

    def files(self, path: str) -> list[File]:
        """The files that a tracked path stands for; empty when git has none."""
        file = self.tree.get(path)
        if file:
            return [file]
        return [each for each in self.below(path) if not self.ignored.ignores(each.path)]

    def hashes(self, paths: Iterable[str]) -> Mapping[str, Json | Unknown]:
        """What `hash_content` says of each file below these paths, by blob."""
        derived = derive((file for path in paths for file in self.files(path)), hash_content, LIMIT)
        known = {file.path: value for file, value in derived}
        return known | {unknown.path: unknown for unknown in derived.unread}

    def compare(self, path: str, recorded: Recorded, hashes: Mapping[str, Json | Unknown]) -> bool | Unknown:
        """Whether what git holds at `path` is what was recorded."""
        files = self.files(path)
        if any(file.kind is not Kind.FILE for file in files):
            return Unknown("it holds a link or a submodule", path)
        if any(file.path in self.lfs for file in files):
            return Unknown("it is kept in Git LFS, so its content is not here", path)
        values = list[Json]()
        for file in files:
            value = hashes.get(file.path, Unknown("it was not read", file.path))
            if isinstance(value, Unknown):
                return value
            values.append(value)
        digests = [value["unix" if recorded.as_text else "md5"] for value in values]
        if self.tree.get(path):
            return bool(digests[0] == recorded.value)
        if recorded.files != len(files):
            return Unknown(f"git has {len(files)} files of this folder, its lock has {recorded.files}", path)
        start = 0 if path == "." else len(path) + 1
        listing = [{"md5": digest, "relpath": file.path[start:]} for file, digest in zip(files, digests, strict=True)]
        listing.sort(key=lambda each: each["relpath"])
        digest = hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        return f"{digest}.dir" == recorded.value
