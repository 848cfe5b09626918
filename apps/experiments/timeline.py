"""A timeline as Plotly draws it: metrics over time, the best so far, and marks of releases and promotions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from apps.audit.text import chart_text
from apps.experiments.changes import Baselines
from apps.experiments.choice import Choice
from apps.experiments.drawing import GAP, axis, drawn, stacked, time_axis
from apps.experiments.models import Collection, Source
from apps.experiments.points import MOST_POINTS, best_so_far, thinned
from apps.experiments.sheet import Row, Sheet, finite, is_number

if TYPE_CHECKING:
    from pandas import Series

# Colours that stay apart for every kind of colour vision (Okabe and Ito), each with a shape of its own.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "pentagon")
OTHERS, OTHER_COLOUR = "others", "#888888"
MOST_CHANGES, LONGEST_NAME = 6, 28
STRIP = 0.08


@dataclass(frozen=True)
class Timeline:
    """What is drawn. `lower` says of each metric whether less is better."""

    sheet: Sheet
    metrics: Sequence[str]
    lower: Mapping[str, bool]
    choice: Choice
    collection: Collection | None = None

    def figure(self) -> str:
        """The figure's JSON."""
        return drawn(self.traces(), self.layout())

    def traces(self) -> Iterator[dict[str, Any]]:
        rows = {row.run.pk: row for row in self.sheet.rows}
        frame, named = self.sheet.frame(self.metrics), set[int]()
        for number, metric in enumerate(self.metrics):
            values = frame[metric]
            best = best_so_far(values.dropna(), self.lower[metric])
            best = best[best.ne(best.shift())]
            if not self.choice.against:
                yield self.best_line(best, frame["time"]) | {"yaxis": axis(number), "showlegend": number == 0}
            placed: list[list[Row]] = [[] for _ in range(len(COLOURS) + 1)]
            for pk in thinned(values, self.lower[metric], MOST_POINTS // len(self.metrics)).index:
                placed[self.place_of(rows[pk])].append(rows[pk])
            for place, chosen in enumerate(placed):
                if chosen:
                    yield self.points(metric, place, chosen) | {"yaxis": axis(number), "showlegend": place not in named}
                    named.add(place)
        if not self.choice.against:
            yield from self.marks()

    @cached_property
    def names(self) -> list[str]:
        """What colours stand for, the most frequent first."""
        counted = Counter(value_of(row, self.choice.by) for row in self.sheet.rows)
        return [name for name, _ in counted.most_common(len(COLOURS))]

    def place_of(self, row: Row) -> int:
        """The number of its colour; what is rare shares one."""
        name = value_of(row, self.choice.by)
        return self.names.index(name) if name in self.names else len(COLOURS)

    def points(self, metric: str, place: int, rows: list[Row]) -> dict[str, Any]:
        """Runs of one colour."""
        rare = place == len(COLOURS)
        return self.drawn.trace(metric, rows) | {
            "name": OTHERS if rare else chart_text(self.names[place] or "none", LONGEST_NAME),
            "legendgroup": f"{place}",
            "marker": {
                "color": OTHER_COLOUR if rare else COLOURS[place],
                "symbol": "circle-open" if rare else SHAPES[place],
                "size": 8,
            },
        }

    @cached_property
    def drawn(self) -> Points:
        return Points(self.choice.against, Baselines.of(self.sheet))

    def best_line(self, best: Series[float], times: Series[Any]) -> dict[str, Any]:
        """Steps from improvement to improvement, up to the last run."""
        last = times.iloc[-1:].tolist() if len(best) else []
        return {
            "type": "scatter",
            "mode": "lines",
            "name": "best so far",
            "legendgroup": "best",
            "x": [moment.isoformat() for moment in [*times[best.index], *last]],
            "y": [*best.tolist(), *best.iloc[-1:].tolist()],
            "line": {"shape": "hv", "width": 1.5, "dash": "dot", "color": "#888888"},
            "hoverinfo": "skip",
        }

    @property
    def kinds(self) -> dict[str, tuple[list[dict[str, Any]], str, int]]:
        """What is marked, by what it is: the events, and the shape and size of their marks."""
        if self.collection is None:
            return {}
        tags = self.collection.tags
        return {
            "release": ([tag for tag in tags if tag["kind"] == "tag"], "triangle-up", 10),
            "model": ([tag for tag in tags if tag["kind"] != "tag"], "star", 11),
            "merge": (self.collection.merges, "line-ns-open", 8),
        }

    def marks(self) -> Iterator[dict[str, Any]]:
        """Tags, models and merges, in a strip below."""
        for kind, (events, shape, size) in self.kinds.items():
            timed = [event for event in events if event["time"]]
            if timed:
                yield {
                    "type": "scatter",
                    "mode": "markers",
                    "name": kind,
                    "x": [event["time"] for event in timed],
                    "y": [0 for _ in timed],
                    "yaxis": axis(len(self.metrics)),
                    "marker": {"symbol": shape, "size": size, "color": "#888888"},
                    "text": [describe_mark(event) for event in timed],
                    "hovertemplate": "%{text}<extra></extra>",
                }

    def layout(self) -> dict[str, Any]:
        kind = {"type": "log" if self.choice.log else "linear"}
        axes = {name: each | kind for name, each in stacked(self.metrics, STRIP + GAP).items()}
        axes[axis(len(self.metrics), "yaxis")] = {
            "domain": [0, STRIP],
            "range": [-1, 1],
            "fixedrange": True,
            "showticklabels": False,
            "ticks": "",
            "showline": False,
            "showgrid": False,
            "zeroline": False,
        }
        return {
            "xaxis": self.x_axis() | {"tickangle": 0, "anchor": axis(len(self.metrics)), "zeroline": False},
            "hovermode": "closest",
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
            "margin": {"l": 56, "r": 12, "t": 40, "b": 36},
            **axes,
        }

    def x_axis(self) -> dict[str, Any]:
        """Of time, of numbers, or of names where some value is no number."""
        if not self.choice.against:
            marked = [event["time"] for events, _, _ in self.kinds.values() for event in events if event["time"]]
            times = [row.run.time for row in self.sheet.rows if row.run.time]
            return time_axis([*times, *map(datetime.fromisoformat, marked)])
        values = [row.params.get(self.choice.against) for row in self.sheet.rows]
        numbers = all(value is None or is_number(value) for value in values)
        title = {"text": chart_text(self.choice.against)}
        return {"type": "linear" if numbers else "category", "title": title, "automargin": True}


@dataclass
class Points:
    """Runs with a number for a metric, as points over time or against a param."""

    against: str
    baselines: Baselines
    changed: dict[int, list[str]] = field(default_factory=dict)

    def trace(self, metric: str, rows: list[Row]) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "markers",
            "x": [self.place_of(row) for row in rows],
            "y": [finite(row.metrics[metric]) for row in rows],
            "text": [self.describe(row, metric) for row in rows],
            "customdata": [row.run.get_absolute_url() for row in rows],
            "hovertemplate": "%{text}<extra></extra>",
        }

    def place_of(self, row: Row) -> Any:
        """Where it stands on the x-axis; runs without the param stand at none."""
        if not self.against:
            return row.run.time.isoformat() if row.run.time else None
        value = row.params.get(self.against)
        return finite(value) if value is None or is_number(value) else chart_text(str(value))

    def describe(self, row: Row, metric: str) -> str:
        run = row.run
        if run.pk not in self.changed:
            self.changed[run.pk] = list(self.changes(row))
        when = f"{run.time:%d %b %Y}" if run.time else ""
        lines = [chart_text(str(run)), f"{chart_text(metric)} {row.metrics[metric]:.6g}", *self.changed[run.pk]]
        lines += [chart_text(run.hypothesis)] if run.hypothesis else []
        return "<br>".join([*lines, chart_text(" · ".join(filter(None, [run.author, when, run.short])))])

    def changes(self, row: Row) -> Iterator[str]:
        """What params it changed, in a few lines."""
        changed = self.baselines.params(row)
        yield from (chart_text(f"{each.name}: {each.before} → {each.after}") for each in changed[:MOST_CHANGES])
        if len(changed) > MOST_CHANGES:
            yield f"and {len(changed) - MOST_CHANGES} more params"


def value_of(row: Row, by: str) -> str:
    return Source(row.run.source).label if by == "source" else str(getattr(row.run, by))


def describe_mark(event: Mapping[str, Any]) -> str:
    name = str(event.get("name", ""))
    lines = [chart_text(name), chart_text(event["subject"]), event["time"][:10]]
    return "<br>".join(filter(None, lines))
