"""Jupyter notebooks: their cells, not what the cells printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, Json, Unknown, derive

# What a notebook of brackets takes in memory is twenty times this.
LIMIT = 10 * MEGABYTE
# What a cell printed may begin like its code.
MOST_TRIES, WIDEST_INDENT = 5, 40
CODE_CELL = regex(rb'"cell_type"\s*+:\s*+"code"')


@dataclass(frozen=True)
class Cell:
    """A code cell. `line` is where it starts in the file; `outputs` counts them, `output_bytes` is their size.

    `source_line` is that of its first line of code where each has a line of the file to itself.
    """

    source: str
    outputs: int
    output_bytes: int
    execution_count: int | None
    line: int | None = None
    source_line: int | None = None


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
        found = list(code_cells(data))
    except (ValueError, RecursionError) as error:
        return {"cells": [], "error": f"not a notebook: {error}"}
    except (TypeError, AttributeError, KeyError):
        return {"cells": [], "error": "not a notebook: the cells are not where they should be"}
    cells, sources = [cell for cell, _ in found], [source for _, source in found]
    starts = [match.start() for match in CODE_CELL.finditer(content)]
    if len(starts) != len(cells):
        return {"cells": cells, "error": ""}
    places = zip(starts, [*starts[1:], len(content)], sources, strict=False)
    lines = lines_of(content, ((start, place_of(source, content, start, end)) for start, end, source in places))
    return {"cells": [[*cell, *each] for cell, each in zip(cells, lines, strict=True)], "error": ""}


def place_of(source: Any, content: bytes, start: int, end: int) -> int | None:
    """Where the lines of a cell stand, one below the other, as notebooks are written; None where they do not."""
    if not isinstance(source, list) or not source:
        return None
    for plain in (False, True):
        written = [json.dumps(line, ensure_ascii=plain).encode("utf-8", "replace") for line in source]
        at = start
        for _ in range(MOST_TRIES):
            if (at := content.find(written[0], at, end)) < 0:
                break
            lines = content[at : at + sum(map(len, written)) + WIDEST_INDENT * len(written)].split(b"\n")
            if all(line.strip(b" \t\r,") == text for line, text in zip(lines, written, strict=False)):
                return at
            at += 1
    return None


def lines_of(content: bytes, places: Iterable[tuple[int, int | None]]) -> Iterator[list[int | None]]:
    """The lines of a cell's start and of its code."""
    line, at = 1, 0
    for start, source in places:
        line += content.count(b"\n", at, start)
        at = start
        yield [line, None if source is None else line + content.count(b"\n", start, source)]


def line_in(cell: list[Json], number: int) -> int | None:
    """The line of the file that a line of a cell's code, counted from 1, stands on; else that of the cell."""
    found = Cell(*cell)
    return found.source_line + number - 1 if found.source_line else found.line


def code_cells(data: Any) -> Iterator[tuple[list[Json], Any]]:
    """The fields of each, and its source as it is written.

    Notebooks of format 4 have cells; format 3 had them in worksheets, with `input` for `source`.
    """
    cells = data["cells"] if "cells" in data else [cell for sheet in data["worksheets"] for cell in sheet["cells"]]
    for cell in cells:
        if cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            outputs, count = cell.get("outputs") or [], cell.get("execution_count", cell.get("prompt_number"))
            size = len(json.dumps(outputs)) if outputs else 0
            yield ["".join(source), len(outputs), size, count if isinstance(count, int) else None], source
