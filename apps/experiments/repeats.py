"""Runs that were made before, or again: with the same params and data."""

from __future__ import annotations

from apps.experiments.models import Run, Source
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


def agrees(row: Row, other: Run, kind: str) -> bool:
    return row.lineage.get(kind, {}) == other.lineage.files.get(kind, {})


def both_named(run: Run, other: Run) -> bool:
    return Source.COMMIT not in (run.source, other.source) and str(run) != str(other)
