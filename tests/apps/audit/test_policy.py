"""What a policy may say, and what it is told when it may not."""

from __future__ import annotations

from typing import Any

import pytest

from apps.audit import catalog
from apps.audit.policy import Policy, PolicyError, Rule

LARGE = catalog.checks()["hygiene/large-files"]


def test_survives_json() -> None:
    rules = {"hygiene/large-files": Rule(enabled=False, weight=2, thresholds={"megabytes": 5})}
    policy = Policy(checks=rules, areas={"hygiene": 2}, grades={"A": 95, "B": 80, "C": 70, "D": 60})
    assert Policy.parse(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "an object"),
        ({"check": {}}, "an object"),
        ({"checks": {"hygiene/large-file": {}}}, "checks.hygiene/large-file: there is no such check"),
        ({"checks": {"hygiene/large-files": {"thresholds": {"bytes": 1}}}}, "thresholds.bytes"),
        ({"checks": {"hygiene/large-files": {"thresholds": {"megabytes": "1"}}}}, "megabytes: a number"),
        ({"checks": {"hygiene/large-files": {"thresholds": {"megabytes": True}}}}, "megabytes: a number"),
        ({"checks": {"hygiene/large-files": {"thresholds": {"megabytes": float("nan")}}}}, "megabytes: a number"),
        ({"checks": {"hygiene/large-files": {"thresholds": {"megabytes": -1}}}}, "megabytes: at least 0"),
        ({"checks": {"hygiene/large-files": {"weight": -1}}}, "weight: at least 0"),
        ({"checks": {"hygiene/large-files": {"enabled": 1}}}, "enabled: true or false"),
        ({"areas": {"hygene": 1}}, "areas.hygene"),
        ({"grades": {"A": 80, "B": 90, "C": 70, "D": 60}}, "grades"),
        ({"grades": {"A": 80}}, "grades"),
    ],
)
def test_says_which_entry_is_wrong(document: Any, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        Policy.parse(document)


def test_thresholds_and_switches_change_outcomes_and_the_rest_only_scores() -> None:
    plain = Policy()
    heavier = Policy(checks={LARGE.slug: Rule(weight=1)}, areas={"hygiene": 2})
    stricter = Policy(checks={LARGE.slug: Rule(thresholds={"megabytes": 1})})
    assert heavier.digest != plain.digest
    assert heavier.outcome_digest == plain.outcome_digest
    assert stricter.outcome_digest != plain.outcome_digest


def test_grades_have_their_boundaries() -> None:
    assert [Policy().grade(score) for score in (100, 90, 89.9, 80, 70, 60, 59.9, 0)] == list("AABBCDFF")
