"""Numbers of a repository over its audited commits: scores, and the measures that facts offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.audit import catalog
from apps.audit.text import chart_text
from apps.experiments.drawing import drawn
from apps.scorecards.models import Scorecard

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
SCORE, MOST = "score", len(COLOURS)
LABELS = {
    SCORE: "Score",
    "testing.unit": "Unit tests",
    "testing.integration": "Integration tests",
    "testing.end_to_end": "End-to-end tests",
    "testing.data_quality": "Data tests",
    "testing.model_quality": "Model tests",
    "hygiene.notebooks_with_outputs": "Notebooks with outputs",
    "hygiene.files_over_1mb": "Files over 1 MB in git",
    "hygiene.model_binaries": "Models in git",
    "dvc.megabytes": "Data kept by DVC, in MB",
    "dvc.stages": "Stages of DVC",
    "dvc.pointers": "Files tracked by DVC",
    "precommit.hooks": "Hooks",
    "reproducibility.pinned_dependencies": "Pinned dependencies",
    "workflow.conventional_share": "Share of conventional commits",
}


def label(name: str) -> str:
    """In the words of a page; an area's score by its title."""
    area = catalog.areas().get(name.removeprefix("score."))
    return LABELS.get(name) or (f"Score of {area.title}" if area else name)


@dataclass(frozen=True)
class Audited:
    """The last scorecard of a commit, with all its numbers."""

    card: Scorecard
    numbers: dict[str, float]


def audited(cards: Iterable[Scorecard]) -> list[Audited]:
    """One for each commit, in the order of the commits."""
    last = {card.commit: card for card in sorted(cards, key=lambda card: (card.recorded_at, card.pk))}
    ordered = sorted(last.values(), key=lambda card: (card.committed_at, card.recorded_at))
    return [Audited(card, numbers(card)) for card in ordered]


def numbers(card: Scorecard) -> dict[str, float]:
    scores = {f"score.{each['area']}": each["score"] for each in card.areas}
    every = {SCORE: card.score, **scores, **card.measures}
    return {name: value for name, value in every.items() if value is not None}


def names(commits: Sequence[Audited]) -> list[str]:
    """Every number that there is: scores first, then as they are named on pages, then the rest."""
    there = dict.fromkeys(name for each in commits for name in each.numbers)
    known = [SCORE, *(f"score.{area}" for area in catalog.areas()), *LABELS]
    return [name for name in dict.fromkeys([*known, *sorted(there)]) if name in there]


def figure(commits: Sequence[Audited], shown: Sequence[str]) -> str:
    """A chart of each number below the other, as Plotly's JSON."""
    return drawn((trace(commits, name, place) for place, name in enumerate(shown)), layout(shown))


def trace(commits: Sequence[Audited], name: str, place: int) -> dict[str, Any]:
    known = [each for each in commits if name in each.numbers]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": chart_text(label(name)),
        "x": [each.card.committed_at.isoformat() for each in known],
        "y": [each.numbers[name] for each in known],
        "yaxis": "y" if place == 0 else f"y{place + 1}",
        "line": {"color": COLOURS[place], "shape": "hv", "width": 1.5},
        "marker": {"size": 6},
        "text": [f"{chart_text(label(name))} {each.numbers[name]:.5g}<br>{each.card.commit[:7]}" for each in known],
        "customdata": [each.card.get_absolute_url() for each in known],
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def layout(shown: Sequence[str]) -> dict[str, Any]:
    height, gap = 1 / len(shown), 0.06
    axes = {
        "yaxis" if place == 0 else f"yaxis{place + 1}": {
            "domain": [1 - (place + 1) * height + (gap if place + 1 < len(shown) else 0), 1 - place * height],
            "title": {"text": chart_text(label(name))},
            "rangemode": "tozero",
            "zeroline": False,
            "automargin": True,
        }
        for place, name in enumerate(shown)
    }
    last = "y" if len(shown) == 1 else f"y{len(shown)}"
    return {
        "xaxis": {"type": "date", "tickangle": 0, "anchor": last, "zeroline": False},
        "hovermode": "closest",
        "margin": {"l": 56, "r": 12, "t": 12, "b": 36},
        **axes,
    }
