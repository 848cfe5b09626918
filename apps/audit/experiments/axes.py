"""Which columns a plot shows, as a dvc.yaml says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from apps.audit.facts.dvc.definitions import flagged


class Axes(NamedTuple):
    """The columns that a plot shows; empty where it does not say."""

    x: str = ""
    y: str = ""


def stage_plots(plots: Any) -> Iterator[tuple[str, Axes]]:
    """Path, as written, and axes of each plot of a stage."""
    for _, path, flags in flagged(plots):
        if not is_matrix(flags):
            yield path, axes(flags.get("x"), flags.get("y"))


def top_level_plots(items: Iterable[Any]) -> Iterator[tuple[str, Axes]]:
    """The same of those at the top of a dvc.yaml, where `y` may name the files."""
    for item in items:
        for name, shown in item.items() if isinstance(item, dict) else ((item, None),):
            x, y = (shown.get("x"), shown.get("y")) if isinstance(shown, dict) else (None, None)
            if isinstance(shown, dict) and is_matrix(shown):
                continue
            for path, column in y.items() if isinstance(y, dict) else ((name, y),):
                yield str(path), axes(x.get(path) if isinstance(x, dict) else x, column)


def is_matrix(shown: Mapping[str, Any]) -> bool:
    """Whether it counts pairs of classes, which is no curve."""
    return str(shown.get("template") or "").startswith("confusion")


def axes(x: Any, y: Any) -> Axes:
    first = y[0] if isinstance(y, list) and y else y
    return Axes(x if isinstance(x, str) else "", first if isinstance(first, str) else "")
