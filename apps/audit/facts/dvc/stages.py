"""Stages as DVC sees them: what a definition names and what a lock or pointer recorded of it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.audit.regex import regex

URL = regex(r"[A-Za-z][A-Za-z0-9+.-]*://")
ABSOLUTE = regex(r"/|\\|~|[A-Za-z]:[\\/]")
CONTENT = regex(r"[0-9a-f]{32}(\.dir)?")
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Recorded:
    """The hash that DVC wrote down. `as_text`: DVC 2 and older read text files with line ends of Unix."""

    value: str
    as_text: bool
    files: int | None

    @property
    def key(self) -> str:
        """Where a remote keeps the object, by DVC's layout; empty where the hash is none of a content."""
        if not CONTENT.fullmatch(self.value):
            return ""
        return f"{'' if self.as_text else 'files/md5/'}{self.value[:2]}/{self.value[2:]}"

    @property
    def is_folder(self) -> bool:
        return self.value.endswith(".dir")


@dataclass(frozen=True)
class Path:
    """A dep or an out: as it was `written`, and from the root of the repository."""

    written: str
    path: str
    line: int | None
    recorded: Recorded | None = None
    kind: str = "deps"
    cached: bool = False
    push: bool = True
    # The remote that it alone goes to; empty for the default one.
    remote: str = ""
    # The commit of another repository that an import is pinned to.
    revision: str = ""
    # A file in another repository or a database, whatever its path.
    foreign: bool = False

    @property
    def is_external(self) -> bool:
        return self.foreign or bool(URL.match(self.written))

    @property
    def is_outside(self) -> bool:
        """Absolute, or above the root of the repository."""
        return not self.is_external and (bool(ABSOLUTE.match(self.written)) or self.path.split("/")[0] == "..")


@dataclass(frozen=True)
class Parameter:
    """A file of values and the keys that a stage reads from it; no keys means all of them."""

    written: str
    path: str
    keys: tuple[str, ...]
    line: int | None
    recorded: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage or pointer. `lock` is the file that recorded it, empty when it never ran; a pointer has no command."""

    name: str
    path: str
    line: int | None
    cmd: Any
    deps: tuple[Path, ...]
    outs: tuple[Path, ...]
    params: tuple[Parameter, ...]
    frozen: bool
    lock: str = ""
    lock_line: int | None = None
    locked_cmd: Any = None

    @property
    def inputs(self) -> frozenset[str]:
        """Paths in the repository that it reads, parameter files included."""
        return frozenset([dep.path for dep in self.deps if not dep.is_external] + [each.path for each in self.params])


def place(folder: str, written: str) -> str:
    return written if URL.match(written) else posixpath.normpath(posixpath.join(folder, written))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def entries(value: Any) -> list[dict[str, Any]]:
    return [each for each in listed(value) if isinstance(each, dict)]


def recorded(entry: Entry) -> Recorded | None:
    """The hash of an entry of a lock or pointer; None when there is none, as after `--no-download`."""
    kind = entry.get("hash")
    names = (str(kind), "md5", "etag", "checksum", "version_id")
    value = next((entry[name] for name in names if entry.get(name)), None)
    count = entry.get("nfiles")
    if value is None and (entry.get("files") or entry.get("cloud")):
        value = ""
    if value is None:
        return None
    return Recorded(str(value), kind is None, count if isinstance(count, int) else None)
