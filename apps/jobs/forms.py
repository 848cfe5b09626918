"""How a person says when something comes round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from apps.jobs.when import AT, LONGEST, WEEKDAYS, When, zones

EVERY_HOUR = "0 * * * *"
CHOICES = (("hourly", "Hourly"), ("daily", "Daily"), ("weekly", "Weekly"), ("cron", "By cron expression"))
DAYS = [(str(number), day) for number, day in enumerate(WEEKDAYS, 1)]
MORNING = time(7)


class WhenWidget(forms.MultiWidget):
    """What is not asked for by the choice is hidden by the style sheet, where the browser can."""

    use_fieldset = True

    def __init__(self, choices: Sequence[tuple[str, str]] = CHOICES) -> None:
        super().__init__(
            {
                "choice": forms.Select({"aria-label": "How often"}, choices),
                "weekday": forms.Select({"aria-label": "Day of the week"}, DAYS),
                "time": forms.TimeInput({"aria-label": "Time of day", "type": "time"}, format="%H:%M"),
                "cron": forms.TextInput(
                    {"aria-label": "Cron expression", "placeholder": "0 7 * * 1-5", "maxlength": LONGEST}
                ),
                "zone": forms.Select({"aria-label": "Time zone"}, [(zone, zone) for zone in zones()]),
            }
        )

    def decompress(self, value: When | None) -> list[Any]:
        """The controls that say this."""
        if value is None:
            return [None, "1", MORNING, "", settings.TIME_ZONE]
        at = AT.fullmatch(value.cron)
        if value.cron == EVERY_HOUR:
            return ["hourly", "1", MORNING, "", value.zone]
        if at is None:
            return ["cron", "1", MORNING, value.cron, value.zone]
        weekday = str((int(at["weekday"]) - 1) % 7 + 1) if at["weekday"] != "*" else "1"
        choice = "daily" if at["weekday"] == "*" else "weekly"
        return [choice, weekday, time(int(at["hour"]), int(at["minute"])), "", value.zone]


class WhenField(forms.MultiValueField):
    """Hourly, daily, weekly or by cron expression, in a time zone; cleans to a When.

    Where `otherwise` says what holds without an answer, that can be chosen too, and cleans to None.
    """

    widget: WhenWidget

    def __init__(self, *, otherwise: str = "", **options: Any) -> None:
        choices = [("", otherwise), *CHOICES] if otherwise else list(CHOICES)
        fields = (
            forms.ChoiceField(choices=choices, required=not otherwise),
            forms.ChoiceField(choices=DAYS, required=False),
            forms.TimeField(required=False),
            forms.CharField(max_length=LONGEST, required=False),
            forms.ChoiceField(choices=[(zone, zone) for zone in zones()], required=False),
        )
        options = {"required": not otherwise, "error_messages": {"incomplete": "Say how often."}, **options}
        super().__init__(fields, require_all_fields=False, widget=WhenWidget(choices), **options)

    def compress(self, values: Sequence[Any]) -> When | None:
        choice, weekday, at, cron, zone = values or ("", "", None, "", "")
        if not choice:
            return None
        if choice in {"daily", "weekly"} and at is None:
            raise ValidationError("Say at what time.")
        at = at or MORNING
        written = {
            "hourly": EVERY_HOUR,
            "daily": f"{at.minute} {at.hour} * * *",
            "weekly": f"{at.minute} {at.hour} * * {weekday or 1}",
            "cron": " ".join(cron.split()),
        }
        when = When(written[choice], zone or settings.TIME_ZONE)
        when.validate()
        return when
