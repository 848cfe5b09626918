"""What an administrator decided: thresholds, weights, which checks are on, area weights and grade boundaries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from apps.audit import catalog
from apps.audit.check import Check
from apps.audit.snapshot import Json

GRADES = {"A": 90.0, "B": 80.0, "C": 70.0, "D": 60.0}


class PolicyError(ValueError):
    """A policy that cannot be used; the message names the entry and the mend."""


@dataclass(frozen=True)
class Rule:
    """What a policy says of one check; what it does not say is the check's own."""

    enabled: bool | None = None
    weight: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """Rules by check, weights by area (1 where not named), the least score of each grade."""

    checks: Mapping[str, Rule] = field(default_factory=dict)
    areas: Mapping[str, float] = field(default_factory=dict)
    grades: Mapping[str, float] = field(default_factory=lambda: dict(GRADES))

    @classmethod
    def parse(cls, data: Json) -> Self:
        """A policy from its JSON. Raises PolicyError."""
        if not isinstance(data, dict) or not data.keys() <= {"checks", "areas", "grades"}:
            raise PolicyError("a policy is an object with checks, areas and grades")
        checks = {slug: parse_rule(slug, rule) for slug, rule in data.get("checks", {}).items()}
        areas = {slug: number(f"areas.{slug}", weight) for slug, weight in data.get("areas", {}).items()}
        if unknown := [slug for slug in areas if slug not in catalog.areas()]:
            raise PolicyError(f"areas.{unknown[0]}: there is no such area")
        grades = {letter: number(f"grades.{letter}", least) for letter, least in data.get("grades", GRADES).items()}
        if list(grades) != list(GRADES) or sorted(grades.values(), reverse=True) != list(grades.values()):
            raise PolicyError("grades: A, B, C and D, each with a least score not above the one before it")
        return cls(checks, areas, grades)

    def to_json(self) -> Json:
        rules = {slug: rule_json(rule) for slug, rule in sorted(self.checks.items())}
        return {
            "checks": {slug: rule for slug, rule in rules.items() if rule},
            "areas": dict(sorted(self.areas.items())),
            "grades": dict(self.grades),
        }

    @property
    def digest(self) -> str:
        """Names everything that this policy says."""
        return digest(self.to_json())

    @property
    def outcome_digest(self) -> str:
        """Names only what can change an outcome: thresholds and checks that are off. The rest only re-scores."""
        rules = {slug: rule for slug, rule in self.checks.items() if rule.thresholds or rule.enabled is not None}
        return digest(
            {slug: [rule.enabled, dict(sorted(rule.thresholds.items()))] for slug, rule in sorted(rules.items())}
        )

    def rule(self, slug: str) -> Rule:
        return self.checks.get(slug, Rule())

    def is_on(self, check: type[Check]) -> bool:
        chosen = self.rule(check.slug).enabled
        return check.on if chosen is None else chosen

    def weight(self, check: type[Check]) -> float:
        chosen = self.rule(check.slug).weight
        return check.weight if chosen is None else chosen

    def configured(self, check: type[Check]) -> Check:
        """The check with this policy's thresholds."""
        return check(**self.rule(check.slug).thresholds)

    def grade(self, score: float) -> str:
        return next((letter for letter, least in self.grades.items() if score >= least), "F")


def digest(data: Json) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def rule_json(rule: Rule) -> Json:
    data: dict[str, Json] = {} if rule.enabled is None else {"enabled": rule.enabled}
    if rule.weight is not None:
        data["weight"] = rule.weight
    return data | ({"thresholds": dict(sorted(rule.thresholds.items()))} if rule.thresholds else {})


def parse_rule(slug: str, data: Json) -> Rule:
    check = catalog.checks().get(slug)
    if check is None:
        raise PolicyError(f"checks.{slug}: there is no such check")
    if not isinstance(data, dict) or not data.keys() <= {"enabled", "weight", "thresholds"}:
        raise PolicyError(f"checks.{slug}: an object with enabled, weight and thresholds")
    if not isinstance(data.get("enabled"), (bool, type(None))):
        raise PolicyError(f"checks.{slug}.enabled: true or false")
    fields = {each.name: each for each in check.thresholds()}
    given = data.get("thresholds", {})
    if unknown := [name for name in given if name not in fields]:
        raise PolicyError(f"checks.{slug}.thresholds.{unknown[0]}: this check has no such threshold")
    thresholds = {
        name: number(f"checks.{slug}.thresholds.{name}", value, **fields[name].metadata)
        for name, value in given.items()
    }
    weight = data.get("weight")
    return Rule(
        data.get("enabled"),
        None if weight is None else number(f"checks.{slug}.weight", weight),
        thresholds,
    )


def number(name: str, value: Json, *, least: float = 0, most: float | None = None, help: str = "") -> float:
    """`value` if it is a number within its limits. Raises PolicyError with the entry's name."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise PolicyError(f"{name}: a number, not {value!r}")
    if value < least or (most is not None and value > most):
        raise PolicyError(
            f"{name}: {f'at least {least:g}' if most is None else f'from {least:g} to {most:g}'}, not {value:g}"
        )
    return value
