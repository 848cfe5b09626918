"""Jupyter notebooks: their cells, not what the cells printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, Json, Unknown, derive

# What a notebook of brackets takes in memory is twenty times this.
LIMIT = 10 * MEGABYTE
CODE_CELL = regex(rb'"cell_type"\s*+:\s*+"code"')


@dataclass(frozen=True)
class Cell:
    """A code cell. `line` is where it starts in the file; `outputs` counts them, `output_bytes` is their size."""

    source: str
    outputs: int
    output_bytes: int
    execution_count: int | None
    line: int | None = None


@dataclass(frozen=True)
class Notebook:
    """The code cells of one notebook; `error` says why it could not be read."""

    path: str
    cells: tuple[Cell, ...] = ()
    error: str = ""

    @property
    def outputs(self) -> int:
        return sum(cell.outputs for cell in self.cells)


@dataclass(frozen=True)
class Notebooks(Fact):
    """Every notebook outside vendored folders."""

    notebooks: tuple[Notebook, ...]
    unread: tuple[Unknown, ...]

    absent = "no notebooks"

    @classmethod
    def read(cls, tree: Tree) -> Self | None:
        derived = derive(
            (file for file in tree if file.suffix == ".ipynb" and not is_vendored(file.path)),
            parse_notebook,
            LIMIT,
        )
        if not derived.items and not derived.unread:
            return None
        return cls(tuple(to_notebook(file.path, parsed) for file, parsed in derived), derived.unread)

    def __iter__(self) -> Iterator[Notebook]:
        return iter(self.notebooks)


def to_notebook(path: str, parsed: Json) -> Notebook:
    return Notebook(path, tuple(Cell(*cell) for cell in parsed["cells"]), parsed["error"])


def parse_notebook(content: bytes) -> Json:
    """Code cells as lists in the order of Cell's fields."""
    try:
        data = json.loads(content)
        cells = list(code_cells(data))
    except (ValueError, RecursionError) as error:
        return {"cells": [], "error": f"not a notebook: {error}"}
    except (TypeError, AttributeError, KeyError):
        return {"cells": [], "error": "not a notebook: the cells are not where they should be"}
    lines = list(lines_of(CODE_CELL, content))
    if len(lines) == len(cells):
        cells = [[*cell, line] for cell, line in zip(cells, lines, strict=True)]
    return {"cells": cells, "error": ""}


def lines_of(pattern: re.Pattern[bytes], content: bytes) -> Iterator[int]:
    """The line of each match."""
    line, at = 1, 0
    for match in pattern.finditer(content):
        line += content.count(b"\n", at, match.start())
        at = match.start()
        yield line


def code_cells(data: Any) -> Iterator[list[Json]]:
    """Notebooks of format 4 have cells; format 3 had them in worksheets, with `input` for `source`."""
    cells = data["cells"] if "cells" in data else [cell for sheet in data["worksheets"] for cell in sheet["cells"]]
    for cell in cells:
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            outputs, count = cell.get("outputs") or [], cell.get("execution_count", cell.get("prompt_number"))
            size = len(json.dumps(outputs)) if outputs else 0
            yield ["".join(source), len(outputs), size, count if isinstance(count, int) else None]
