"""The policy in force, through upgrades."""

from __future__ import annotations

import pytest

from apps.audit.policy import Policy, Rule
from apps.policies.models import SitePolicy, current

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_none_is_the_default() -> None:
    assert current() == Policy()


def test_what_an_upgrade_took_away_is_passed_over() -> None:
    rules = {"hygiene/large-files": {"weight": 1, "thresholds": {"bytes": 3}}, "hygiene/gone": {"weight": 2}}
    SitePolicy.objects.create(document={"checks": rules, "areas": {"gone": 2, "hygiene": 3}})
    assert current().checks == {"hygiene/large-files": Rule(weight=1)}
    assert current().areas == {"hygiene": 3}
