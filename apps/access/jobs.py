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
    """Whether the server lets us list a repository's branches; if so, one that is in trouble is audited."""
    repository = Repository.objects.filter(pk=job.subject).first()
    if repository is None:
        return None
    try:
        with credentials.opened(repository) as access:
            mirror.look(repository.url, timeout=TEST_SECONDS, access=access)
    except mirror.Failure as failure:
        return {"works": False, "state": failure.state.label, "said": str(failure)}
    if repository.state not in FINE:
        registration.request_audit(repository)
    return {"works": True}
