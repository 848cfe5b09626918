"""Figures as Plotly's JSON. Plotly is heavy, and only who draws needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.audit.text import chart_text

GAP = 0.05


def drawn(traces: Iterable[Mapping[str, Any]], layout: Mapping[str, Any]) -> str:
    """A figure, checked by Plotly, as JSON."""
    # Plotly uses pandas and numpy where they are, even while another thread still imports them: here, they are whole.
    import pandas  # noqa: F401, PLC0415
    import plotly.graph_objects as go  # noqa: PLC0415
    from plotly import io  # noqa: PLC0415

    io.templates.default = "none"
    return str(go.Figure(data=list(traces), layout=dict(layout)).to_json())


def axis(place: int, kind: str = "y") -> str:
    """What Plotly calls the axis at this place, counted from 0."""
    return kind if place == 0 else f"{kind}{place + 1}"


def stacked(titles: Sequence[str], bottom: float = 0.0) -> dict[str, dict[str, Any]]:
    """Axes one below the other, as a layout has them; `bottom` is the share of the height that is left free below."""
    height = (1 - bottom) / len(titles)
    return {
        axis(place, "yaxis"): {
            "domain": [1 - (place + 1) * height + (GAP if place + 1 < len(titles) else 0), 1 - place * height],
            "title": {"text": chart_text(title)},
            "zeroline": False,
            "automargin": True,
        }
        for place, title in enumerate(titles)
    }


def time_axis(moments: Iterable[datetime]) -> dict[str, Any]:
    """An axis of time; round a single moment it has some days, where Plotly would show thousandths of a second."""
    distinct, around = set(moments), timedelta(days=3)
    if len(distinct) != 1:
        return {"type": "date"}
    (only,) = distinct
    return {"type": "date", "range": [(only - around).isoformat(), (only + around).isoformat()]}
