"""The form of the site's policy, built from the checks' own fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from apps.audit import catalog
from apps.audit.check import Check
from apps.audit.policy import GRADES, Policy, PolicyError
from apps.audit.snapshot import Json
from apps.policies.models import SitePolicy


@dataclass(frozen=True)
class Line:
    """What can be decided about one check; it differs where something was."""

    check: type[Check]
    differs: bool
    switch: BoundField
    weight: BoundField
    thresholds: list[BoundField]


@dataclass(frozen=True)
class Section:
    """One area of the form."""

    area: catalog.Area
    weight: BoundField
    lines: list[Line]


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """One field for each grade, area and check's switch, weight and thresholds, named as in the policy's JSON."""

    class Meta:
        model = SitePolicy
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = self.instance.policy
        for name, field, value in policy_fields(self.before):
            self.fields[name] = field
            self.initial[name] = value

    @property
    def grades(self) -> list[BoundField]:
        return [self[f"grades.{letter}"] for letter in GRADES]

    @property
    def sections(self) -> Iterator[Section]:
        for area in catalog.areas().values():
            yield Section(area, self[f"areas.{area.slug}"], [self.line(check) for check in area.checks])

    def line(self, check: type[Check]) -> Line:
        prefix = f"checks.{check.slug}"
        thresholds = [self[f"{prefix}.thresholds.{each.name}"] for each in check.thresholds()]
        differs = check.slug in self.before.checks
        return Line(check, differs, self[f"{prefix}.enabled"], self[f"{prefix}.weight"], thresholds)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            self.instance.document = Policy.parse(policy_json(cleaned)).to_json()
        except PolicyError as error:
            name = str(error).partition(":")[0]
            self.add_error(name if name in self.fields else None, str(error))
        return cleaned

    @property
    def differences(self) -> list[str]:
        """What saving changes, one line each: `hygiene/large-files: megabytes 10 to 5`."""
        return differences(self.before, self.instance.policy)


def policy_fields(policy: Policy) -> list[tuple[str, forms.Field, Any]]:
    """Name, field and present value of everything that can be decided."""
    found: list[tuple[str, forms.Field, Any]] = []
    for letter in GRADES:
        help_text = f"Least score of grade {letter}."
        found.append((f"grades.{letter}", number(letter, 0, 100, help_text), plain(policy.grades[letter])))
    for area in catalog.areas().values():
        field = number("Area weight", 0, 100, f"What {area.title} counts in the overall score; 0 leaves it out.")
        found.append((f"areas.{area.slug}", field, plain(policy.areas.get(area.slug, 1.0))))
        for check in area.checks:
            found += check_fields(check, policy)
    return found


def check_fields(check: type[Check], policy: Policy) -> list[tuple[str, forms.Field, Any]]:
    rule, prefix = policy.rule(check.slug), f"checks.{check.slug}"
    switch = forms.BooleanField(label="On", required=False)
    weight = number("Weight", 0, 100, f"{check.weight} unless set.")
    # In a table's cells they have no labels of their own.
    switch.widget.attrs["aria-label"] = f"{check.title()}: on"
    weight.widget.attrs["aria-label"] = f"{check.title()}: weight"
    found: list[tuple[str, forms.Field, Any]] = [
        (f"{prefix}.enabled", switch, policy.is_on(check)),
        (f"{prefix}.weight", weight, plain(policy.weight(check))),
    ]
    chosen: dict[str, Any] = {each.name: each.default for each in check.thresholds()} | dict(rule.thresholds)
    for each in check.thresholds():
        label, help_text = each.name.replace("_", " "), f"{each.metadata['help']} {each.default} unless set."
        field = number(label, each.metadata["least"], each.metadata["most"], help_text)
        found.append((f"{prefix}.thresholds.{each.name}", field, plain(chosen[each.name])))
    return found


def number(label: str, least: float, most: float | None, help_text: str) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=least, max_value=most, help_text=help_text)


def plain(value: float) -> float:
    """A whole number without its .0"""
    return int(value) if value == int(value) else value


def policy_json(cleaned: dict[str, Any]) -> Json:
    """The policy's JSON, holding only what differs from the checks' own values."""
    checks = {slug: check_json(check, cleaned) for slug, check in catalog.checks().items()}
    areas = {slug: cleaned.get(f"areas.{slug}") for slug in catalog.areas()}
    return {
        "checks": {slug: rule for slug, rule in checks.items() if rule},
        "areas": {slug: weight for slug, weight in areas.items() if weight is not None and weight != 1},
        "grades": {letter: cleaned.get(f"grades.{letter}", least) for letter, least in GRADES.items()},
    }


def check_json(check: type[Check], cleaned: dict[str, Any]) -> Json:
    prefix, rule = f"checks.{check.slug}", dict[str, Json]()
    if (chosen := bool(cleaned.get(f"{prefix}.enabled"))) != check.on:
        rule["enabled"] = chosen
    if (weight := cleaned.get(f"{prefix}.weight")) is not None and weight != check.weight:
        rule["weight"] = weight
    given = {each.name: (cleaned.get(f"{prefix}.thresholds.{each.name}"), each.default) for each in check.thresholds()}
    if changed := {name: value for name, (value, default) in given.items() if value is not None and value != default}:
        rule["thresholds"] = changed
    return rule


def differences(before: Policy, after: Policy) -> list[str]:
    """Each entry in which two policies differ, with both values."""
    old, new = flat(before), flat(after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [f"{name} {shown(old.get(name))} to {shown(new.get(name))}" for name in names]


def flat(policy: Policy) -> dict[str, float | bool]:
    values: dict[str, float | bool] = {f"grade {letter}": least for letter, least in policy.grades.items()}
    values |= {f"{slug}: area weight": policy.areas.get(slug, 1.0) for slug in catalog.areas()}
    for slug, check in catalog.checks().items():
        values |= {f"{slug}: on": policy.is_on(check), f"{slug}: weight": policy.weight(check)}
        configured = dataclasses.asdict(policy.configured(check))
        values |= {f"{slug}: {name}": value for name, value in configured.items()}
    return values


def shown(value: float | bool | None) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value:g}"
