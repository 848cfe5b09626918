"""Badges that were handed out."""

from __future__ import annotations

import secrets

from django.db import models

from apps.repositories.models import Repository


def new_token() -> str:
    """128 random bits: nobody guesses a badge, and it says nothing about its repository."""
    return secrets.token_urlsafe(16)


class Badge(models.Model):
    """An address that shows a repository's score, or one area's, to whoever knows it."""

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="badges")
    area = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("area", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["repository", "area"], condition=models.Q(revoked_at=None), name="badge_one_in_force"
            ),
        )

    def __str__(self) -> str:
        return f"{self.repository}: {self.area or 'overall'}"
