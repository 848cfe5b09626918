"""Runs as files for other programs."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from csv import writer as csv_writer
from typing import Any

from apps.experiments.models import Run
from apps.experiments.sheet import Sheet

FIELDS = (
    "key",
    "source",
    "group",
    "name",
    "commit",
    "baseline",
    "branch",
    "author",
    "time",
    "subject",
    "hypothesis",
    "result",
)
# A spreadsheet takes a text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


# Of a table with a column for every name there is, most cells are empty.
MOST_CELLS, MOST_COLUMNS = 5_000_000, 10_000


def csv(sheet: Sheet) -> str:
    """One line a run; columns of metrics and params are named `metrics.…` and `params.…`.

    Where these are too many for a table, the most frequent are there, and the last column says how many are not.
    """
    room = min(MOST_COLUMNS, MOST_CELLS // max(len(sheet.rows), 1))
    every = [("metrics", name) for name in names(sheet, "metrics")] + [("params", name) for name in sheet.params]
    columns, left_out = every[:room], max(len(every) - room, 0)
    text = io.StringIO(newline="")
    writer = csv_writer(text)
    writer.writerow(
        [*FIELDS, *(f"{kind}.{name}" for kind, name in columns), *(["columns left out"] if left_out else [])]
    )
    for row in sheet.rows:
        cells = [harmless(getattr(row, kind).get(name)) for kind, name in columns]
        writer.writerow([*map(harmless, told(row.run).values()), *cells, *([left_out] if left_out else [])])
    return text.getvalue()


def told(run: Run) -> dict[str, str | None]:
    time = run.time.isoformat() if run.time else None
    return {name: getattr(run, name) for name in FIELDS} | {"time": time}


def names(sheet: Sheet, kind: str) -> dict[str, None]:
    return dict.fromkeys(name for row in sheet.rows for name in getattr(row, kind))


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet runs: an apostrophe makes text of it."""
    if isinstance(value, str) and (value.startswith(FORMULA) or value.lstrip().startswith(FORMULA)):
        return f"'{value}"
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def as_json(sheet: Sheet) -> str:
    """A list of runs; NaN and infinities, which JSON has not, are texts."""
    runs = [
        told(row.run)
        | {kind: {name: strict(value) for name, value in getattr(row, kind).items()} for kind in ("metrics", "params")}
        for row in sheet.rows
    ]
    return json.dumps(runs, ensure_ascii=False, allow_nan=False)


def strict(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


FORMS: dict[str, tuple[str, Callable[[Sheet], str]]] = {
    "csv": ("text/csv; charset=utf-8", csv),
    "json": ("application/json", as_json),
}
