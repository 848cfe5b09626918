"""Sparklines: a metric over runs, oldest first, fitted to a small box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 72, 20, 2
# More corners than this nobody sees in so narrow a box.
MOST_STRETCHES = 36
Place = tuple[float, float]


@dataclass(frozen=True)
class Spark:
    """Corners of a line in pixels from the top left; `best` is where the best number is. The words are for all."""

    corners: list[Place]
    best: Place
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def spark(metric: str, numbers: Sequence[float], lower: bool, scale: tuple[float, float] | None = None) -> Spark | None:
    """None for fewer than two numbers, which make no line. `scale` is the least and the greatest to have room for."""
    if len(numbers) < 2:
        return None
    low, high = scale or (min(numbers), max(numbers))
    best = (min if lower else max)(numbers)
    shown = thinned(numbers)
    corners = [place(position, numbers[position], len(numbers), low, high) for position in shown]
    words = f"{metric} of {len(numbers):,} runs, oldest first: {numbers[0]:.5g} to {numbers[-1]:.5g}, best {best:.5g}"
    return Spark(corners, place(numbers.index(best), best, len(numbers), low, high), words)


def thinned(numbers: Sequence[float]) -> list[int]:
    """The positions to draw: of each stretch the least and the greatest."""
    length = -(-len(numbers) // MOST_STRETCHES)
    kept = set[int]()
    for start in range(0, len(numbers), length):
        stretch = range(start, min(start + length, len(numbers)))
        kept |= {min(stretch, key=numbers.__getitem__), max(stretch, key=numbers.__getitem__)}
    return sorted(kept | {0, len(numbers) - 1})


def place(position: int, number: float, count: int, low: float, high: float) -> Place:
    # Halves, as the difference of two numbers may be more than a number holds.
    spread = high / 2 - low / 2
    share = (number / 2 - low / 2) / spread if spread else 0.5
    across = MARGIN + (WIDTH - 2 * MARGIN) * position / (count - 1)
    return round(across, 1), round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share, 1)
