"""Experiments that look like the same one under several names: equal params and data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.experiments.changes import Baselines, Change
from apps.experiments.comparison import MOST as MOST_COMPARED
from apps.experiments.comparison import address
from apps.experiments.models import Source
from apps.experiments.sheet import Row, Sheet, finite

MOST_SHOWN = 20


@dataclass(frozen=True)
class Duplicates:
    """Runs of different names with equal params and data, youngest first; `changes` is what the first of them tried."""

    rows: list[Row]
    changes: list[Change]
    metric: str

    @property
    def same_code(self) -> bool:
        codes = {str(row.lineage.get("code")) for row in self.rows}
        return len(codes) == 1 and bool(self.rows[0].lineage.get("code"))

    @property
    def spread(self) -> float | None:
        """How far apart they are in the metric; None where fewer than two gave a number."""
        numbers = [number for row in self.rows if (number := finite(row.metrics.get(self.metric))) == number]
        return max(numbers) - min(numbers) if len(numbers) > 1 else None

    @property
    def address(self) -> str:
        """Where they are compared; empty for more than fit there."""
        return address([row.run.pk for row in self.rows]) if len(self.rows) <= MOST_COMPARED else ""


def duplicates(sheet: Sheet, metric: str) -> list[Duplicates]:
    """Those with most names first, then those with the youngest run."""
    baselines = Baselines.of(sheet)
    groups = dict[tuple[int, str], list[Row]]()
    for row in sheet.rows:
        if row.params and row.metrics and is_try(row, baselines):
            groups.setdefault((row.run.params_id, str(sorted(row.lineage.get("data", {}).items()))), []).append(row)
    named = [list(one_a_name(apart(rows))) for rows in groups.values()]
    found = [Duplicates(rows, baselines.params(rows[-1]), metric) for rows in named if len(rows) > 1]
    return sorted(found, key=lambda each: -len(each.rows))


def is_try(row: Row, baselines: Baselines) -> bool:
    """Whether somebody tried these params here: commits on the way carry params and metrics along."""
    if row.run.source != Source.COMMIT:
        return True
    return bool(baselines.params(row)) and baselines.renewed(row)


def apart(rows: list[Row]) -> Iterator[Row]:
    """Without the commits that only bring the result of another run to their branch."""
    own = {row.run.metrics_id for row in rows if row.run.source != Source.COMMIT}
    first = {row.run.metrics_id: row.run.pk for row in rows}  # the last to be set is the oldest
    for row in rows:
        key = row.run.metrics_id
        if row.run.source != Source.COMMIT or (key not in own and first[key] == row.run.pk):
            yield row


def one_a_name(rows: Iterable[Row]) -> Iterator[Row]:
    """The youngest run of each name."""
    seen = set[str]()
    for row in rows:
        if str(row.run) not in seen:
            seen.add(str(row.run))
            yield row
