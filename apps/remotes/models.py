"""The read access to a DVC remote that an administrator gives for one repository."""

from __future__ import annotations

import uuid

from django.db import models

from apps.access.models import Sealed
from apps.accounts.models import User
from apps.repositories.models import Repository


class RemoteAccess(Sealed):
    """Where a repository's data is, and what its server is shown; an empty secret is for what everybody may read."""

    BOUND_TO = ("url", "endpoint")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    repository = models.OneToOneField(Repository, on_delete=models.CASCADE, related_name="remote_access")
    url = models.CharField(
        "URL",
        max_length=500,
        help_text="As in .dvc/config: s3://bucket/path, gs://…, azure://container/…, ssh://user@host/…, https://…, or "
        "a folder of this machine.",
    )
    endpoint = models.CharField(
        max_length=300,
        blank=True,
        help_text="Of a server that speaks S3, as in https://minio.example.org; empty for Amazon.",
    )
    region = models.CharField(max_length=50, blank=True, help_text="Of an S3 bucket; us-east-1 if empty.")
    user = models.CharField(
        max_length=200, blank=True, help_text="Access key id (S3), storage account (Azure) or user name (HTTP)."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = "read access to a DVC remote"
        verbose_name_plural = "read access to DVC remotes"

    def __str__(self) -> str:
        return f"{self.url} for {self.repository}"
