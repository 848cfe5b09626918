"""Reports that are due, made once and posted once to each recipient, whatever dies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from apps.accounts.models import Membership, Role, Team, User
from apps.jobs import claims, schedule
from apps.jobs.models import Job, Status
from apps.jobs.queue import enqueue
from apps.jobs.when import When
from apps.jobs.worker import perform
from apps.outbox.models import Channel, Kind, Message
from apps.reports.issue import contents_of, issue, last_turn
from apps.reports.models import Edition, Report, Scope
from apps.repositories.models import Repository
from tests.apps.reports.conftest import WEEKLY
from tests.apps.reports.fleet import MONDAY, audited, days, watch

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def work() -> None:
    """Do every job that is ready, but deliver nothing."""
    Job.objects.exclude(kind="reports.issue").delete()
    while claim := claims.claim("test"):
        perform(claim)


@pytest.mark.parametrize(
    ("cron", "now", "turn"),
    [
        ("0 7 * * 1", "2026-11-30T07:00", "2026-11-30T07:00"),
        ("0 7 * * 1", "2026-12-03T12:00", "2026-11-30T07:00"),
        ("0 7 * * 1", "2026-11-30T06:59", "2026-11-23T07:00"),
        ("*/10 * * * *", "2026-11-30T07:19", "2026-11-30T07:10"),
        ("0 7 1 * *", "2026-11-30T12:00", "2026-11-01T07:00"),
        ("0 7 1 1 *", "2026-11-30T12:00", "2026-01-01T07:00"),
        ("0 7 29 2 *", "2026-11-30T12:00", "2024-02-29T07:00"),
    ],
)
def test_the_period_ends_at_the_turn_however_late_the_job_is(cron: str, now: str, turn: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert last_turn(When(cron, "UTC"), at) == datetime.fromisoformat(turn).replace(tzinfo=UTC)


def test_turns_are_those_of_the_zone() -> None:
    """Seven in Berlin is six in winter and five in summer."""
    berlin = When(WEEKLY, "Europe/Berlin")
    assert last_turn(berlin, datetime(2026, 10, 28, tzinfo=UTC)) == datetime(2026, 10, 26, 6, tzinfo=UTC)
    assert last_turn(berlin, datetime(2026, 10, 24, tzinfo=UTC)) == datetime(2026, 10, 19, 5, tzinfo=UTC)


def test_a_due_schedule_ends_in_one_message_for_each_recipient(report: Report, churn: Repository) -> None:
    report.channels.add(Channel.objects.create(team=report.team, kind=Kind.EMAIL, label="b", target="b@example.org"))
    schedule.plan("reports.issue", str(report.pk), report.when)
    due = report.when.after(timezone.now())
    assert schedule.tick(due) == 1
    work()
    edition = report.editions.get()
    assert edition.until == last_turn(report.when, timezone.now())
    posted = Message.objects.filter(channel__team=report.team)
    assert [message.key for message in posted] == [f"report:{report.pk}:{edition.until.isoformat()}"] * 2


def test_the_same_period_again_changes_nothing(report: Report, churn: Repository) -> None:
    for _ in range(3):
        enqueue("reports.issue", str(report.pk))
        work()
    assert Edition.objects.count() == Message.objects.count() == 1
    assert not Job.objects.exclude(status=Status.SUCCEEDED).exclude(kind="outbox.deliver").exists()


def test_periods_follow_each_other_without_a_gap(report: Report) -> None:
    assert report.since(MONDAY) == MONDAY - days(7)
    missed = MONDAY - days(21)
    Edition.objects.create(report=report, since=missed - days(7), until=missed, kept={})
    assert report.since(MONDAY) == missed
    yesterday = MONDAY - days(1)
    Edition.objects.create(report=report, since=yesterday - days(7), until=yesterday, kept={})
    assert report.since(MONDAY) == MONDAY - days(7)


def test_nothing_is_sent_of_nothing_nor_when_it_is_off(report: Report) -> None:
    enqueue("reports.issue", str(report.pk))
    work()
    watch("churn")
    Report.objects.update(active=False)
    enqueue("reports.issue", str(report.pk))
    enqueue("reports.issue", "4711")
    work()
    assert not Edition.objects.exists()
    assert set(Job.objects.values_list("status", flat=True)) == {Status.SUCCEEDED}


def test_an_edition_stays_as_it_was_sent(report: Report, churn: Repository) -> None:
    edition = issue(report, contents_of(report, MONDAY))
    audited(churn, MONDAY + days(1), set())
    Repository.objects.update(name="renamed")
    assert Edition.objects.get(pk=edition.pk).contents.fell[0].repository.name == "churn"


@pytest.fixture
def elsewhere(db: None) -> Repository:
    """Of another team."""
    hidden = watch("clandestine", Team.objects.create(name="Others", slug="others"))
    audited(hidden, MONDAY - days(9), set())
    audited(hidden, MONDAY - days(1), {"hygiene/secrets"})
    return hidden


def sent_of(report: Report) -> str:
    Edition.objects.all().delete()
    Message.objects.all().delete()
    issue(report, contents_of(report, MONDAY))
    return " ".join(f"{each.subject} {each.text} {each.html} {each.data}" for each in Message.objects.all())


def test_another_teams_repositories_never_appear(report: Report, churn: Repository, elsewhere: Repository) -> None:
    assert "churn" in sent_of(report)
    assert "clandestine" not in sent_of(report)


def test_a_repository_that_went_to_another_team_is_not_told_of(report: Report, elsewhere: Repository) -> None:
    report.scope, report.repository = Scope.REPOSITORY, elsewhere
    report.save()
    assert not report.repositories().exists()


def test_a_portfolio_follows_what_its_author_may_see_and_goes_to_nobody_else(
    report: Report, churn: Repository, elsewhere: Repository, ada: User
) -> None:
    report.scope = Scope.PORTFOLIO
    report.save()
    mine = Channel.objects.create(team=report.team, kind=Kind.EMAIL, label="Ada", user=ada)
    report.channels.add(mine)
    assert "clandestine" not in sent_of(report)
    membership = Membership.objects.create(user=ada, team=elsewhere.team, role=Role.VIEWER)
    assert "clandestine" in sent_of(report)
    assert [message.channel for message in Message.objects.all()] == [mine]
    membership.delete()
    assert "clandestine" not in sent_of(report)
    for change in ({"is_active": False}, None):
        User.objects.filter(pk=ada.pk).update(**change) if change else ada.delete()
        assert not Report.objects.get(pk=report.pk).repositories().exists()
    assert not Report.objects.get(pk=report.pk).recipients().exists()
