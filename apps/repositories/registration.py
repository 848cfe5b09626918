"""How a repository comes under watch, is audited on request, and leaves again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.accounts.models import Team, User
from apps.jobs import queue, schedule
from apps.jobs.models import ACTIVE, Job, Priority, Status
from apps.repositories import audits
from apps.repositories.address import Address
from apps.repositories.audits import AUDIT
from apps.repositories.example.build import build
from apps.repositories.models import Repository, State

REMOVE_MIRROR = "repositories.remove_mirror"


@transaction.atomic
def register(team: Team, source: Address, *, tags: Sequence[str] = (), by: User) -> Repository:
    """The team's repository at this address: watched from now on, unless it was already."""
    repository, created = Repository.objects.get_or_create(
        team=team,
        identity=source.identity,
        defaults={
            "name": source.name[:100],
            "url": source.url,
            "origin": source.origin,
            "forge": source.forge,
            "web_url": source.web_url,
            "created_by": by,
        },
    )
    if created:
        repository.tag(tags)
        request_audit(repository)
        audits.plan(repository)
    return repository


def example() -> Address:
    """Where the repository that mlhealth brings along is, once a worker has built it."""
    name = "churn-model"
    path = str((Path(settings.EXAMPLES) / f"{name}.git").resolve())
    return Address(url=path, name=name, identity=path)


def build_example(repository: Repository) -> None:
    """Build the example if it is asked for and not there; this runs git, so only a worker may."""
    path = Path(repository.url)
    if repository.url == example().url and not path.exists():
        build(path)


def request_audit(repository: Repository) -> None:
    """Audit it before all that nobody waits for."""
    with transaction.atomic():
        job = queue.enqueue(AUDIT, str(repository.pk), priority=Priority.INTERACTIVE)
        if job.status == Status.QUEUED:
            repository.enter(State.QUEUED)
        audits.be_patient_again(repository)


@transaction.atomic
def remove(repository: Repository) -> None:
    """Forget a repository and its scorecards; a worker removes its mirror."""
    subject = str(repository.pk)
    schedule.stop(AUDIT, subject)
    for job in Job.objects.filter(kind=AUDIT, subject=subject, status__in=ACTIVE):
        queue.cancel(job)
    queue.enqueue(REMOVE_MIRROR, subject)
    repository.delete()
