"""Pages that hold runs against one another: a few side by side, and what was tried already."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.experiments import comparison
from apps.experiments.choice import Choice
from apps.experiments.comparison import Comparison
from apps.experiments.models import Run
from apps.experiments.sheet import Sheet, read
from apps.experiments.views import collection_of, directions, find
from apps.repositories.models import Repository


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
    return render(request, "experiments/compare.html", context)
