"""How a person says when something comes round."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from apps.jobs.forms import WhenField
from apps.jobs.when import When

BERLIN = "Europe/Berlin"


class Required(forms.Form):
    when = WhenField()


class Inherited(forms.Form):
    when = WhenField(otherwise="As its team")


def typed(**values: str) -> dict[str, str]:
    asked = {"choice": "daily", "weekday": "1", "time": "07:00", "cron": "", "zone": BERLIN, **values}
    return {f"when_{name}": value for name, value in asked.items()}


@pytest.mark.parametrize(
    ("values", "cron"),
    [
        ({"choice": "hourly", "time": ""}, "0 * * * *"),
        ({"choice": "daily", "time": "07:05"}, "5 7 * * *"),
        ({"choice": "weekly", "weekday": "7", "time": "23:59"}, "59 23 * * 7"),
        ({"choice": "cron", "cron": " 0  7 1 * * ", "time": ""}, "0 7 1 * *"),
    ],
)
def test_what_is_chosen_comes_back_as_it_was(values: dict[str, str], cron: str) -> None:
    form = Required(typed(**values))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["when"] == When(cron, BERLIN)
    page = str(Required(initial={"when": form.cleaned_data["when"]})["when"])
    assert f'value="{values["choice"]}" selected' in page
    assert f'value="{BERLIN}" selected' in page
    shown = {"hourly": "", "daily": 'value="07:05"', "weekly": 'value="7" selected', "cron": 'value="0 7 1 * *"'}
    assert shown[values["choice"]] in page


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"time": ""}, "Say at what time"),
        ({"choice": "cron", "cron": "tomorrow"}, "five fields"),
        ({"choice": "cron", "cron": "0 7 30 2 *"}, "day-of-month"),
        ({"choice": "monthly"}, "valid choice"),
        ({"zone": "Mars/Olympus"}, "valid choice"),
        ({"time": "noon"}, "valid time"),
        ({"choice": ""}, "Say how often"),
    ],
)
def test_what_is_no_answer_is_said(values: dict[str, Any], complaint: str) -> None:
    form = Required(typed(**values))
    assert complaint in str(form.errors)


def test_what_holds_otherwise_can_be_chosen() -> None:
    form = Inherited(typed(choice="", time=""))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["when"] is None
    assert "As its team" in str(form)
    assert Inherited(typed()).is_valid()
