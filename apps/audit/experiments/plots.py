"""Plots that git holds of a run: curves out of files of data, and images."""

from __future__ import annotations

import base64
import csv
import io
import math
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apps.audit.experiments import values
from apps.audit.experiments.axes import Axes
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.trees import Named
from apps.audit.objects import FOLDER
from apps.audit.snapshot import KILOBYTE, Commit
from apps.audit.sources import FILES
from apps.audit.text import clean_text

MOST_PLOTS, MOST_ROWS, MOST_COLUMNS, MOST_POINTS, LONGEST_NAME = 20, 50_000, 100, 300, 100
LARGEST = 300 * KILOBYTE
# What a browser draws without running anything, by the bytes that it begins with.
IMAGES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}
TABLES = {".csv": ",", ".tsv": "\t"}
STRUCTURED = {".json", ".yaml", ".yml"}
STEP = "step"


@dataclass
class Plots:
    """Plots of runs; a file that many share is read once."""

    reader: Reader
    known: dict[tuple[str, str, Axes], dict[str, Any] | None] = field(default_factory=dict)

    def of(self, commit: Commit) -> dict[str, dict[str, Any]]:
        """Plots by path; those that git does not hold, or that are too large or no plots, are left out."""
        found = dict[str, dict[str, Any]]()
        for path, shown in self.reader.declared(commit.tree).plots.items():
            for each, blob in islice(self.files(commit.tree, path), MOST_PLOTS - len(found)):
                if plot := self.plot(each, blob, shown):
                    found[clean_text(each)] = plot
        return found

    def files(self, root: str, path: str) -> Iterator[Named]:
        """The file at a path, or those below it."""
        entry = self.reader.trees.get(root, path)
        if entry and entry.mode == FOLDER:
            yield from (Named(f"{path}/{name}", blob) for name, blob in self.reader.trees.below(entry.blob))
        elif entry and entry.mode in FILES:
            yield Named(path, entry.blob)

    def plot(self, path: str, blob: str, shown: Axes) -> dict[str, Any] | None:
        kind = posixpath.splitext(path)[1].lower()
        if (key := (kind, blob, shown)) not in self.known:
            content = next((content for _, content in self.reader.objects.read([blob], LARGEST)), b"")
            self.known[key] = image(content) or curve(path, content, shown)
        return self.known[key]


def image(content: bytes) -> dict[str, Any] | None:
    kind = next((kind for kind, start in IMAGES.items() if content.startswith(start)), "")
    data = base64.b64encode(content).decode() if kind else ""
    return {"kind": kind, "x": "", "y": "", "points": [], "data": data} if kind else None


def curve(path: str, content: bytes, shown: Axes) -> dict[str, Any] | None:
    """Points of a file of rows; None where no column holds numbers."""
    found = list(islice(rows(path, content), MOST_ROWS))
    names = [name for name in (found[0] if found else {}) if name]
    x = shown.x if shown.x in names else STEP if STEP in names else ""
    y = shown.y if shown.y in names else next((name for name in reversed(names) if is_drawn(found, name, x)), "")
    pairs = [(number(row.get(x)) if x else float(at), number(row.get(y))) for at, row in enumerate(found)]
    points = [[one, other] for one, other in pairs if one is not None and other is not None]
    if not y or len(points) < 2:
        return None
    named = {"x": clean_text(x, LONGEST_NAME), "y": clean_text(y, LONGEST_NAME)}
    return {"kind": "curve", **named, "points": thinned(points), "data": ""}


def is_drawn(found: list[dict[str, Any]], name: str, x: str) -> bool:
    return name not in {x, "timestamp"} and any(number(row.get(name)) is not None for row in found[:MOST_POINTS])


def rows(path: str, content: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a table, or of the first list of mappings in a structured file."""
    ending = posixpath.splitext(path)[1].lower()
    if ending in TABLES:
        lines = csv.reader(io.StringIO(content.decode("utf-8", "replace"), newline=""), delimiter=TABLES[ending])
        try:
            header = next(lines, [])[:MOST_COLUMNS]
            yield from (dict(zip(header, line, strict=False)) for line in lines if line)
        except csv.Error:
            return
    elif ending in STRUCTURED:
        value = values.parse_json(content).get("value") if ending == ".json" else values.parse(path, content).value
        lists = [value] if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        listed = next((each for each in lists if isinstance(each, list) and each and isinstance(each[0], dict)), [])
        yield from (row for row in listed if isinstance(row, dict))


def number(value: Any) -> float | None:
    """A finite number, written as one or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def thinned(points: list[list[float]]) -> list[list[float]]:
    """At most so many points: the lowest and the highest of each stretch, in their order."""
    if len(points) <= MOST_POINTS:
        return points
    stretch = -(-2 * len(points) // MOST_POINTS)
    kept = set[int]()
    for start in range(0, len(points), stretch):
        part = range(start, min(start + stretch, len(points)))
        kept |= {min(part, key=lambda at: points[at][1]), max(part, key=lambda at: points[at][1])}
    return [points[at] for at in sorted(kept | {0, len(points) - 1})]
