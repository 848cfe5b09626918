"""Numbers of a repository over its audited commits: scores, and the measures that facts offer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.audit import catalog
from apps.audit.policy import Policy
from apps.audit.text import chart_text
from apps.experiments.drawing import axis, drawn, stacked, time_axis
from apps.repositories.models import Repository
from apps.scorecards.line import Line, beside, score
from apps.scorecards.models import Flip, Replayed, Scorecard

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
SCORE, MOST = "score", len(COLOURS)
# Commits that a chart has at most, and flips that one of its points tells.
MOST_POINTS, MOST_TOLD = 500, 5
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
    """A commit with all its numbers. `url` is the page of its scorecard, empty where it has none."""

    commit: str
    committed_at: datetime
    numbers: Mapping[str, float]
    url: str
    flips: Sequence[Flip]

    @property
    def author(self) -> str:
        """Who made the commit, as far as its flips tell."""
        return next((flip.author for flip in self.flips), "")


def audited(repository: Repository, policy: Policy) -> list[Audited]:
    """The commits that were judged, in the order of time.

    The present one, and what is older than the replay goes back, are as their scorecards have them.
    """
    standing = getattr(repository, "standing", None)
    if standing is None:
        return []
    cards = {card.commit: card for card in repository.scorecards.order_by("recorded_at", "pk")}
    past, present = replayed(repository, standing.scorecard.commit), standing.scorecard.commit
    others = beside(cards[present], past.get(present))
    every = {commit: (row.committed_at, replayed_numbers(row, others, policy)) for commit, row in past.items()}
    every |= {
        commit: (card.committed_at, numbers(card))
        for commit, card in cards.items()
        if commit not in past or commit == present
    }
    urls = {commit: card.get_absolute_url() for commit, card in cards.items()}
    flips = defaultdict[str, list[Flip]](list)
    for flip in repository.flips.filter(since_commit="").exclude(commit="").order_by("pk"):
        flips[flip.commit].append(flip)
    points = [Audited(commit, *each, urls.get(commit, ""), flips[commit]) for commit, each in every.items()]
    return sorted(points, key=lambda each: each.committed_at)


def replayed(repository: Repository, head: str) -> dict[str, Replayed]:
    """By id, the commits that lead to the head, the oldest first, and what is older; not those that it left behind."""
    rows = list(Replayed.objects.filter(repository=repository).order_by("-committed_at", "-pk")[:MOST_POINTS])
    line = list(Line({row.commit: row for row in rows}).back(head))
    older = [row for row in rows if line and row.committed_at < line[-1].committed_at]
    return {row.commit: row for row in reversed([*line, *older]) if not row.error}


def replayed_numbers(row: Replayed, others: Mapping[str, str], policy: Policy) -> dict[str, float]:
    total, (_, measures) = score(row, others, policy), row.unpacked
    return every_number(total.score, ((each.area, each.score) for each in total.areas), measures)


def numbers(card: Scorecard) -> dict[str, float]:
    return every_number(card.score, ((each["area"], each["score"]) for each in card.areas), card.measures)


def every_number(
    overall: float | None, areas: Iterable[tuple[str, float | None]], measures: Mapping[str, float]
) -> dict[str, float]:
    every = {SCORE: overall, **{f"score.{area}": each for area, each in areas}, **measures}
    return {name: value for name, value in every.items() if value is not None}


def names(commits: Sequence[Audited]) -> list[str]:
    """Every number that there is: scores first, then as they are named on pages, then the rest."""
    there = dict.fromkeys(name for each in commits for name in each.numbers)
    known = [SCORE, *(f"score.{area}" for area in catalog.areas()), *LABELS]
    return [name for name in dict.fromkeys([*known, *sorted(there)]) if name in there]


def figure(commits: Sequence[Audited], shown: Sequence[str]) -> str:
    """A chart of each number below the other, as Plotly's JSON."""
    return drawn((trace(commits, name, place) for place, name in enumerate(shown)), layout(commits, shown))


def trace(commits: Sequence[Audited], name: str, place: int) -> dict[str, Any]:
    known = [each for each in commits if name in each.numbers]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": chart_text(label(name)),
        "x": [each.committed_at.isoformat() for each in known],
        "y": [each.numbers[name] for each in known],
        "yaxis": axis(place),
        "line": {"color": COLOURS[place], "shape": "hv", "width": 1.5},
        "marker": {
            "size": [10 if each.flips else 5 for each in known],
            "symbol": ["diamond" if each.flips else "circle" for each in known],
        },
        "text": [f"{chart_text(label(name))} {each.numbers[name]:.5g}<br>{told(each)}" for each in known],
        "customdata": [each.url for each in known],
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }


def told(each: Audited) -> str:
    """A commit in the words of the chart: who made it, and what it changed."""
    lines = [f"{each.commit[:7]} by {chart_text(each.author)}" if each.author else each.commit[:7]]
    lines += [f"{flip.check_slug}: {flip.after.replace('_', ' ')}" for flip in each.flips[:MOST_TOLD]]
    if len(each.flips) > MOST_TOLD:
        lines.append(f"and {len(each.flips) - MOST_TOLD} more")
    return "<br>".join(lines)


def layout(commits: Sequence[Audited], shown: Sequence[str]) -> dict[str, Any]:
    axes = {name: each | {"rangemode": "tozero"} for name, each in stacked([label(name) for name in shown]).items()}
    times = time_axis(each.committed_at for each in commits)
    return {
        "xaxis": times | {"tickangle": 0, "anchor": axis(len(shown) - 1), "zeroline": False},
        "hovermode": "closest",
        "margin": {"l": 56, "r": 12, "t": 12, "b": 36},
        **axes,
    }
