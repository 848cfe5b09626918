"""What workers do about access: try it."""

from __future__ import annotations

from typing import Any

from apps.access import credentials
from apps.jobs.worker import Running
from apps.repositories import mirror, registration
from apps.repositories.models import UNDER_WAY, Repository, State

TEST_SECONDS = 40
FINE = {State.READY, State.EMPTY, *UNDER_WAY}


def test(job: Running) -> dict[str, Any] | None:
    """Whether the server lets us list a repository's branches; if so, what waited for that is audited."""
    repository = Repository.objects.filter(pk=job.subject).first()
    if repository is None:
        return None
    try:
        with credentials.opened(repository) as access:
            mirror.look(repository.url, timeout=TEST_SECONDS, access=access)
    except mirror.Failure as failure:
        return {"works": False, "state": failure.state.label, "said": str(failure)}
    for each in helped(repository):
        registration.request_audit(each)
    return {"works": True}


def helped(repository: Repository) -> list[Repository]:
    """It, if it is in trouble, and those of its team that the same credential lets us read."""
    credential, waiting = credentials.used_for(repository), list[Repository]()
    if credential and credential.team_id:
        mine = Repository.objects.filter(team=repository.team, origin=repository.origin, state=State.NO_ACCESS)
        waiting = [each for each in mine.exclude(pk=repository.pk) if credentials.used_for(each) == credential]
    return waiting if repository.state in FINE else [repository, *waiting]
