"""What a team wants to be told at once or in a digest, what happened, and who is yet to be told of it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.jobs.when import When
from apps.outbox.models import Channel
from apps.repositories.models import Repository


class Kind(models.TextChoices):
    """What can be told; in mails and pages the most urgent come first."""

    SECRETS = "secrets", "Secrets are found"
    GRADE = "grade", "A grade falls"
    DATA = "data", "DVC data is not pushed"
    UNREACHABLE = "unreachable", "A repository cannot be reached"


def site_time_zone() -> str:
    return str(settings.TIME_ZONE)


class RuleQuerySet(models.QuerySet["Rule"]):
    def manageable_by(self, user: User | AnonymousUser) -> RuleQuerySet:
        return self.filter(team__in=teams_where(user, Role.LEAD))


class Rule(models.Model):
    """Which changes of a team's repositories are told, where, and when."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="alert_rules")
    kinds = models.JSONField(default=list)
    channels = models.ManyToManyField(Channel, related_name="alert_rules")
    active = models.BooleanField(default=True)
    # When the digest goes out, as in When; empty for at once.
    cron = models.CharField(max_length=100, blank=True)
    digest_zone = models.CharField(max_length=64, blank=True)
    # What happens meanwhile waits for the end; over midnight where the end is earlier.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default=site_time_zone)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return " · ".join(self.kind_labels)

    @property
    def kind_labels(self) -> list[str]:
        return [kind.label for kind in Kind if kind in self.kinds]

    @property
    def when(self) -> When | None:
        """When digests go out; None for at once."""
        return When(self.cron, self.digest_zone) if self.cron else None

    def is_quiet(self, moment: datetime) -> bool:
        if self.quiet_from is None or self.quiet_until is None:
            return False
        clock = moment.astimezone(ZoneInfo(self.time_zone)).time()
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def is_due(self, oldest: datetime, now: datetime) -> bool:
        """Whether what has waited since `oldest` is told now."""
        if self.is_quiet(now):
            return False
        return self.when is None or self.when.after(oldest) <= now


class Seen(models.Model):
    """How a repository was when we last looked; what differs from that has changed."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="seen_for_alerts")
    scorecard = models.BigIntegerField(default=0, help_text="Its key; 0 before the first audit")
    state = models.CharField(max_length=12)
    grade = models.CharField(max_length=1, blank=True)
    troubles = models.JSONField(default=list, help_text="The kinds, apart from grades, that are wrong")

    def __str__(self) -> str:
        return f"{self.repository} as seen"


class Event(models.Model):
    """A repository that went from good to bad in one respect, or back."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    # A grade; or else "" for all is well, and the kind for it is not.
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()
    commit = models.CharField(max_length=64, blank=True)
    # Why, in words, and where: texts for people.
    because = models.TextField(blank=True)
    places = models.JSONField(default=list)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.repository}: {self.kind} {self.before or 'fine'} to {self.after or 'fine'}"


class Alert(models.Model):
    """An event that a rule is about; told once."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="alerts")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="alerts")
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["rule", "event"], name="alert_once"),)
        indexes = (models.Index(fields=["rule"], condition=Q(told_at=None), name="alert_waiting"),)

    def __str__(self) -> str:
        return f"{self.rule}: {self.event}"
