"""From a push to the mail: what the checks find is what alerts are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from apps.alerts.models import Rule
from apps.alerts.watch import CHECKS
from apps.audit import catalog
from apps.jobs.models import Job
from apps.repositories.example.story import Commit, commit
from apps.repositories.models import Repository
from tests.apps.alerts.conftest import look
from tests.apps.scorecards.conftest import BEGIN, audit, origin, push, repository
from tests.servers import smtp

__all__ = ["audit", "origin", "push", "repository"]
pytestmark = pytest.mark.django_db
LEAK = commit(
    "2024-02-01", "feat: deploy", {"deploy.sh": "\nexport GITHUB_TOKEN=ghp_" + "x7Qm2LpV9tRb4WzK1sYd8NcF3hJg6TaE5uOi\n"}
)


def test_the_checks_are_there() -> None:
    assert catalog.checks().keys() >= {check for checks in CHECKS.values() for check in checks}


def test_a_pushed_secret_is_told_with_its_place(
    rule: Rule,
    repository: Repository,
    push: Callable[[Sequence[Commit]], dict[Any, str]],
    audit: Callable[[], Job],
    mailbox: smtp.Server,
) -> None:
    push([BEGIN])
    audit()
    look()
    ids = push([BEGIN, LEAK])
    audit()
    look()
    (mail,) = mailbox.mails
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "churn: secrets found" in text
    assert "deploy.sh:2: a GitHub token in plain text" in text
    assert ids[LEAK][:10] in text
    assert "x7Qm2LpV9" not in mail.as_string()
