"""Runs side by side: their metrics and params as columns."""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from apps.experiments.models import Run, Source, Values

if TYPE_CHECKING:
    from pandas import DataFrame

Cells = dict[str, Any]
VALUES = ("metrics", "params")
# What neither pages nor files show of many runs.
UNSHOWN = ("sources", "stated", "changes", "notes", "plots")
BATCH = 5000
# What a page reads of many runs: so many metrics, and as many params. Files, and what workers note, may take more.
MOST_CELLS, MOST_CELLS_OF_FILES = 300_000, 1_000_000


@dataclass(frozen=True)
class Row:
    """A run with its values by column, and hashes of what it was made from by kind and path."""

    run: Run
    stock: Stock

    @property
    def is_read(self) -> bool:
        """Whether its metrics and params are here: not where all have too many together."""
        return self.stock.left_out.isdisjoint((self.run.metrics_id, self.run.params_id))

    @property
    def metrics(self) -> Cells:
        return self.stock.metrics[self.run.metrics_id]

    @property
    def params(self) -> Cells:
        return self.stock.params[self.run.params_id]

    @property
    def lineage(self) -> dict[str, Cells]:
        return self.stock.lineage(self.run)

    @property
    def pipeline(self) -> dict[str, Cells]:
        """Only of runs that were read with it; empty where nothing is known."""
        return unpack(self.stock.packed[self.run.pipeline_id]) if self.run.pipeline_id else {}


@dataclass(frozen=True)
class Sheet:
    """Runs in the order that was asked for, and beside them those that they build on.

    A column is a key; with its file, where one run has it in two.
    """

    rows: tuple[Row, ...]
    beside: tuple[Row, ...] = ()

    @property
    def unread(self) -> int:
        """How many of the runs, the last ones, have no values here, as all have too many together."""
        return sum(not row.is_read for row in self.rows)

    @cached_property
    def metrics(self) -> dict[str, int]:
        """Each metric with the number of runs that have a number for it, the most frequent first."""
        return columns(row.metrics for row in self.rows)

    @cached_property
    def params(self) -> dict[str, int]:
        """Each param with the number of runs that have it, the most frequent first."""
        return dict(Counter(name for row in self.rows for name in row.params).most_common())

    def series(self, metric: str) -> list[tuple[Row, float]]:
        """The runs with a date and a finite number for the metric, oldest first; of one moment in their order."""
        numbers = ((row, finite(row.metrics.get(metric))) for row in reversed(self.rows))
        dated = [(time, row, value) for row, value in numbers if (time := row.run.time) and value == value]
        return [(row, value) for _, row, value in sorted(dated, key=lambda each: each[0])]

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


@dataclass
class Stock:
    """Values of some runs. They are unpacked when somebody asks, as most pages show but a few.

    Of `most` cells together: what comes after these is empty.
    """

    runs: list[Run]
    packed: dict[int, bytes]
    most: int
    lineages: dict[int, dict[str, Cells]] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[int, Cells]:
        return self.metrics_and_rest[0]

    @property
    def params(self) -> dict[int, Cells]:
        return self.params_and_rest[0]

    @cached_property
    def left_out(self) -> set[int]:
        return self.metrics_and_rest[1] | self.params_and_rest[1]

    @cached_property
    def metrics_and_rest(self) -> tuple[dict[int, Cells], set[int]]:
        return self.opened(run.metrics_id for run in self.runs)

    @cached_property
    def params_and_rest(self) -> tuple[dict[int, Cells], set[int]]:
        return self.opened(run.params_id for run in self.runs)

    def opened(self, keys: Iterable[int]) -> tuple[dict[int, Cells], set[int]]:
        """The cells of these, in their order, and those that had no more room."""
        found, rest, room = dict[int, dict[str, Cells]](), set[int](), self.most
        for pk in dict.fromkeys(keys):
            if room < 0:
                rest.add(pk)
            found[pk] = {} if room < 0 else unpack(self.packed[pk])
            room -= sum(map(len, found[pk].values()))
        return apart(found), rest

    def lineage(self, run: Run) -> dict[str, Cells]:
        if run.lineage_id not in self.lineages:
            self.look_at(self.runs)
        return self.lineages[run.lineage_id]

    def look_at(self, runs: Iterable[Run]) -> None:
        """Read the lineages of these runs at once, before somebody asks for each."""
        wanted = {run.lineage_id for run in runs} - self.lineages.keys()
        self.packed |= by_key(wanted - self.packed.keys())
        self.lineages |= {pk: unpack(self.packed[pk]) for pk in wanted}


def read(runs: QuerySet[Run], values: Iterable[str] = VALUES, most: int = MOST_CELLS) -> Sheet:
    """The runs, those that they build on, and these of their values, at most so many; lineages may come later."""
    found = list(runs)
    beside = list(baselines(found))
    every, same = [*found, *beside], runs.order_by()
    asked = Q(pk__in=[getattr(run, f"{kind}_id") for run in beside for kind in values])
    for kind in values:
        asked |= Q(pk__in=same.values(kind))
    packed = {pk: bytes(each) for pk, each in Values.objects.filter(asked).values_list("pk", "packed").iterator()}
    # A job may have told some of the runs anew in between.
    packed |= by_key({pk for run in every for pk in (run.metrics_id, run.params_id)} - packed.keys())
    stock = Stock(every, packed, most)
    return Sheet(tuple(Row(run, stock) for run in found), tuple(Row(run, stock) for run in beside))


def baselines(runs: list[Run]) -> Iterator[Run]:
    """The runs that these build on and that are not among them."""
    wanted = list({run.builds_on for run in runs} - {run.commit for run in runs} - {""})
    for start in range(0, len(wanted), BATCH):
        others = Run.objects.filter(repository=runs[0].repository_id, commit__in=wanted[start : start + BATCH])
        yield from others.exclude(source=Source.MLFLOW).defer(*UNSHOWN)


def by_key(wanted: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    keys = list(wanted)
    for start in range(0, len(keys), BATCH):
        found = Values.objects.filter(pk__in=keys[start : start + BATCH]).values_list("pk", "packed")
        yield from ((pk, bytes(packed)) for pk, packed in found)


def unpack(packed: bytes) -> dict[str, Cells]:
    return dict(json.loads(zlib.decompress(packed).decode()))


def apart(by_values: Mapping[int, dict[str, Cells]]) -> dict[int, Cells]:
    """Cells by column: keys that some run has in two files at once are told apart by their file."""
    twice = set[str]()
    for files in by_values.values():
        if len(files) > 1:
            counted = Counter(key for cells in files.values() for key in cells)
            twice |= {key for key, number in counted.items() if number > 1}
    return {pk: together(files, twice) for pk, files in by_values.items()}


def together(files: dict[str, Cells], twice: set[str]) -> Cells:
    """The cells of all files."""
    if len(files) == 1:
        (cells,) = files.values()
        if "" not in cells and twice.isdisjoint(cells):
            return cells
    return {column(path, key, twice): value for path, cells in files.items() for key, value in cells.items()}


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
