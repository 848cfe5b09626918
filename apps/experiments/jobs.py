"""What workers do: collect the experiments of a repository that was fetched."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.audit import digests
from apps.experiments.collect import portion
from apps.experiments.models import Collection, Run
from apps.experiments.record import record
from apps.jobs.worker import Running
from apps.repositories.models import Repository


def collect(job: Running) -> dict[str, Any] | None:
    """Read what is new in the mirror's history, portion by portion; one that was kept is not read again."""
    repository = Repository.objects.filter(pk=job.subject).first()
    if repository is None or not repository.mirror.is_dir():
        return None
    collection, _ = Collection.objects.get_or_create(repository=repository)
    if collection.seen != digests.engine():  # another version may find other runs
        collection.known, collection.seen = [], digests.engine()
    complete = False
    while not complete:
        job.progress("collecting experiments", Run.objects.filter(repository=repository).count())
        commits = Run.objects.filter(repository=repository, gone_since=None).exclude(commit="")
        answer = portion(repository.mirror, collection.known, list(commits.values_list("commit", flat=True)))
        with job.fenced():
            complete = answer.complete
            if complete:
                collection.collected_at = timezone.now()
            record(repository, collection, answer)
    return {"runs": Run.objects.filter(repository=repository).count()}
