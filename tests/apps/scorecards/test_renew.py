"""After an upgrade that changed the rules, all heads are judged by the new ones, once and behind all other work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.audit import digests
from apps.jobs.models import Job, Priority, Status
from apps.jobs.queue import enqueue
from apps.repositories.models import Repository, State
from apps.scorecards.models import Scorecard, Standing
from tests.apps.scorecards.conftest import work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def former(card: Scorecard) -> Scorecard:
    """What is there was judged by a former version."""
    Scorecard.objects.update(engine="former")
    Standing.objects.update(seen="former")
    Job.objects.all().delete()
    return card


def renew() -> Job:
    return work(enqueue("scorecards.renew", digests.engine(), priority=Priority.HISTORY))


def audits() -> list[int]:
    return list(Job.objects.filter(kind="scorecards.audit").values_list("priority", flat=True))


def test_what_former_rules_judged_is_judged_anew_once(former: Scorecard) -> None:
    assert renew().result == {"queued": 1}
    newest = Standing.objects.get().scorecard
    assert (newest.engine, newest.causes, newest.commit) == (digests.engine(), ["rules"], former.commit)
    assert audits() == [Priority.HISTORY]
    assert renew().result == {"queued": 0}
    assert Scorecard.objects.count() == 2


def test_an_audit_that_waits_already_is_not_asked_for_twice(former: Scorecard, repository: Repository) -> None:
    enqueue("scorecards.audit", str(repository.pk), priority=Priority.INTERACTIVE)
    renew()
    assert audits() == [Priority.INTERACTIVE]


def test_what_is_out_of_reach_is_left_alone(former: Scorecard, repository: Repository) -> None:
    Repository.objects.update(state=State.UNREACHABLE)
    assert renew().result == {"queued": 0}


def test_nothing_is_audited_while_nothing_changes(card: Scorecard, audit: Callable[[], Job]) -> None:
    """Asked by what is queued after an audit that found something new."""
    Job.objects.all().delete()
    assert audit().status == Status.SUCCEEDED
    assert not Job.objects.filter(kind="experiments.collect").exists()
