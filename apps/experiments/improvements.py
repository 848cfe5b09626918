"""Which runs were better than all before them: what lists over many projects show of a run."""

from __future__ import annotations

from apps.experiments.directions import headline, lower_is_better
from apps.experiments.models import Run
from apps.experiments.sheet import MOST_CELLS_OF_FILES, UNSHOWN, finite, read
from apps.repositories.models import Repository

BATCH = 500


def compare(repository: Repository) -> None:
    """Note of each run what the project's first metric was, and whether it beat all runs before it."""
    youngest_first = Run.objects.filter(repository=repository).order_by("-time", "-pk").defer(*UNSHOWN)
    sheet = read(youngest_first, most=MOST_CELLS_OF_FILES)
    metric = headline(sheet.metrics)
    sign = -1 if lower_is_better(metric, dict(repository.directions.values_list("metric", "lower"))) else 1
    best: float | None = None
    moved = list[Run]()
    for row in reversed(sheet.rows):
        value = finite(row.metrics.get(metric))
        known = row.run.time is not None and value == value
        gain = sign * (value - best) if known and best is not None else None
        told = (metric if known else "", value if known else None, gain if gain is not None and gain > 0 else None)
        if known and (best is None or (gain or 0) > 0):
            best = value
        if told != (row.run.headline, row.run.value, row.run.gain):
            row.run.headline, row.run.value, row.run.gain = told
            moved.append(row.run)
    Run.objects.bulk_update(moved, ["headline", "value", "gain"], batch_size=BATCH)
