"""Every check's examples are its tests; a new check needs no test file."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.audit import catalog
from apps.audit.check import Check, Example, Past
from apps.audit.engine import Audit
from apps.audit.policy import Policy, Rule
from apps.audit.snapshot import Commit, Snapshot
from apps.audit.sources import from_memory

EXAMPLES = [(check, example) for check in catalog.checks().values() for example in check.examples]


def past_commits(history: tuple[str | Past, ...]) -> list[Commit]:
    """A straight line of commits, oldest first; a merge has a second parent outside the line."""
    commits = list[Commit]()
    for number, each in enumerate(history):
        past = each if isinstance(each, Past) else Past(each)
        parents = [commits[-1].id] if commits else []
        when = datetime.fromisoformat(f"{past.date}T12:{number % 60:02}:00+00:00")
        merged = ["f" * 40] if past.merge else []
        commits.append(Commit(f"{number:040x}", (*parents, *merged), past.author, "", when, past.message))
    return commits


def snapshot_of(example: Example) -> Snapshot:
    commits = past_commits(example.history or (Past("feat: begin"),))
    tips = [
        Commit(f"{number:040x}", (), "Ada", "", datetime.fromisoformat(f"{date}T12:00:00+00:00"), name)
        for number, (name, date) in enumerate((example.branches or {}).items(), 10**6)
    ]
    branches = {"main": commits[-1].id} | {tip.message: tip.id for tip in tips}
    return from_memory(example.files, [*tips, *commits], branches=branches, earlier=example.earlier)


@pytest.mark.parametrize(
    ("check", "example"), EXAMPLES, ids=[f"{c.slug}-{e.outcome}-{e.says[:30]}" for c, e in EXAMPLES]
)
def test_example(check: type[Check], example: Example) -> None:
    policy = Policy(checks={check.slug: Rule(enabled=True, thresholds=example.thresholds)})
    result = Audit(snapshot_of(example), policy, only=check.slug).results[check.slug]
    said = [result.reason, *(each.message for each in result.findings), *(each.message for each in result.evidence)]
    assert result.outcome is example.outcome, said
    assert any(example.says in each for each in said), said


@pytest.mark.parametrize("check", catalog.checks().values(), ids=lambda check: check.slug)
def test_has_examples_of_both_kinds(check: type[Check]) -> None:
    assert {example.outcome.value for example in check.examples} >= {"passed", "failed"}


@pytest.mark.parametrize("check", catalog.checks().values(), ids=lambda check: check.slug)
def test_shows_evidence_when_it_passes(check: type[Check]) -> None:
    for example in check.examples:
        if example.outcome == "passed":
            policy = Policy(checks={check.slug: Rule(enabled=True, thresholds=example.thresholds)})
            assert Audit(snapshot_of(example), policy, only=check.slug).results[check.slug].evidence
