"""The versions of data and artifacts that a run was made with, and since when each has been in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.experiments.changes import moved_paths
from apps.experiments.models import Run, Values
from apps.experiments.sheet import Row

KINDS = ("data", "artifacts")
MOST = 200


@dataclass(frozen=True)
class Version:
    """A path that DVC keeps. `first` is the earliest run with this very version; `moved` against the baseline."""

    kind: str
    path: str
    hash: str
    size: int | None
    moved: bool
    first: Run


def versions(row: Row, before: Row | None) -> list[Version]:
    """Data first, then what stages made of it."""
    first = earliest(row.run)
    sizes = row.lineage.get("sizes", {})
    moved = {(kind, path) for kind in KINDS for path in (moved_paths(before, row, kind) if before else [])}
    return [
        Version(kind, path, str(value), sizes.get(path), (kind, path) in moved, first.get((path, str(value)), row.run))
        for kind in KINDS
        for path, value in list(row.lineage.get(kind, {}).items())[:MOST]
    ]


def earliest(run: Run) -> dict[tuple[str, str], Run]:
    """The earliest run of the project with each path and hash."""
    runs = Run.objects.filter(repository=run.repository_id, time__isnull=False).order_by("time", "pk")
    by_lineage = dict[int, Run]()
    for each in runs.only("pk", "name", "group", "commit", "time", "lineage_id", "repository_id", "key").iterator():
        by_lineage.setdefault(each.lineage_id, each)
    files = {values.pk: values.files for values in Values.objects.filter(pk__in=list(by_lineage)).iterator()}
    found = dict[tuple[str, str], Run]()
    for pk, each in by_lineage.items():
        for path, value in hashes(files[pk]):
            found.setdefault((path, value), each)
    return found


def hashes(lineage: dict[str, dict[str, object]]) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        yield from ((path, str(value)) for path, value in lineage.get(kind, {}).items())
