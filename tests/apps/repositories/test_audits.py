"""When repositories are audited: what each follows, who decides, and what becomes of one that is out of reach."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Team, User
from apps.jobs.models import Job, Schedule
from apps.jobs.when import When
from apps.repositories import address, audits, registration
from apps.repositories.models import AuditSchedule, Repository
from tests.apps.scorecards.conftest import work

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MONDAYS, HOURLY = When("0 7 * * 1", "Europe/Berlin"), When("0 * * * *", "UTC")
WEEKLY = {"choice": "weekly", "weekday": "1", "time": "07:00", "cron": "", "zone": "Europe/Berlin"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def chosen(**more: str) -> dict[str, str]:
    return {f"audits_{name}": value for name, value in WEEKLY.items()} | more


def scheduled(repository: Repository) -> Schedule:
    return Schedule.objects.get(kind=audits.AUDIT, subject=str(repository.pk))


def decided(owner: Repository | Team | None, when: When | None, spread: timedelta = timedelta(0)) -> None:
    """As a person decides, and a worker carries it out."""
    audits.decide(owner, when, spread)
    if job := Job.objects.filter(kind=audits.PLAN, status="queued").first():
        work(job)


@pytest.fixture
def other(people: dict[str, User]) -> Repository:
    elsewhere = Team.objects.get(slug="elsewhere")
    return registration.register(elsewhere, address.parse("https://github.com/example/other", []), by=people["root"])


@pytest.fixture(autouse=True)
def nothing_to_audit(repository: Repository, other: Repository) -> None:
    Job.objects.all().delete()


def test_without_any_decision_audits_are_daily_and_spread_over_the_day(repository: Repository) -> None:
    assert scheduled(repository).words == "daily at 00:00, UTC, spread over a day"


def test_the_nearest_decision_counts(repository: Repository, team: Team, other: Repository) -> None:
    decided(None, When("30 5 * * *", "UTC"), HOUR)
    assert [scheduled(each).cron for each in (repository, other)] == ["30 5 * * *"] * 2
    assert scheduled(repository).spread == HOUR
    decided(team, MONDAYS)
    assert [scheduled(each).cron for each in (repository, other)] == [MONDAYS.cron, "30 5 * * *"]
    decided(repository, HOURLY)
    decided(None, When("30 6 * * *", "UTC"))
    assert [scheduled(each).cron for each in (repository, other)] == [HOURLY.cron, "30 6 * * *"]
    decided(repository, None)
    assert scheduled(repository).when == MONDAYS
    decided(team, None)
    assert scheduled(repository).cron == "30 6 * * *"


def test_there_is_one_schedule_of_everyone(repository: Repository, team: Team) -> None:
    AuditSchedule.objects.create(cron="0 0 * * *", time_zone="UTC")
    AuditSchedule.objects.create(team=team, cron="0 0 * * *", time_zone="UTC")
    with pytest.raises(IntegrityError):
        AuditSchedule.objects.create(cron="0 1 * * *", time_zone="UTC")


def test_a_repository_that_is_removed_is_not_scheduled_again(repository: Repository) -> None:
    stale = Repository.objects.get(pk=repository.pk)
    registration.remove(repository)
    audits.plan(stale)
    assert not Schedule.objects.filter(subject=str(stale.pk), kind=audits.AUDIT).exists()


def test_another_team_has_another_schedule(browsers: dict[str, Client], repository: Repository, team: Team) -> None:
    decided(Team.objects.get(slug="elsewhere"), MONDAYS)
    form = {"name": "churn", "address": repository.url, "team": Team.objects.get(slug="elsewhere").pk}
    browsers["root"].post(reverse("edit_repository", args=[repository.pk]), form)
    assert scheduled(repository).when == MONDAYS


def test_a_lead_decides_for_a_repository(browsers: dict[str, Client], repository: Repository, team: Team) -> None:
    page = reverse("edit_repository", args=[repository.pk])
    form = {"name": "churn", "address": repository.url, "team": str(team.pk)}
    assert "daily at 00:00, UTC, spread over a day" in browsers["lead"].get(page).content.decode()
    browsers["lead"].post(page, form | chosen())
    assert scheduled(repository).when == MONDAYS
    assert '<option value="weekly" selected>' in browsers["lead"].get(page).content.decode()
    assert "five fields" in browsers["lead"].post(page, form | chosen(audits_choice="cron")).content.decode()
    browsers["lead"].post(page, form | chosen(audits_choice=""))
    assert scheduled(repository).cron == "0 0 * * *"


def test_a_lead_decides_for_a_team(browsers: dict[str, Client], repository: Repository, other: Repository) -> None:
    page = reverse("team_audits", args=["churn"])
    assert "One repository follows" in browsers["lead"].get(page).content.decode()
    browsers["lead"].post(page, chosen(spread="3600"))
    work(Job.objects.get(kind=audits.PLAN))
    assert (scheduled(repository).when, scheduled(repository).spread) == (MONDAYS, HOUR)
    assert scheduled(other).spread == DAY
    audits.decide(repository, HOURLY)
    shown = browsers["lead"].get(page).content.decode()
    assert "No repository follows" in shown
    assert "hourly" in shown
    for stranger in ("member", "viewer", "stranger"):
        assert browsers[stranger].post(page, chosen(spread="0")).status_code == 404
    assert browsers["lead"].post(page, chosen(spread="7")).status_code == 200
    assert AuditSchedule.objects.get(team__slug="churn").spread == HOUR


def test_administrators_decide_for_all(browsers: dict[str, Client], repository: Repository) -> None:
    page = reverse("all_audits")
    assert browsers["administrator"].post(page, chosen(spread="0")).status_code == 404
    assert "2 repositories follow" in browsers["root"].get(page).content.decode()
    browsers["root"].post(page, chosen(spread="0"))
    work(Job.objects.get(kind=audits.PLAN))
    assert scheduled(repository).when == MONDAYS


def out_of_reach(repository: Repository, since: timedelta) -> None:
    audits.could_not_reach(repository)
    Repository.objects.filter(pk=repository.pk).update(backing_off_since=timezone.now() - since)
    audits.could_not_reach(repository)


@pytest.mark.parametrize(
    ("own", "since", "expected"),
    [
        (HOURLY, HOUR, HOURLY),
        (HOURLY, DAY, When("0 0 * * *", "UTC")),
        (HOURLY, 15 * DAY, When("0 0 * * 1", "UTC")),
        (When("0 8,9,10 * * 1", "UTC"), 2 * DAY, When("0 8,9,10 * * 1", "UTC")),
        (When("0 8 * * *", "UTC"), 2 * DAY, When("0 8 * * *", "UTC")),
        (When("0 8 * * *", "UTC"), 15 * DAY, When("0 0 * * 1", "UTC")),
        (When("0 8 1 * *", "UTC"), 99 * DAY, When("0 8 1 * *", "UTC")),
    ],
)
def test_one_that_is_out_of_reach_is_tried_less_and_less_often(
    repository: Repository, own: When, since: timedelta, expected: When
) -> None:
    audits.decide(repository, own)
    out_of_reach(repository, since)
    assert scheduled(repository).when == expected
    audits.reached(repository)
    assert scheduled(repository).when == own


def test_a_click_brings_it_back_to_its_schedule_and_is_not_told_again(
    browsers: dict[str, Client], repository: Repository
) -> None:
    audits.decide(repository, HOURLY)
    out_of_reach(repository, 15 * DAY)
    told = Repository.objects.get(pk=repository.pk).unreachable_since
    browsers["member"].post(reverse("audit_now", args=[repository.pk]))
    assert scheduled(repository).when == HOURLY
    audits.could_not_reach(Repository.objects.get(pk=repository.pk))
    assert scheduled(repository).when == HOURLY
    assert Repository.objects.get(pk=repository.pk).unreachable_since == told


def test_a_change_of_schedule_does_not_end_the_patience(repository: Repository, team: Team) -> None:
    out_of_reach(repository, 15 * DAY)
    decided(team, HOURLY)
    assert scheduled(repository).cron == "0 0 * * 1"


def test_the_page_says_when_the_next_audit_is(browsers: dict[str, Client], repository: Repository) -> None:
    turn = timezone.now() + timedelta(hours=3, minutes=30)
    Schedule.objects.filter(subject=str(repository.pk)).update(next_run_at=turn)
    page = browsers["viewer"].get(reverse("repository", args=[repository.pk])).content.decode()
    assert "next audit" in page
    assert "in 3 hours" in page
