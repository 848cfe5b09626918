"""The curves of some runs over each other, as Plotly draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apps.audit.text import chart_text
from apps.experiments.drawing import drawn
from apps.experiments.models import Plot, Run
from apps.experiments.timeline import COLOURS, LONGEST_NAME


def curves(path: str, runs: Sequence[Run], plots: Iterable[Plot]) -> str:
    """The figure's JSON: for each run that has a curve at this path, a line."""
    by_digest = {plot.digest: plot.curve for plot in plots if plot.kind == "curve"}
    shown = [(run, by_digest[run.plots[path]]) for run in runs if run.plots.get(path) in by_digest]
    named = shown[0][1] if shown else {"x": "", "y": ""}
    layout = {
        "xaxis": {"title": {"text": chart_text(named["x"])}, "zeroline": False, "automargin": True},
        "yaxis": {"title": {"text": chart_text(named["y"])}, "zeroline": False, "automargin": True},
        "hovermode": "closest",
        "showlegend": len(runs) > 1,
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        "margin": {"l": 56, "r": 12, "t": 28, "b": 40},
    }
    return drawn((trace(run, curve, place) for place, (run, curve) in enumerate(shown)), layout)


def trace(run: Run, curve: dict[str, Any], place: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": chart_text(f"{run} {run.short}", LONGEST_NAME),
        "x": [x for x, _ in curve["points"]],
        "y": [y for _, y in curve["points"]],
        "line": {"color": COLOURS[place % len(COLOURS)], "width": 1.5},
    }
