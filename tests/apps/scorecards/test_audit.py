"""From a fetch to a scorecard: what is kept, what a repeat changes, and why a score moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.jobs import claims
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.jobs.worker import perform
from apps.policies.models import SitePolicy, current
from apps.repositories import registration
from apps.repositories.example.story import commit
from apps.repositories.models import Repository, State
from apps.scorecards import engine
from apps.scorecards.models import Details, Flip, Scorecard, Standing
from apps.scorecards.report import report
from tests.apps.scorecards.conftest import BEGIN, WRITER, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SLUG = "hygiene/model-binaries"
Push: TypeAlias = Callable[..., dict[Any, str]]
Run: TypeAlias = Callable[[], Job]


def test_first_audit_makes_a_scorecard_and_a_standing(card: Scorecard, repository: Repository) -> None:
    repository.refresh_from_db()
    standing = Standing.objects.get(repository=repository)
    assert repository.state == State.READY
    assert repository.head == card.commit
    assert (standing.scorecard, standing.score, standing.grade) == (card, card.score, card.grade)
    assert card.outcomes[SLUG] == "failed"
    assert card.causes == []
    findings = {result["check"]: result["findings"] for result in card.details.results}
    assert findings[SLUG][0]["path"] == "models/m.pkl"
    assert standing.weeks[-1] == card.score
    assert len(standing.weeks) == 52


def test_the_same_again_changes_nothing(card: Scorecard, audit: Run) -> None:
    before = Scorecard.objects.values().get()
    assert audit().status == Status.SUCCEEDED
    assert Scorecard.objects.values().get() == before
    assert not Flip.objects.exclude(scorecard=None).exists()


def test_push_that_mends_is_the_repository_and_leaves_a_flip(card: Scorecard, push: Push, audit: Run) -> None:
    push([BEGIN, WRITER, commit("2024-03-01", "fix: drop model", delete=["models/m.pkl"])])
    audit()
    newest = Scorecard.objects.first()
    assert newest is not None
    assert newest.causes == ["repository"]
    assert newest.delta is not None
    assert newest.delta > 0
    flip = Flip.objects.get(check_slug=SLUG, scorecard=newest)
    assert (flip.before, flip.after) == ("failed", "passed")


def test_a_large_file_is_judged_although_it_is_left_out_of_the_mirror(
    push: Push, audit: Run, repository: Repository, settings: Settings
) -> None:
    settings.LEFT_OUT_BYTES = 1_000_000
    push([BEGIN, commit("2024-02-01", "feat: data", {"data/raw.csv": "0" * 1_100_000})])
    assert audit().status == Status.SUCCEEDED
    findings = {each["check"]: each["findings"] for each in Standing.objects.get().scorecard.details.results}
    assert findings["hygiene/data-files"][0]["message"] == "at least 1 MB of data in git"
    settings.LEFT_OUT_BYTES = 0  # an administrator wants to know all of it
    audit()
    findings = {each["check"]: each["findings"] for each in Standing.objects.get().scorecard.details.results}
    assert findings["hygiene/data-files"][0]["message"] == "1.1 MB of data in git"


def test_new_branch_is_the_context(card: Scorecard, push: Push, audit: Run) -> None:
    push([BEGIN, WRITER, commit("2024-01-05", "feat: aside", {"x": "y"}, branch="x")])
    audit()
    newest = Scorecard.objects.first()
    assert newest is not None
    assert newest.commit == card.commit
    assert newest.causes == ["context"]


def test_rules_and_a_push_are_told_apart(
    card: Scorecard, push: Push, audit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Scorecard.objects.update(engine="older")
    Standing.objects.update(seen="older")
    push([BEGIN, WRITER, commit("2024-03-01", "fix: drop model", delete=["models/m.pkl"])])
    audit()
    assert [each.causes for each in Scorecard.objects.order_by("pk")] == [[], ["rules"], ["repository"]]
    old, *new = (each.engine for each in Scorecard.objects.order_by("pk"))
    assert old == "older"
    assert len(set(new)) == 1


def test_weights_re_score_without_an_audit(card: Scorecard, repository: Repository) -> None:
    shutil.rmtree(repository.mirror)
    SitePolicy.objects.create(document={"checks": {SLUG: {"weight": 0}}})
    job = work(enqueue("scorecards.reconsider", "site"))
    assert job.result == {"rescored": 1, "queued": 0}
    newest = Scorecard.objects.first()
    assert newest is not None
    assert newest.causes == ["thresholds"]
    assert newest.details == card.details
    assert newest.score is not None
    assert card.score is not None
    assert newest.score > card.score


def test_thresholds_re_audit(card: Scorecard) -> None:
    SitePolicy.objects.create(document={"checks": {"hygiene/large-files": {"thresholds": {"megabytes": 0.001}}}})
    job = work(enqueue("scorecards.reconsider", "site"))
    assert job.result == {"rescored": 0, "queued": 1}
    newest = Scorecard.objects.first()
    assert newest is not None
    assert (newest.causes, newest.outcomes["hygiene/large-files"]) == (["thresholds"], "failed")


def test_policy_that_is_taken_back_brings_the_former_scorecard_back(card: Scorecard) -> None:
    row = SitePolicy.objects.create(document={"checks": {SLUG: {"weight": 0}}})
    work(enqueue("scorecards.reconsider", "site"))
    row.document = {}
    row.save()
    work(enqueue("scorecards.reconsider", "site"))
    assert Standing.objects.get().scorecard_id == card.pk
    assert Scorecard.objects.count() == 2


def test_scorecard_that_comes_back_tells_only_what_changed_this_time(card: Scorecard, repository: Repository) -> None:
    row = SitePolicy.objects.create()
    for megabytes in (0.001, 10, 0.001):
        row.document = {"checks": {"hygiene/large-files": {"thresholds": {"megabytes": megabytes}}}}
        row.save()
        work(enqueue("scorecards.reconsider", "site"))
    shown = report(repository, Standing.objects.get().scorecard, current())
    assert [(flip.check_slug, flip.after) for flip in shown.moved] == [("hygiene/large-files", "failed")]


def test_policy_that_changes_during_an_audit_is_applied_after_it(
    push: Push, audit: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    push([BEGIN, WRITER])
    judge = engine.audit

    def judge_while_an_administrator_saves(*arguments: Any) -> Any:
        answer = judge(*arguments)
        SitePolicy.objects.get_or_create(document={"checks": {SLUG: {"weight": 0}}})
        return answer

    monkeypatch.setattr(engine, "audit", judge_while_an_administrator_saves)
    assert audit().status == Status.SUCCEEDED
    assert Standing.objects.get().scorecard.policy == current().digest


def test_audit_that_was_given_to_another_worker_leaves_the_state_to_it(
    push: Push, audit: Run, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    push([BEGIN])
    judge = engine.audit

    def judge_for_too_long(*arguments: Any) -> Any:
        Job.objects.update(fence=100)
        return judge(*arguments)

    monkeypatch.setattr(engine, "audit", judge_for_too_long)
    assert audit().status == Status.RUNNING
    repository.refresh_from_db()
    assert repository.state == State.AUDITING


def test_a_look_that_finds_nothing_new_still_counts_the_weeks(card: Scorecard, audit: Run) -> None:
    Standing.objects.update(audited_at=timezone.now() - timedelta(weeks=3))
    audit()
    standing = Standing.objects.get()
    assert standing.weeks[-4:] == [card.score] * 4
    assert timezone.now() - standing.audited_at < timedelta(minutes=1)


def test_empty_repository_is_a_state_and_not_a_zero(push: Push, audit: Run, repository: Repository) -> None:
    push([])
    assert audit().status == Status.SUCCEEDED
    repository.refresh_from_db()
    assert repository.state == State.EMPTY
    assert not Scorecard.objects.exists()


def test_lost_origin_keeps_the_last_result(card: Scorecard, audit: Run, repository: Repository, origin: Path) -> None:
    shutil.rmtree(origin)
    assert audit().status == Status.QUEUED  # to be tried again
    repository.refresh_from_db()
    assert repository.state == State.UNREACHABLE
    assert repository.state_detail
    assert Standing.objects.get().scorecard == card


def test_audit_that_takes_too_long_fails_by_name(
    push: Push, audit: Run, repository: Repository, settings: Settings
) -> None:
    push([BEGIN])
    settings.AUDIT_SECONDS = 0.01
    job = audit()
    assert "more than 0.01 seconds" in job.error
    repository.refresh_from_db()
    assert repository.state == State.FAILED


def test_damaged_mirror_is_made_anew_by_the_next_attempt(card: Scorecard, audit: Run, repository: Repository) -> None:
    pack = next((repository.mirror / "objects/pack").glob("*.pack"))
    content = bytearray(pack.read_bytes())
    content[12:-20] = bytes(byte ^ 255 for byte in content[12:-20])
    pack.chmod(0o644)
    pack.write_bytes(content)
    Standing.objects.update(seen="")
    job = audit()
    while job.status == Status.QUEUED:
        Job.objects.update(run_after=timezone.now())
        job = work(job)
    assert job.status == Status.SUCCEEDED, job.error
    repository.refresh_from_db()
    assert repository.state == State.READY
    assert Scorecard.objects.get() == card


def test_removing_a_repository_removes_what_was_kept_of_it(card: Scorecard, repository: Repository) -> None:
    registration.remove(repository)
    assert not Standing.objects.exists()
    assert not Details.objects.exists()
    while claim := claims.claim("test"):
        perform(claim)
    assert not repository.mirror.exists()


def test_removed_repository_ends_its_job_in_peace(repository: Repository, audit: Run) -> None:
    job = enqueue("scorecards.audit", str(repository.pk))
    repository.delete()
    assert work(job).status == Status.SUCCEEDED


def test_that_it_is_out_of_reach_is_noted_once_until_it_can_be_read(
    card: Scorecard, origin: Path, audit: Run, repository: Repository
) -> None:
    away = origin.rename(origin.with_name("away.git"))
    audit()
    repository.refresh_from_db()
    since = repository.unreachable_since
    assert since is not None
    Job.objects.all().delete()
    audit()
    repository.refresh_from_db()
    assert repository.unreachable_since == since
    away.rename(origin)
    Job.objects.all().delete()
    assert audit().status == Status.SUCCEEDED
    assert Repository.objects.filter(unreachable_since=None, backing_off_since=None).exists()
