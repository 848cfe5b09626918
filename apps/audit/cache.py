"""Derived values kept beside the mirror: a small SQLite file that may be thrown away at any time."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from apps.audit import digests
from apps.audit.snapshot import Json

MOST_BYTES, WAIT_SECONDS = 200_000_000, 1
TABLE = """
CREATE TABLE IF NOT EXISTS derived (function TEXT, blob TEXT, value BLOB, PRIMARY KEY (function, blob)) WITHOUT ROWID
"""


class DerivedCache:
    """Values by function (its name and the digest of its code) and blob. JSON, never pickle."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.unlink()
        try:
            self.database = open_database(path)
        except sqlite3.DatabaseError:
            path.unlink()
            self.database = open_database(path)

    def load(self, function: Callable[..., Json], blobs: Iterable[str]) -> dict[str, Json]:
        try:
            return self.read(function, list(blobs))
        except (sqlite3.Error, zlib.error, ValueError):
            self.do_without()
            return {}

    def read(self, function: Callable[..., Json], wanted: list[str]) -> dict[str, Json]:
        found = dict[str, Json]()
        for start in range(0, len(wanted), 900):
            batch = wanted[start : start + 900]
            marks = ",".join("?" * len(batch))
            query = f"SELECT blob, value FROM derived WHERE function = ? AND blob IN ({marks})"  # noqa: S608
            for blob, value in self.database.execute(query, [key(function), *batch]):
                found[blob] = json.loads(zlib.decompress(value))
        return found

    def store(self, function: Callable[..., Json], values: Mapping[str, Json]) -> None:
        packed = [(key(function), blob, zlib.compress(json.dumps(value).encode(), 1)) for blob, value in values.items()]
        try:
            with self.database:
                self.database.executemany("INSERT OR REPLACE INTO derived VALUES (?, ?, ?)", packed)
        except sqlite3.Error:
            self.do_without()

    def close(self) -> None:
        self.database.close()

    def do_without(self) -> None:
        """Damaged, locked or full: keep values for this audit only, and judge as ever."""
        self.database.close()
        self.database = open_database(":memory:")


def key(function: Callable[..., Json]) -> str:
    return f"{function.__module__}.{function.__qualname__}:{digests.function(function)}"


def open_database(path: Path | str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=WAIT_SECONDS)
    try:
        # Losing the last values in a power cut costs nothing but time.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(TABLE)
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
