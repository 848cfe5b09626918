"""The page of one experiment: all runs of one source and name, or of one branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.experiments.changes import Baselines, Change, changes
from apps.experiments.models import Run, Source
from apps.experiments.nearest import telling
from apps.experiments.repeats import finished, repeats
from apps.experiments.sheet import UNSHOWN, Row, read
from apps.experiments.sparks import spark
from apps.experiments.summary import summarise
from apps.experiments.table import Table
from apps.experiments.views import PER_PAGE, collection_of, directions, find

TELLING = ("hypothesis", "result")


def experiment(request: HttpRequest, pk: int) -> HttpResponse:
    """What it set out from, what it gave at best, and its runs."""
    repository = find(request, pk)
    told = ("branch",) if request.GET.get("branch") else ("source", "group", "name")
    asked = {name: request.GET.get(name, "").replace("\0", "")[:200] for name in told}
    sheet = read(Run.objects.filter(repository=repository, **asked).defer(*UNSHOWN))
    if not sheet.rows:
        raise Http404
    last, first, baselines = sheet.rows[0], sheet.rows[-1], Baselines.of(sheet)
    before, metrics = baselines.before(first), telling(sheet.metrics)
    if last.run.headline in metrics:  # what the project goes by, whatever is most frequent here
        metrics = list(dict.fromkeys([last.run.headline, *metrics]))
    lower = directions(repository, metrics)
    summary = summarise(sheet, metrics[0], lower[metrics[0]]) if metrics else None
    own = {row.run.pk for row in sheet.rows}
    again = [other for other in repeats(last) if other.pk not in own]
    context: dict[str, Any] = {
        "repository": repository,
        "title": asked.get("branch") or str(last.run),
        "last": last.run,
        "runs": len(sheet.rows),
        "authors": sorted({row.run.author for row in sheet.rows if row.run.author}),
        "first": first.run,
        "state": state(last.run, getattr(collection_of(repository), "open_branches", [])),
        "told": {name.capitalize(): latest(sheet.rows, name) for name in TELLING if latest(sheet.rows, name)},
        "before": before,
        "changes": changes(before.params, last.params) if before else [],
        "summary": summary,
        "repeats": again,
        "finished": finished(last, again, collection_of(repository)) if tries(sheet.rows, baselines) else [],
        "table": Table.of(sheet, metrics, lower).page(request.GET.get("page"), PER_PAGE),
    }
    if summary:
        name, values = summary.metric, [value for _, value in sheet.series(summary.metric)]
        context["trend"] = spark(name, values, lower[name])
        context["gain"] = Change(name, before.metrics.get(name), summary.value, lower[name]) if before else None
    return render(request, "experiments/experiment.html", context)


def tries(rows: Sequence[Row], baselines: Baselines) -> bool:
    """Whether one of its last runs tries something: a branch that only was opened repeats what it set out from."""
    return any(baselines.reasons(row) for row in rows[:PER_PAGE])


def latest(rows: Sequence[Row], name: str) -> str:
    """What was last said of it."""
    return next((text for row in rows if (text := str(getattr(row.run, name)))), "")


def state(run: Run, open_branches: list[str]) -> str:
    """Whether its branch is open, merged or gone; empty where nobody would ask."""
    if run.gone_since:
        return "gone"
    if run.branch in open_branches:
        return "open"
    return "merged" if run.source == Source.BRANCH else ""
