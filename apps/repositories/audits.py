"""When repositories are audited: on their own schedule, their team's or everyone's; less often while out of reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Team
from apps.jobs import queue, schedule
from apps.jobs.models import Priority, Schedule
from apps.jobs.when import When
from apps.repositories.models import AuditSchedule, Repository

AUDIT = "scorecards.audit"
PLAN = "repositories.plan_audits"
EVERYONE = "everyone"
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
DAILY = AuditSchedule(cron="0 0 * * *", time_zone="UTC", spread=DAY)
WEEKLY = AuditSchedule(cron="0 0 * * 1", time_zone="UTC", spread=WEEK)
# For how long a repository is out of reach before it is tried at most this often.
PATIENCE = ((timedelta(days=14), WEEK, WEEKLY), (DAY, DAY, DAILY))
# Enough turns to tell how often a cron expression comes, though some of them lie close together.
TURNS = 10


def followed(team: Team, repository: Repository | None = None) -> AuditSchedule:
    """The schedule that a repository's audits follow, or those of a team's repositories without one of their own."""
    mine = Q(team=team) | Q(team=None, repository=None)
    if repository is not None:
        mine |= Q(repository=repository)
    nearest = (F("repository").asc(nulls_last=True), F("team").asc(nulls_last=True))
    return AuditSchedule.objects.filter(mine).order_by(*nearest).first() or DAILY


def everyones() -> AuditSchedule:
    """The schedule of all who have decided nothing."""
    return AuditSchedule.objects.filter(team=None, repository=None).first() or DAILY


@transaction.atomic
def decide(owner: Repository | Team | None, when: When | None, spread: timedelta = timedelta(0)) -> None:
    """What a repository, a team or (None) everyone follows from now on: this, or for None what is above them."""
    repository = owner if isinstance(owner, Repository) else None
    team = owner if isinstance(owner, Team) else None
    if when is None:
        AuditSchedule.objects.filter(repository=repository, team=team).delete()
    else:
        terms = {"cron": when.cron, "time_zone": when.zone, "spread": spread}
        AuditSchedule.objects.update_or_create(repository=repository, team=team, defaults=terms)
    if repository:
        plan(repository)
    else:
        queue.enqueue(PLAN, str(team.pk) if team else EVERYONE, priority=Priority.INTERACTIVE)


@transaction.atomic
def plan(repository: Repository) -> None:
    """Have it audited when it is to be, unless it has been removed meanwhile."""
    current = Repository.objects.select_for_update().filter(pk=repository.pk).first()
    if current is None:
        return
    chosen = followed(current.team, current)
    for after, gap, eased in PATIENCE:
        waiting = current.backing_off_since and timezone.now() - current.backing_off_since >= after
        if waiting and comes_oftener_than(chosen.when, gap):
            chosen = eased
            break
    schedule.plan(AUDIT, str(current.pk), chosen.when, spread=chosen.spread)


def comes_oftener_than(when: When, gap: timedelta) -> bool:
    begin = turn = timezone.now()
    for _ in range(TURNS):
        turn = when.after(turn)
    return turn - begin < gap * (TURNS - 2)


def next_audit(repository: Repository) -> Schedule | None:
    return Schedule.objects.filter(kind=AUDIT, subject=str(repository.pk)).first()


def followers(team: Team | None) -> QuerySet[Repository]:
    """The repositories that a team's schedule is for, or everyone's."""
    mine = Repository.objects.filter(audit_schedule=None)
    return mine.filter(team=team) if team else mine.filter(team__audit_schedule=None)


def could_not_reach(repository: Repository) -> None:
    """Note since when, and try less and less often. Who tells people reads `unreachable_since`, which then stays."""
    repository.refresh_from_db(fields=["unreachable_since", "backing_off_since"])
    now = timezone.now()
    note(repository, unreachable_since=repository.unreachable_since or now, since=repository.backing_off_since or now)


def reached(repository: Repository) -> None:
    """It is back on its schedule."""
    if repository.unreachable_since or repository.backing_off_since:
        note(repository, unreachable_since=None, since=None)


def be_patient_again(repository: Repository) -> None:
    """Somebody asked for it, so it is tried as often as ever for a while."""
    if repository.backing_off_since:
        note(repository, unreachable_since=repository.unreachable_since, since=None)


def note(repository: Repository, *, unreachable_since: datetime | None, since: datetime | None) -> None:
    repository.unreachable_since, repository.backing_off_since = unreachable_since, since
    with transaction.atomic():
        repository.save(update_fields=["unreachable_since", "backing_off_since"])
        plan(repository)
