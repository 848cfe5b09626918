"""Runs that were made before, or again: with the same params and data."""

from __future__ import annotations

from apps.experiments.models import Collection, Run, Source
from apps.experiments.sheet import Row

MOST_LOOKED_AT, MOST_SHOWN = 200, 5


def repeats(row: Row) -> list[Run]:
    """Other runs with the same params and data, earliest first.

    Commits that nobody called an experiment count only where their code is the same too: a project's history has
    the same params over many changes of its code.
    """
    if not row.params:
        return []
    run = row.run
    same = Run.objects.filter(repository=run.repository_id, params=run.params_id).exclude(pk=run.pk)
    found = [
        other
        for other in same.select_related("lineage").order_by("time", "pk")[:MOST_LOOKED_AT]
        if agrees(row, other, "data") and (agrees(row, other, "code") or both_named(run, other))
    ]
    return found[:MOST_SHOWN]


def finished(row: Row, again: list[Run], collection: Collection | None) -> list[Run]:
    """Of the runs with the same params and data those that are finished, where this one's branch is open.

    A branch is finished once it was merged or is gone; what DVC keeps by itself, and MLflow, was run to its end.
    """
    open_branches = set(collection.open_branches) if collection else set[str]()
    if row.run.branch not in open_branches or row.run.gone_since:
        return []
    done = (Source.DVC, Source.MLFLOW)
    return [other for other in again if other.branch not in open_branches or other.gone_since or other.source in done]


def agrees(row: Row, other: Run, kind: str) -> bool:
    return row.lineage.get(kind, {}) == other.lineage.files.get(kind, {})


def both_named(run: Run, other: Run) -> bool:
    return Source.COMMIT not in (run.source, other.source) and str(run) != str(other)
