"""The page of one run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from apps.experiments.changes import Baselines, Change, changes, moved_paths
from apps.experiments.directions import is_counter
from apps.experiments.models import Run
from apps.experiments.pictures import pictures
from apps.experiments.pipeline import stages
from apps.experiments.pipeline_picture import draw
from apps.experiments.repeats import finished, repeats
from apps.experiments.sheet import VALUES, Row, read
from apps.experiments.versions import versions
from apps.experiments.views import collection_of, directions, find
from apps.repositories import forges
from apps.repositories.models import Repository


def run(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One run: what it gave, what it changed, what was thought of it."""
    repository = find(request, pk)
    sheet = read(Run.objects.filter(repository=repository, pk=number), (*VALUES, "lineage", "pipeline"))
    if not sheet.rows:
        raise Http404
    (row,), baselines = sheet.rows, Baselines.of(sheet)
    before = baselines.before(row)
    lower = directions(repository, row.metrics) | dict.fromkeys(filter(is_counter, row.metrics))
    former = before.metrics if before else {}
    context = {
        "repository": repository,
        "run": row.run,
        "before": before,
        "metrics": [Change(name, former.get(name), value, lower[name]) for name, value in row.metrics.items()],
        "changes": changes(before.params, row.params) if before else [],
        "params": row.params,
        "reasons": baselines.reasons(row),
        "environment": moved_paths(before, row, "environment") if before else [],
        **pipeline_of(row, before),
        "versions": versions(row, before),
        "tags": tags_of(repository, row.run),
        "repeats": (again := repeats(row)),
        "finished": finished(row, again, collection_of(repository)) if baselines.reasons(row) else [],
        "plots": pictures(repository.pk, [row.run]),
        "link": forges.commit_link(repository.forge, repository.web_url, row.run.commit),
    }
    return render(request, "experiments/run.html", context)


def tags_of(repository: Repository, run: Run) -> list[dict[str, Any]]:
    """Tags that lead to the run's commit: releases, and versions and stages of models."""
    collection = collection_of(repository)
    return [tag for tag in (collection.tags if collection else []) if run.commit and tag["commit"] == run.commit]


def pipeline_of(row: Row, before: Row | None) -> dict[str, Any]:
    """The pipeline of its commit, drawn; no stages where there is none."""
    found = stages(row.pipeline, before.pipeline if before and before.run.pipeline_id else None)
    if not found:
        return {"stages": []}
    return {"stages": found, "picture": draw(found), "counts": dict(Counter(stage["state"] for stage in found))}
