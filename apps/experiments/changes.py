"""What a run changed against the run that it builds on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from apps.experiments.models import Run, Source
from apps.experiments.sheet import Cells, Row, Sheet

# What a run is made from beside its params, as lineages name it.
LINEAGE = ("data", "code", "environment")


@dataclass(frozen=True)
class Change:
    """A value that differs. `before` or `after` is MISSING where there was none; `difference` of two numbers."""

    name: str
    before: Any
    after: Any
    # Of a metric: whether less is better; None where neither is.
    lower: bool | None = False

    @property
    def better(self) -> bool | None:
        """Whether a metric moved the right way; None where no way is right."""
        if self.lower is None:
            return None
        return (self.difference or 0) < 0 if self.lower else (self.difference or 0) > 0

    @property
    def difference(self) -> float | None:
        """None where one is no number, or where no number is the difference; to DVC a truth is 1, a falsehood 0."""
        if not (isinstance(self.before, int | float) and isinstance(self.after, int | float)):
            return None
        difference = float(self.after) - float(self.before)
        return None if math.isnan(difference) else difference


class Missing:
    """Stands for no value, where None is one."""

    def __str__(self) -> str:
        return "(not set)"


MISSING = Missing()


def changes(before: Cells, after: Cells) -> list[Change]:
    """What differs, in the order of the later one, then what is gone. NaN is what NaN was."""
    names = dict.fromkeys([*after, *before])
    found = (Change(name, before.get(name, MISSING), after.get(name, MISSING)) for name in names)
    return [each for each in found if not same(each.before, each.after)]


def same(one: Any, other: Any) -> bool:
    """1 and 1.0 are the same, 1 and true are not."""
    both_nan = one != one and other != other
    return both_nan or (one == other and isinstance(one, bool) == isinstance(other, bool))


def moved_paths(before: Row, after: Row, kind: str) -> list[str]:
    """Paths of this kind (data, code, environment, artifacts) whose hashes differ, come or go."""
    return [each.name for each in changes(before.lineage.get(kind, {}), after.lineage.get(kind, {}))]


@dataclass(frozen=True)
class Baselines:
    """The row that each row of a sheet builds on, whether it was asked for or not."""

    by_commit: dict[str, Row]

    @classmethod
    def of(cls, sheet: Sheet) -> Baselines:
        """A commit that MLflow names is that of the code that ran, and its run another."""
        rows = (row for row in (*sheet.rows, *sheet.beside) if row.run.commit and row.run.source != Source.MLFLOW)
        return cls({row.run.commit: row for row in rows})

    def before(self, row: Row) -> Row | None:
        """None, too, where the values of one of them are not here to be compared."""
        before = self.by_commit.get(row.run.builds_on)
        return before if before and before.is_read and row.is_read else None

    def pair(self, row: Row) -> list[Run]:
        """Its run, and the one before it where that is known."""
        before = self.before(row)
        return [row.run, before.run] if before else [row.run]

    def reasons(self, row: Row) -> list[str]:
        """Why its metrics may have moved: which of params, data, code and environment differ."""
        before = self.before(row)
        if before is None:
            return []
        moved = [kind for kind in LINEAGE if moved_paths(before, row, kind)]
        return [*(["params"] if self.params(row) else []), *moved]

    def renewed(self, row: Row) -> bool:
        """Whether its metrics are its own: a commit that only changes params still carries those before it."""
        before = self.before(row)
        carried = before is not None and before.run.metrics_id == row.run.metrics_id and bool(self.params(row))
        return not (carried and row.run.source == Source.COMMIT)

    def params(self, row: Row) -> list[Change]:
        """Params that changed; none for a run that builds on none."""
        before = self.before(row)
        return changes(before.params, row.params) if before else []
