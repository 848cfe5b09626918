"""Pages that hold runs against one another: a few side by side, and what was tried already."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.experiments import comparison
from apps.experiments.choice import Choice
from apps.experiments.comparison import Comparison
from apps.experiments.duplicates import MOST_SHOWN, duplicates
from apps.experiments.models import Run
from apps.experiments.nearest import Asked, nearest, telling, understood
from apps.experiments.pictures import pictures
from apps.experiments.sheet import Sheet, read
from apps.experiments.tried import Unreadable, parse, written
from apps.experiments.views import collection_of, directions, find
from apps.repositories.models import Repository


def tried(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether params were tried already, which runs were nearest, and what was tried more than once."""
    repository = find(request, pk)
    text = (request.POST if request.method == "POST" else request.GET).get("params", "")
    problem, asked = "", list[Asked]()
    sheet, of_run = read(repository.runs.all()), next(iter(Choice.of(request.GET).pinned), None)
    if own := [row for row in sheet.rows if row.run.pk == of_run and not text]:
        text, sheet = written(own[0].params), Sheet(tuple(row for row in sheet.rows if row not in own), sheet.beside)
    try:
        asked = understood(parse(text), sheet.params)
    except Unreadable as error:
        problem = str(error)
    metrics = telling(sheet.metrics)
    near, found = nearest(sheet, asked), duplicates(sheet, metrics[0] if metrics else "")
    context = {
        "repository": repository,
        "collection": collection_of(repository),
        "sheet": sheet,
        "text": text,
        "of_run": own[0].run if own else None,
        "problem": problem,
        "asked": asked,
        "unclear": [each for each in asked if len(each.columns) > 1],
        "unknown": [each for each in asked if not each.columns],
        "nearest": near,
        "exact": sum(not each.differing for each in near),
        "carried": any(not each.renewed for each in near),
        "metrics": metrics,
        "duplicates": found[:MOST_SHOWN],
        "duplicated": len(found),
    }
    return render(request, "experiments/tried.html", context)


def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two to six runs side by side: what they gave and what differs between them."""
    repository, asked = find(request, pk), Choice.of(request.GET).pinned
    runs = Run.objects.filter(pk__in=asked, repository__in=Repository.objects.visible_to(request.user))
    found = {run.pk: run for run in runs.select_related("repository")}
    if len(found) < len(asked):
        raise Http404
    context: dict[str, Any] = {
        "repository": repository,
        "collection": collection_of(repository),
        "asked": asked,
        "chosen": comparison.address(asked) if asked else "",
        "most": comparison.MOST,
        "strangers": [run for run in found.values() if run.repository_id != repository.pk],
    }
    if not context["strangers"] and comparison.FEWEST <= len(asked) <= comparison.MOST:
        rows = {row.run.pk: row for row in read(repository.runs.filter(pk__in=asked)).rows}
        sheet = Sheet(tuple(rows[key] for key in asked))
        metrics = comparison.names(sheet.rows)
        context["comparison"] = Comparison(sheet.rows, directions(repository, metrics))
        context["plots"] = pictures(repository.pk, [row.run for row in sheet.rows])
    return render(request, "experiments/compare.html", context)
