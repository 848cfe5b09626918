"""Keeps what was collected. Call inside one (fenced) transaction; the same portion again changes nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import or_
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.experiments.answer import Answer, RunForm
from apps.experiments.grouping import group_by
from apps.experiments.improvements import compare
from apps.experiments.models import Collection, GroupPattern, Plot, Run, Source, Values
from apps.repositories.models import Repository

T = TypeVar("T")
BATCH, MOST_MERGES = 500, 1000
# What a later look at the same run may tell anew.
OWN = {"id", "repository", "key", "headline", "value", "gain"}
TOLD = [field.name for field in Run._meta.concrete_fields if field.name not in OWN]


def record(repository: Repository, collection: Collection, answer: Answer) -> None:
    """A portion's runs, and how far we are."""
    kept = keep_values(repository, answer)
    keep_plots(repository, answer)
    patterns = GroupPattern.of(repository)
    runs = [to_run(collection, form, kept, patterns) for form in answer.runs]
    remember_branches(repository, runs)
    Run.objects.bulk_create(
        runs, batch_size=BATCH, update_conflicts=True, unique_fields=["repository", "key"], update_fields=TOLD
    )
    collection.known, collection.open_branches = answer.known, answer.open
    collection.tags = [tag.model_dump() for tag in answer.tags]
    fresh = [merge.model_dump() for merge in answer.merges]
    commits = {merge["commit"] for merge in fresh}
    merges = fresh + [each for each in collection.merges if each["commit"] not in commits]
    collection.merges = sorted(merges, key=lambda merge: str(merge["time"]), reverse=True)[:MOST_MERGES]
    collection.save(update_fields=["known", "open_branches", "tags", "merges", "collected_at"])
    mark_gone(collection, answer)
    if answer.complete:
        compare(repository)
        forget_unused(repository)


def keep_values(repository: Repository, answer: Answer) -> dict[str, int]:
    """The row of each digest."""
    rows = (Values(repository=repository, digest=key, packed=Values.pack(each)) for key, each in answer.values.items())
    Values.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    kept = Values.objects.filter(repository=repository).values_list("digest", "pk")
    return {digest: pk for digest, pk in kept.iterator() if digest in answer.values}


def keep_plots(repository: Repository, answer: Answer) -> None:
    rows = (
        Plot(repository=repository, digest=digest, kind=each.kind, packed=Plot.pack(each.model_dump()))
        for digest, each in answer.plots.items()
    )
    Plot.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def to_run(collection: Collection, form: RunForm, kept: dict[str, int], patterns: Iterable[str]) -> Run:
    told: dict[str, Any] = form.model_dump(exclude={"id", "time", "metrics", "params", "lineage", "pipeline"})
    told["group"] = group_by(patterns, [form.branch, form.name]) or form.group
    return Run(
        repository=collection.repository,
        key=form.id,
        seen=collection.seen,
        time=datetime.fromisoformat(form.time) if form.time else None,
        metrics_id=kept[form.metrics],
        params_id=kept[form.params],
        lineage_id=kept[form.lineage],
        pipeline_id=kept[form.pipeline],
        **told,
    )


def remember_branches(repository: Repository, runs: Iterable[Run]) -> None:
    """A commit stays on the branch on which it was first seen: once it is merged, git no longer tells."""
    unplaced = {run.key: run for run in runs if not run.branch}
    for keys in batched(list(unplaced)):
        known = Run.objects.filter(repository=repository, key__in=keys).exclude(branch="")
        for key, branch in known.values_list("key", "branch"):
            unplaced[key].branch = branch


def mark_gone(collection: Collection, answer: Answer) -> None:
    """Note what no ref leads to any more. Nothing is deleted: somebody has tried it, whatever became of the branch.

    Once all was read anew, what another version of the engine had found and this one did not is gone, too.
    """
    present = Run.objects.filter(repository=collection.repository_id, gone_since=None)
    of_mlflow, now = present.filter(source=Source.MLFLOW), timezone.now()
    for commits in batched(answer.gone):
        present.exclude(source=Source.MLFLOW).filter(commit__in=commits).update(gone_since=now)
    if answer.saw_mlflow:
        unseen = set(of_mlflow.values_list("key", flat=True)) - {form.id for form in answer.runs}
        for keys in batched(list(unseen)):
            of_mlflow.filter(key__in=keys).update(gone_since=now)
    if answer.complete:
        present.exclude(source=Source.MLFLOW).exclude(seen=collection.seen).update(gone_since=now)


def forget_unused(repository: Repository) -> None:
    """Delete the values and plots that no run has any more, now that they were told anew."""
    runs = Run.objects.filter(repository=repository)
    kinds = ("metrics", "params", "lineage", "pipeline")
    own = Values.objects.filter(repository=repository)
    unused = own.exclude(functools.reduce(or_, (Exists(runs.filter(**{kind: OuterRef("pk")})) for kind in kinds)))
    for keys in batched(list(unused.values_list("pk", flat=True))):
        Values.objects.filter(pk__in=keys).only("pk").delete()
    shown = {digest for plots in runs.values_list("plots", flat=True).iterator() for digest in plots.values()}
    plots = Plot.objects.filter(repository=repository)
    for digests in batched(list(set(plots.values_list("digest", flat=True)) - shown)):
        plots.filter(digest__in=digests).only("pk").delete()


def batched(items: list[T]) -> Iterator[list[T]]:
    """As many at a time as one query takes."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
