"""Where a team is written to, and what was written: the rows are the truth, deliveries only read and move them."""

from __future__ import annotations

import secrets
import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.access.models import Sealed
from apps.accounts.models import Role, Team, User
from apps.accounts.permissions import teams_where


class Kind(models.TextChoices):
    EMAIL = "email", "E-mail"
    SLACK = "slack", "Slack"
    WEBHOOK = "webhook", "Webhook"


def new_token() -> str:
    """128 random bits, for a link that only who got it knows."""
    return secrets.token_urlsafe(16)


class ChannelQuerySet(models.QuerySet["Channel"]):
    def manageable_by(self, user: User | AnonymousUser) -> ChannelQuerySet:
        return self.filter(team__in=teams_where(user, Role.LEAD))


class Channel(Sealed):
    """One way to reach people: a person's or another address of e-mail, a Slack channel, or a server of theirs.

    The address of a Slack channel or server, and the key that signs what the latter gets, are sealed; `target` is an
    address of e-mail, or tells of the others as much as everybody may know: the host.
    """

    BOUND_TO = ("kind", "target")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField("name", max_length=80)
    # Whose own address it is, as their account has it; while they are of the team.
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="channels")
    target = models.CharField(max_length=320, blank=True)
    active = models.BooleanField(default=True)
    # Of an address of e-mail: what the link in each mail holds, and when it was followed.
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    unsubscribed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "label", "created_at")
        constraints = (
            models.UniqueConstraint(fields=["team", "user"], name="channel_once_per_person"),
            models.UniqueConstraint(
                fields=["team", "target"], condition=Q(kind=Kind.EMAIL, user=None), name="channel_once_per_address"
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def address(self) -> str:
        """Where its e-mail goes."""
        return self.user.email if self.user else self.target

    @property
    def why_not(self) -> str:
        """Why nothing may be sent there, in words that follow "Not sent:"; "" where it may."""
        if self.unsubscribed_at:
            return "the address has unsubscribed"
        if not self.active:
            return "the channel is paused"
        if self.user and not teams_where(self.user, Role.VIEWER).filter(pk=self.team_id).exists():
            return f"{self.user} is no longer of the team"
        if self.user and not self.user.is_active:
            return f"the account of {self.user} is closed"
        return ""


class Status(models.TextChoices):
    """What became of a message: failed was tried and given up; skipped was never tried."""

    QUEUED = "queued", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Not sent"


class Message(models.Model):
    """A letter to one channel. Its `id` goes along however often it is sent, so that who gets it twice can tell."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="messages")
    key = models.CharField(max_length=200, help_text="What it is about; a channel gets one message of a key")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    # PNG in Base64, by the content id that `html` names it with.
    images = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    link = models.CharField(max_length=500, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True, help_text="Why it has not arrived, in words")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, help_text="When it is tried next, while it waits")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["channel", "key"], name="message_once_per_key"),)
        indexes = (
            models.Index(fields=["due_at"], condition=Q(status=Status.QUEUED), name="message_due"),
            models.Index(fields=["channel", "-created_at"], name="message_history"),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def topic(self) -> str:
        """What kind of message it is: report, alert, test."""
        return self.key.partition(":")[0]
