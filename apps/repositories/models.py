"""What is watched: repositories, and the tags that group them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where
from apps.jobs.when import LONGEST, When, in_words
from apps.repositories import forges
from apps.repositories.address import Address

tag_name = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
    "A tag is lower-case letters, digits and single hyphens, as in nlp or time-series, not %(value)s.",
)


class Tag(models.Model):
    """A word that groups a team's repositories."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40, validators=[tag_name])

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["team", "name"], name="tag_once_per_team"),)

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where a repository is on its way to a scorecard, or what keeps it from one."""

    QUEUED = "queued", "Waiting for a worker"
    CLONING = "cloning", "Being fetched"
    AUDITING = "auditing", "Being audited"
    READY = "ready", "Up to date"
    EMPTY = "empty", "Has no commits"
    UNREACHABLE = "unreachable", "Cannot be reached"
    NO_ACCESS = "no_access", "Authentication refused"
    HOST_KEY = "host_key", "Host key not confirmed"
    MOVED = "moved", "Has moved"
    TOO_SLOW = "too_slow", "Takes too long to fetch"
    TOO_LARGE = "too_large", "Is too large"
    DISK_FULL = "disk_full", "No room to fetch it"
    REFUSED = "refused", "Refused by git's checks"
    DAMAGED = "damaged", "Our copy is damaged"
    FAILED = "failed", "The last audit failed"


UNDER_WAY = {State.QUEUED, State.CLONING, State.AUDITING}
# What its server, or whoever looks after it there, would have to mend.
OUT_OF_REACH = {
    *(State.UNREACHABLE, State.NO_ACCESS, State.HOST_KEY, State.MOVED),
    *(State.TOO_SLOW, State.TOO_LARGE, State.REFUSED),
}
# For how long a page tells what happened to a repository's branches.
NOTICE_DAYS = 14


class RepositoryQuerySet(models.QuerySet["Repository"]):
    def visible_to(self, user: User | AnonymousUser) -> RepositoryQuerySet:
        return self.filter(team__in=teams_where(user, Role.VIEWER))

    def editable_by(self, user: User | AnonymousUser) -> RepositoryQuerySet:
        return self.filter(team__in=teams_where(user, Role.MEMBER))

    def manageable_by(self, user: User | AnonymousUser) -> RepositoryQuerySet:
        return self.filter(team__in=teams_where(user, Role.LEAD))


class Repository(models.Model):
    """A registered git URL."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="repositories")
    name = models.CharField(max_length=100)
    # As `address.parse` rebuilt it; `locate` sets it together with what it tells.
    url = models.CharField("address", max_length=500)
    identity = models.CharField(max_length=500, editable=False)
    origin = models.CharField(max_length=300, blank=True, editable=False)
    forge = models.CharField(max_length=12, blank=True, choices=forges.Forge)
    web_url = models.CharField("web address", max_length=500, blank=True)
    default_branch = models.TextField(blank=True)
    head = models.CharField(max_length=64, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="repositories")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    state_since = models.DateTimeField(default=timezone.now)
    state_detail = models.TextField(blank=True)
    # What last happened to its branches that a reader of its scores should know.
    notice = models.TextField(blank=True)
    noticed_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    # Since when its server has not let us read it, and since when it is tried less often for that.
    unreachable_since = models.DateTimeField(null=True, blank=True)
    backing_off_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = RepositoryQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name_plural = "repositories"
        constraints = (models.UniqueConstraint(fields=["team", "identity"], name="repository_once_per_team"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("repository", args=[self.pk])

    def locate(self, source: Address) -> None:
        """Note where it is, without saving."""
        self.url, self.identity, self.origin = source.url, source.identity, source.origin
        self.forge, self.web_url = source.forge, source.web_url

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def troubled_since(self) -> datetime:
        """Since when it is out of reach, or else what it is."""
        return self.unreachable_since or self.state_since

    @property
    def recent_notice(self) -> str:
        if self.noticed_at is None or timezone.now() - self.noticed_at > timedelta(days=NOTICE_DAYS):
            return ""
        return self.notice

    @property
    def mirror(self) -> Path:
        """Where `mirror.update` keeps our bare clone."""
        return Path(settings.MIRRORS) / str(self.pk)

    def link(self, commit: str, path: str, line: int | None = None) -> str:
        """The forge's page of a file (and line) at a commit, or "" where there is none to point to."""
        return forges.link(self.forge, self.web_url, commit, path, line)

    def commit_link(self, commit: str) -> str:
        """The forge's page of a commit, or "" where there is none to point to."""
        return forges.commit_link(self.forge, self.web_url, commit)

    def tag(self, names: Iterable[str]) -> None:
        """Give it exactly these of its team's tags."""
        self.tags.set([Tag.objects.get_or_create(team=self.team, name=name)[0] for name in names])

    def notify(self, notice: str) -> None:
        """Note what happened to its branches, without saving."""
        self.notice, self.noticed_at = notice, timezone.now()

    def enter(self, state: State, detail: str = "") -> None:
        """Note the repository's state, and since when it has been in it."""
        if (state, detail) == (self.state, self.state_detail):
            return
        if state != self.state:
            self.state, self.state_since = state, timezone.now()
        self.state_detail = detail
        self.save(update_fields=["state", "state_since", "state_detail"])


class AuditSchedule(models.Model):
    """When audits are due: of a repository, of a team's repositories, or (of neither) of all that follow no other."""

    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, null=True, related_name="audit_schedule")
    team = models.OneToOneField(Team, on_delete=models.CASCADE, null=True, related_name="audit_schedule")
    cron = models.CharField(max_length=LONGEST)
    time_zone = models.CharField(max_length=64)
    spread = models.DurationField(default=timedelta(0))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(repository=None) | models.Q(team=None), name="audit_schedule_of_one"
            ),
            models.UniqueConstraint(
                Coalesce("repository", "team", 0),
                condition=models.Q(repository=None, team=None),
                name="audit_schedule_of_everyone_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.repository or self.team or 'Everyone'}: {self.words}"

    @property
    def when(self) -> When:
        return When(self.cron, self.time_zone)

    @property
    def words(self) -> str:
        """As a person would say it: "daily at 07:00, Europe/Berlin, spread over an hour"."""
        return in_words(self.when, self.spread)
