"""The policy's form in the admin: built from the checks' fields, validated with their names, told in the history."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from apps.accounts.models import User
from apps.audit import catalog
from apps.jobs.models import Job
from apps.policies.forms import policy_fields
from apps.policies.models import SitePolicy, current

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(client: Client) -> str:
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    response = client.get("/admin/policies/sitepolicy/")
    assert response.status_code == 302
    return str(response.headers["Location"])


def values(**changed: Any) -> dict[str, Any]:
    shown = {name: value for name, _, value in policy_fields(current())}
    chosen = shown | {name.replace("__", "."): value for name, value in changed.items()}
    return {name: value for name, value in chosen.items() if value is not False}


def test_every_threshold_has_a_field(client: Client, path: str) -> None:
    text = client.get(path).content.decode()
    for check in catalog.checks().values():
        assert f'name="checks.{check.slug}.enabled"' in text
        for field in check.thresholds():
            assert f'name="checks.{check.slug}.thresholds.{field.name}"' in text


def test_saving_keeps_only_what_differs_and_sets_the_audits_going(client: Client, path: str) -> None:
    name = "checks.hygiene/large-files.thresholds.megabytes"
    assert client.post(path, values(**{name: 5})).status_code == 302
    document = SitePolicy.objects.get().document
    assert document["checks"] == {"hygiene/large-files": {"thresholds": {"megabytes": 5}}}
    assert "hygiene/large-files: megabytes 10 to 5" in LogEntry.objects.get().get_change_message()
    assert Job.objects.get().kind == "scorecards.reconsider"


def test_what_was_decided_is_marked(client: Client, path: str) -> None:
    assert "policy-differs" not in client.get(path).content.decode()
    client.post(path, values(**{"checks.hygiene/large-files.weight": 9}))
    assert client.get(path).content.decode().count("policy-differs") == 1


def test_saving_the_same_does_nothing(client: Client, path: str) -> None:
    assert client.post(path, values()).status_code == 302
    assert not Job.objects.exists()


def test_switching_off_and_weighing(client: Client, path: str) -> None:
    changed = {"checks.hygiene/large-files.enabled": False, "areas.hygiene": 2, "grades.A": 95}
    assert client.post(path, values(**changed)).status_code == 302
    policy = current()
    assert not policy.rule("hygiene/large-files").enabled
    assert (policy.areas["hygiene"], policy.grades["A"]) == (2, 95)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("checks.hygiene/large-files.thresholds.megabytes", "many"),
        ("checks.hygiene/large-files.weight", -1),
        ("grades.B", 99),
    ],
)
def test_mistakes_are_named_and_nothing_is_saved(client: Client, path: str, name: str, value: object) -> None:
    response = client.post(path, values(**{name: value}))
    assert response.status_code == 200
    assert response.content.decode().count('<ul class="errorlist') == 1
    assert current().to_json()["checks"] == {}
