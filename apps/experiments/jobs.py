"""What workers do: collect the experiments of a repository that was fetched."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.access.fetching import require
from apps.audit import digests
from apps.audit.experiments.collecting import Asked
from apps.experiments.collect import CollectError, portion
from apps.experiments.models import Collection, Run, Source
from apps.experiments.record import record
from apps.jobs.worker import Running
from apps.repositories.models import Repository


def collect(job: Running) -> dict[str, Any] | None:
    """Read what is new in the mirror's history, portion by portion; one that was kept is not read again."""
    repository = Repository.objects.filter(pk=job.subject).first()
    if repository is None:
        return None
    if repository.head:
        require(job, repository, repository.head)
    if not repository.mirror.is_dir():
        return None
    collection, _ = Collection.objects.get_or_create(repository=repository)
    if collection.seen != digests.engine():  # another version may find other runs
        collection.known, collection.seen = [], digests.engine()
        collection.save(update_fields=["known", "seen"])
    complete = False
    while not complete:
        job.progress("collecting experiments", Run.objects.filter(repository=repository).count())
        answer = portion(repository.mirror, asked(collection))
        if not answer.complete and not answer.runs and set(answer.known) == set(collection.known):
            raise CollectError("Its history could not be read to its end: no portion leads on from where it stands.")
        with job.fenced():
            complete = answer.complete
            if complete:
                collection.collected_at = timezone.now()
            record(repository, collection, answer)
    return {"runs": Run.objects.filter(repository=repository).count()}


def asked(collection: Collection) -> Asked:
    """What is known to this version of the engine.

    The commit that a run of MLflow's names may never have been in this repository.
    """
    there = Run.objects.filter(repository=collection.repository, gone_since=None, seen=collection.seen)
    runs = there.exclude(source=Source.MLFLOW)
    kept = runs.filter(source=Source.DVC)
    commits = (tuple(each.order_by("pk").values_list("commit", flat=True)) for each in (runs, kept))
    return Asked(tuple(collection.known), *commits)
