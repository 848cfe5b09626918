"""What was decided: the one policy of the site."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.audit.policy import Policy


class SitePolicy(models.Model):
    """The policy in force, as the JSON of `apps.audit.policy.Policy`. There is one row; none means the defaults."""

    document = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "thresholds and weights"

    def __str__(self) -> str:
        return "Site policy"

    @property
    def policy(self) -> Policy:
        return Policy.parse(self.document)


def current() -> Policy:
    """The policy in force."""
    row = SitePolicy.objects.first()
    return row.policy if row else Policy()
