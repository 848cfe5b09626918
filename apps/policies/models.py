"""What was decided: the one policy of the site."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.audit import catalog
from apps.audit.policy import Policy
from apps.audit.snapshot import Json


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
        return Policy.parse(still_known(self.document))


def still_known(document: Json) -> Json:
    """The document without checks, thresholds and areas that this version of mlhealth no longer has."""
    checks = {slug: rule for slug, rule in document.get("checks", {}).items() if slug in catalog.checks()}
    for slug, rule in checks.items():
        names = {field.name for field in catalog.checks()[slug].thresholds()}
        kept = {name: value for name, value in rule.get("thresholds", {}).items() if name in names}
        checks[slug] = {**rule, "thresholds": kept}
    areas = {slug: weight for slug, weight in document.get("areas", {}).items() if slug in catalog.areas()}
    return {**document, "checks": checks, "areas": areas}


def current() -> Policy:
    """The policy in force."""
    row = SitePolicy.objects.first()
    return row.policy if row else Policy()
