"""Figures as Plotly's JSON. Plotly is heavy, and only who draws needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def drawn(traces: Iterable[Mapping[str, Any]], layout: Mapping[str, Any]) -> str:
    """A figure, checked by Plotly, as JSON."""
    # Plotly uses pandas and numpy where they are, even while another thread still imports them: here, they are whole.
    import pandas  # noqa: F401, PLC0415
    import plotly.graph_objects as go  # noqa: PLC0415
    from plotly import io  # noqa: PLC0415

    io.templates.default = "none"
    return str(go.Figure(data=list(traces), layout=dict(layout)).to_json())
