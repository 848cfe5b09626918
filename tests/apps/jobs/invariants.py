"""What holds after every fault, whatever died: one checker for all tests of faults."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from django.db.models import Count

from apps.jobs.models import Job, Status
from apps.repositories.models import Repository, State
from apps.scorecards.models import Flip, Scorecard, Standing
from tests.apps.jobs.conftest import wait_until
from tests.apps.jobs.processes import ours


def assert_all_is_well() -> None:
    """Nothing was given up wrongly, or recorded twice, by halves or without a cause. What runs still may go on."""
    assert_bad_ends_have_a_reason()
    assert_scorecards_are_whole()
    for repository in Repository.objects.filter(standing__isnull=False):
        assert_it_stands_where_it_should(repository)


def assert_bad_ends_have_a_reason() -> None:
    """A fault is never the subject's own: jobs die of it after three attempts, and none is given up as hopeless."""
    assert not Job.objects.filter(status__in=(Status.FAILED, Status.CANCELLED)).values("kind", "error")
    for job in Job.objects.filter(status=Status.DEAD):
        assert (job.attempts, bool(job.reason)) == (3, True), job.error


def assert_scorecards_are_whole() -> None:
    twice = Scorecard.objects.values("repository", "commit", "context", "engine", "policy").annotate(Count("pk"))
    assert not twice.order_by().filter(pk__count__gt=1)
    shown = Flip.objects.filter(scorecard__isnull=False)
    assert not shown.values("scorecard", "check_slug").annotate(Count("pk")).order_by().filter(pk__count__gt=1)
    for card in Scorecard.objects.select_related("details"):
        assert card.complete
        assert {result["check"]: result["outcome"] for result in card.details.results} == card.outcomes
        assert card.details.found["facts"]


def assert_it_stands_where_it_should(repository: Repository) -> None:
    standing = Standing.objects.get(repository=repository)
    cards = list(Scorecard.objects.filter(repository=repository).order_by("recorded_at", "pk"))
    same = ("score", "grade", "outcomes", "areas", "delta")
    assert (repository.state, repository.notice) == (State.READY, "")
    assert (standing.scorecard, standing.scorecard.commit) == (cards[-1], repository.head)
    assert [getattr(standing, name) for name in same] == [getattr(cards[-1], name) for name in same]
    for before, after in pairwise(cards):
        assert after.causes or after.outcomes == before.outcomes
        flips = {flip.check_slug: (flip.before, flip.after) for flip in after.flips.all()}
        assert flips == {
            slug: (before.outcomes[slug], outcome)
            for slug, outcome in after.outcomes.items()
            if slug in before.outcomes and before.outcomes[slug] != outcome
        }


def assert_judged_alike(repository: Repository, undisturbed: Repository) -> None:
    """That what happened to the one has not moved its score."""
    one, other = (Standing.objects.get(repository=each).scorecard for each in (repository, undisturbed))
    same = ("commit", "context", "engine", "policy", "score", "outcomes", "measures")
    assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]


def assert_no_process_is_left(folder: Path) -> None:
    wait_until(lambda: not ours(folder))
