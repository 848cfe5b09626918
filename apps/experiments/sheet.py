"""Runs side by side: their metrics and params as columns."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from apps.experiments.models import Run, Values

if TYPE_CHECKING:
    from pandas import DataFrame

Cells = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A run with its values by column, and hashes of what it was made from by kind and path."""

    run: Run
    metrics: Cells
    params: Cells
    lineage: dict[str, Cells]


@dataclass(frozen=True)
class Sheet:
    """Runs in the order that was asked for. A column is a key; with its file, where one run has it in two."""

    rows: tuple[Row, ...]

    @cached_property
    def metrics(self) -> dict[str, int]:
        """Each metric with the number of runs that have a number for it, the most frequent first."""
        return columns(row.metrics for row in self.rows)

    @cached_property
    def params(self) -> dict[str, int]:
        """Each param with the number of runs that have it, the most frequent first."""
        return dict(Counter(name for row in self.rows for name in row.params).most_common())

    def frame(self, metrics: Iterable[str]) -> DataFrame:
        """Time and finite numbers of these metrics, oldest first, by the run's key in the database.

        What is no finite number is missing (NaN); runs without a time are left out.
        """
        import pandas as pd  # noqa: PLC0415  # half a second and 60 MB, which most pages do without

        timed = [row for row in self.rows if row.run.time]
        found: dict[str, list[Any]] = {"time": [row.run.time for row in timed]}
        found |= {name: [finite(row.metrics.get(name)) for row in timed] for name in metrics}
        frame = pd.DataFrame(found, index=[row.run.pk for row in timed])
        return frame.sort_values("time", kind="stable")


def read(runs: QuerySet[Run]) -> Sheet:
    """The runs with their values, in two queries."""
    found = list(runs.defer("plots", "stated", "changes"))
    wanted = {each for run in found for each in (run.metrics_id, run.params_id, run.lineage_id)}
    files = dict(unpacked(wanted))
    metrics = apart({run.metrics_id: files[run.metrics_id] for run in found})
    params = apart({run.params_id: files[run.params_id] for run in found})
    rows = (Row(run, metrics[run.metrics_id], params[run.params_id], files[run.lineage_id]) for run in found)
    return Sheet(tuple(rows))


def unpacked(wanted: Iterable[int]) -> Iterable[tuple[int, dict[str, Cells]]]:
    for values in Values.objects.filter(pk__in=list(wanted)).iterator():
        yield values.pk, values.files


def apart(by_values: Mapping[int, dict[str, Cells]]) -> dict[int, Cells]:
    """Cells by column: keys that some run has in two files at once are told apart by their file."""
    twice = set[str]()
    for files in by_values.values():
        if len(files) > 1:
            counted = Counter(key for cells in files.values() for key in cells)
            twice |= {key for key, number in counted.items() if number > 1}
    return {
        pk: {column(path, key, twice): value for path, cells in files.items() for key, value in cells.items()}
        for pk, files in by_values.items()
    }


def column(path: str, key: str, twice: set[str]) -> str:
    """A file that holds nothing but one number is a column by its own name."""
    return f"{path}:{key}" if key in twice and key else key or path


def columns(rows: Iterable[Cells]) -> dict[str, int]:
    counted = Counter(name for cells in rows for name, value in cells.items() if is_number(value))
    return dict(counted.most_common())


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def finite(value: Any) -> float:
    """The number, or NaN for everything else."""
    return float(value) if is_number(value) and math.isfinite(value) else math.nan
