"""Who may: people, teams, and what each person may do in a team."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person. A superuser is an administrator of every team."""


class Role(models.TextChoices):
    """What a member may do; each role may also do what those above it in this list may."""

    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    LEAD = "lead", "Lead"
    ADMINISTRATOR = "administrator", "Administrator"

    def includes(self, other: Role) -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class TeamManager(models.Manager["Team"]):
    def default(self) -> Team:
        """The team that repositories go to while nobody has made another one."""
        return self.get_or_create(slug="default", defaults={"name": "Default team"})[0]


class Team(models.Model):
    """People who look after repositories together."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(unique=True)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "team"], name="membership_once_per_team"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.team}"
