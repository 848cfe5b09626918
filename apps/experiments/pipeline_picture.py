"""Where the boxes and lines of a pipeline's picture stand: sources on the left, what reads them to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BOX_WIDTH, BOX_HEIGHT, GAP_ACROSS, GAP_DOWN, MARGIN = 168, 44, 56, 16, 2
LONGEST_NAME, MOST_LINES = 22, 2000
Stage = Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    """One stage. `name` is shortened to what fits."""

    stage: Stage
    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """Boxes, and lines as paths of SVG, in pixels."""

    width: int
    height: int
    boxes: Sequence[Box]
    lines: Sequence[str]


def draw(stages: Sequence[Stage]) -> Picture:
    """A column for each step away from the sources; stages that wait for each other share one."""
    columns = dict[int, list[int]]()
    for position, column in enumerate(depths(stages)):
        columns.setdefault(column, []).append(position)
    tallest = max(map(len, columns.values()))
    height = tallest * (BOX_HEIGHT + GAP_DOWN) - GAP_DOWN + 2 * MARGIN
    boxes = dict[int, Box]()
    for column, positions in columns.items():
        above = (height - len(positions) * (BOX_HEIGHT + GAP_DOWN) + GAP_DOWN) // 2
        for row, position in enumerate(positions):
            x, y = MARGIN + column * (BOX_WIDTH + GAP_ACROSS), above + row * (BOX_HEIGHT + GAP_DOWN)
            boxes[position] = Box(stages[position], shortened(stages[position]["name"]), x, y)
    lines = [
        line(boxes[source], boxes[position])
        for position, stage in enumerate(stages)
        for source in stage["sources"]
        if source in boxes and source != position
    ][:MOST_LINES]
    width = (max(columns) + 1) * (BOX_WIDTH + GAP_ACROSS) - GAP_ACROSS + 2 * MARGIN
    return Picture(width, height, [boxes[position] for position in sorted(boxes)], lines)


def depths(stages: Sequence[Stage]) -> list[int]:
    """For each stage, how many steps the longest way from a source to it has; those in a cycle come last."""
    sources = [{each for each in stage["sources"] if each < len(stages)} - {at} for at, stage in enumerate(stages)]
    readers: list[list[int]] = [[] for _ in stages]
    for position, each in enumerate(sources):
        for source in each:
            readers[source].append(position)
    found, waiting = [0] * len(stages), list(map(len, sources))
    ready = [position for position, count in enumerate(waiting) if not count]
    for position in ready:
        for reader in readers[position]:
            found[reader] = max(found[reader], found[position] + 1)
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    last = max((found[position] for position in ready), default=-1) + 1
    return [last if waiting[position] else depth for position, depth in enumerate(found)]


def shortened(name: str) -> str:
    """The end of a long name says more than its beginning."""
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"


def line(source: Box, target: Box) -> str:
    x1, y1 = source.x + BOX_WIDTH, source.y + BOX_HEIGHT // 2
    x2, y2 = target.x, target.y + BOX_HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
