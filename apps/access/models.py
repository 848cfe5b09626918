"""What servers are shown to let us read a repository, and by which keys we know them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.access import vault
from apps.accounts.models import Team, User
from apps.repositories.models import Repository


class Kind(models.TextChoices):
    TOKEN = "token", "token"
    DEPLOY_KEY = "deploy_key", "deploy key"


class Sealed(models.Model):
    """A row that holds a secret, which no other row can open, nor this one once a field of `BOUND_TO` has changed."""

    BOUND_TO: ClassVar[tuple[str, ...]]

    sealed = models.TextField()  # empty where there is nothing to seal

    class Meta:
        abstract = True

    @property
    def row(self) -> str:
        """What the secret is bound to."""
        return ":".join([str(self._meta.model_name), str(self.pk), *(getattr(self, name) for name in self.BOUND_TO)])

    def seal(self, secret: str) -> None:
        """Hold this secret, without saving."""
        self.sealed = vault.seal(secret, self.row)

    def unseal(self) -> str:
        """The secret. Raises vault.Unreadable."""
        return vault.unseal(self.sealed, self.row)


class Credential(Sealed):
    """For one server: of a repository, or of a team for all its repositories there."""

    BOUND_TO = ("origin",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, null=True, related_name="credentials")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="credentials")
    # As in Repository.origin: where the address changes to another server, it is not sent there.
    origin = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind)
    user = models.CharField(max_length=100)
    # What to paste at the server, for a deploy key.
    public_key = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["repository", "origin"], name="credential_once_per_repository"),
            models.UniqueConstraint(fields=["team", "origin"], name="credential_once_per_team"),
            models.CheckConstraint(
                condition=Q(repository=None, team__isnull=False) | Q(repository__isnull=False, team=None),
                name="credential_of_a_repository_or_a_team",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.repository or self.team} at {self.origin}"


class HostKey(models.Model):
    """A key that an ssh server showed; we trust it once an administrator has confirmed it."""

    server = models.CharField(max_length=300, help_text="Its name, and its port where that is not 22")
    key = models.TextField()
    fingerprint = models.CharField(max_length=60)
    first_seen = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("server", "-first_seen")
        constraints = (models.UniqueConstraint(fields=["server", "key"], name="host_key_once_per_server"),)

    def __str__(self) -> str:
        return f"{self.server} {self.algorithm} {self.fingerprint}"

    @property
    def algorithm(self) -> str:
        return self.key.split(" ")[0]


class PushHook(Sealed):
    """Where a repository's forge tells us of a push; its secret proves that it is the forge."""

    BOUND_TO = ()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="push_hook")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # When it last told us anything, such as that it has been set up, and when of a push.
    heard_at = models.DateTimeField(null=True)
    pushed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Pushes to {self.repository}"

    @property
    def address(self) -> str:
        """What the forge is to be given."""
        return f"{settings.URL}{reverse('push_notice', args=[self.pk])}"


class Delivery(models.Model):
    """A notice that came, so that the same one is not taken twice."""

    hook = models.ForeignKey(PushHook, on_delete=models.CASCADE, related_name="deliveries")
    identifier = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["hook", "identifier"], name="delivery_once"),)
        indexes = (models.Index(fields=["hook", "received_at"], name="delivery_age"),)

    def __str__(self) -> str:
        return self.identifier[:12]
