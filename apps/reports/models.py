"""Reports that teams ask for, and what each said: its editions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.jobs import schedule
from apps.jobs.models import Priority
from apps.jobs.when import When
from apps.outbox.models import Channel
from apps.reports.contents import Contents
from apps.repositories.models import Repository, RepositoryQuerySet

ISSUE = "reports.issue"


class Scope(models.TextChoices):
    """What a report is on."""

    TEAM = "team", "All repositories of the team"
    REPOSITORY = "repository", "One repository"
    PORTFOLIO = "portfolio", "All repositories that I may see, for me alone"


class Span(models.IntegerChoices):
    """How many days a report looks back over."""

    DAY = 1, "The last day"
    WEEK = 7, "The last week"
    MONTH = 30, "The last 30 days"


class ReportQuerySet(models.QuerySet["Report"]):
    """A portfolio shows what its author may see, so nobody else has to do with it."""

    def visible_to(self, user: User | AnonymousUser) -> ReportQuerySet:
        return self.of(user, Role.VIEWER)

    def manageable_by(self, user: User | AnonymousUser) -> ReportQuerySet:
        return self.of(user, Role.LEAD)

    def of(self, user: User | AnonymousUser, role: Role) -> ReportQuerySet:
        return self.filter(~Q(scope=Scope.PORTFOLIO) | Q(created_by=user.pk or 0), team__in=teams_where(user, role))


class Report(models.Model):
    """What is sent, when, over how many days, and to whom."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reports")
    scope = models.CharField("on", max_length=10, choices=Scope, default=Scope.TEAM)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    cron = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField("tells of", choices=Span, default=Span.WEEK)
    channels = models.ManyToManyField(Channel, blank=True, related_name="+")
    active = models.BooleanField("send it by itself", default=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("team__name", "pk")

    def __str__(self) -> str:
        if self.scope == Scope.PORTFOLIO:
            return f"Portfolio of {self.created_by}"
        return str(self.repository or self.team)

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])

    @property
    def when(self) -> When:
        return When(self.cron, self.time_zone)

    def repositories(self) -> RepositoryQuerySet:
        """What it may tell of now."""
        if self.scope == Scope.PORTFOLIO:
            author = self.created_by if self.created_by and self.created_by.is_active else AnonymousUser()
            return Repository.objects.visible_to(author)
        own = Repository.objects.filter(team=self.team)
        return own.filter(pk=self.repository_id or 0) if self.scope == Scope.REPOSITORY else own

    def recipients(self) -> QuerySet[Channel]:
        """To whom it goes: a portfolio to nobody but its author."""
        mine = self.channels.filter(team=self.team)
        return mine.filter(user__isnull=False, user=self.created_by) if self.scope == Scope.PORTFOLIO else mine

    def plan(self) -> None:
        """Have it come by itself, or not."""
        if self.active:
            schedule.plan(ISSUE, str(self.pk), self.when, priority=Priority.REPORT)
        else:
            schedule.stop(ISSUE, str(self.pk))

    def since(self, until: datetime) -> datetime:
        """Where the period that ends then begins: no later than the last edition that came by itself ended."""
        start = until - timedelta(days=self.days)
        if self.pk is None:
            return start
        before = self.editions.filter(sent_by=None, until__lt=until).order_by("-until").values_list("until", flat=True)
        return min([start, *before[:1]])


class Edition(models.Model):
    """What a report said of one period, as it was sent. `sent_by` asked for it; without one it came by itself."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="editions")
    since = models.DateTimeField()
    until = models.DateTimeField()
    kept = models.JSONField()
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-until", "-pk")
        constraints = (models.UniqueConstraint(fields=["report", "until"], name="edition_once_per_period"),)

    def __str__(self) -> str:
        return f"{self.report}, {self.until:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("edition", args=[self.report_id, self.pk])

    @property
    def key(self) -> str:
        """What its messages are about."""
        return f"report:{self.report_id}:{self.until.astimezone(UTC).isoformat()}"

    @property
    def contents(self) -> Contents:
        return Contents.of(self.kept)
