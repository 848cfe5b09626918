"""Runs that MLflow wrote into a folder, and somebody into git: `mlruns/<experiment>/<run>/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from apps.audit.cat_file import Objects
from apps.audit.experiments.trees import Entry, Folder, Trees
from apps.audit.facts.yaml import parse_yaml
from apps.audit.objects import FOLDER, LATEST, OBJECT_ID
from apps.audit.snapshot import KILOBYTE
from apps.audit.sources import FILES, path_of

FOLDER_NAME, DELETED = "mlruns", ".trash"
LARGEST, MOST_RUNS, MOST_VALUES = 100 * KILOBYTE, 10_000, 5000


@dataclass(frozen=True)
class MlflowRun:
    """One run. `commit` is the one that its tag names, empty where it names none; `path` its folder."""

    id: str
    name: str
    experiment: str
    commit: str
    author: str
    time: datetime | None
    path: str
    metrics: dict[str, Any]
    params: dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """The runs of one `mlruns` folder. Those whose folders are `known` are passed over, as those that were deleted."""

    objects: Objects
    trees: Trees
    path: str
    known: set[str] = field(default_factory=set)

    def runs(self, folder: str) -> Iterator[MlflowRun]:
        for experiment, entry in self.folders(self.trees.folder(folder)):
            inside = self.trees.folder(entry.blob)
            name = str(self.table(inside.get(b"meta.yaml")).get("name") or experiment)
            fresh = [(run, held.blob) for run, held in self.folders(inside) if held.blob not in self.known]
            self.known.update(held for _, held in fresh)
            self.trees.explore(held for _, held in fresh[:MOST_RUNS])
            for run, held in fresh[:MOST_RUNS] if experiment != DELETED else ():
                files = self.trees.folder(held)
                meta = self.table(files.get(b"meta.yaml"))
                if not meta.keys().isdisjoint({"run_id", "run_uuid"}) and meta.get("lifecycle_stage") != "deleted":
                    yield self.run(f"{self.path}/{experiment}/{run}", name, meta, files)

    def run(self, path: str, experiment: str, meta: dict[str, Any], files: Folder) -> MlflowRun:
        written = meta.get("run_id", meta.get("run_uuid"))
        # MLflow writes YAML 1.1, in which 1e5 is a text; its folders have the names of their runs.
        oid = written if isinstance(written, str) and written else path.rpartition("/")[2]
        tags = {name: text.strip() for name, text in self.texts(files.get(b"tags"))}
        named = tags.get("mlflow.source.git.commit", "")
        return MlflowRun(
            oid,
            str(meta.get("run_name") or meta.get("name") or tags.get("mlflow.runName") or oid[:8]),
            experiment,
            named if OBJECT_ID.fullmatch(named) else "",
            str(meta.get("user_id") or ""),
            moment(meta.get("start_time")),
            path,
            {name: value for name, text in self.texts(files.get(b"metrics")) if (value := last(text)) is not None},
            {name: number(text) for name, text in self.texts(files.get(b"params"))},
        )

    def folders(self, folder: Folder) -> Iterator[tuple[str, Entry]]:
        return ((path_of(name), entry) for name, entry in folder.items() if entry.mode == FOLDER)

    def table(self, entry: Entry | None) -> dict[str, Any]:
        value = parse_yaml(self.content(entry)).get("value") if entry else None
        return value if isinstance(value, dict) else {}

    def texts(self, entry: Entry | None) -> Iterator[tuple[str, str]]:
        """Name and text of every file below a folder."""
        if entry and entry.mode == FOLDER:
            files = list(islice(self.trees.below(entry.blob), MOST_VALUES))
            contents = dict(self.objects.read({blob for _, blob in files}, LARGEST))
            yield from ((path, contents.get(blob, b"").decode("utf-8", "replace")) for path, blob in files)

    def content(self, entry: Entry) -> bytes:
        found = self.objects.read([entry.blob], LARGEST) if entry.mode in FILES else ()
        return next((content for _, content in found), b"")


def last(text: str) -> float | None:
    """The last value of a metric's file, whose lines are time, value and step."""
    words = [line.split() for line in text.splitlines() if line.strip()]
    try:
        return float(words[-1][1])
    except (IndexError, ValueError):
        return None


def number(text: str) -> int | float | str:
    """A param as a number, where it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def moment(milliseconds: Any) -> datetime | None:
    if not isinstance(milliseconds, int) or not 0 <= milliseconds < LATEST.timestamp() * 1000:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
