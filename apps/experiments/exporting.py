"""Runs as files for other programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
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


def csv(sheet: Sheet) -> str:
    """One line a run; columns of metrics and params are named `metrics.…` and `params.…`."""
    import pandas as pd  # noqa: PLC0415  # heavy, and only this needs it

    lines = [
        {name: harmless(value) for name, value in told(row.run).items()}
        | {f"metrics.{name}": harmless(value) for name, value in row.metrics.items()}
        | {f"params.{name}": harmless(value) for name, value in row.params.items()}
        for row in sheet.rows
    ]
    columns = [
        *FIELDS,
        *(f"metrics.{name}" for name in names(sheet, "metrics")),
        *(f"params.{name}" for name in sheet.params),
    ]
    frame = pd.DataFrame(lines, columns=columns, dtype=object)
    return str(frame.to_csv(index=False, na_rep=""))


def told(run: Run) -> dict[str, str | None]:
    time = run.time.isoformat() if run.time else None
    return {name: getattr(run, name) for name in FIELDS} | {"time": time}


def names(sheet: Sheet, kind: str) -> dict[str, None]:
    return dict.fromkeys(name for row in sheet.rows for name in getattr(row, kind))


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet runs: an apostrophe makes text of it."""
    if isinstance(value, str) and value.startswith(FORMULA):
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
