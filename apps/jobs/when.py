"""When work comes round: a cron expression, read in a time zone.

A time of day that the change to summer time leaves out comes right after it, and one that autumn has twice comes
once, as with Debian's cron.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from django.conf import settings
from django.core.exceptions import ValidationError

LONGEST = 100
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OCEANS = {"Arctic", "Atlantic", "Indian", "Pacific"}
REGIONS = {"Africa", "America", "Antarctica", "Asia", "Australia", "Europe"} | OCEANS
# Over how long the turns of many may be spread.
SPREADS = {
    timedelta(0): "all at once",
    timedelta(minutes=15): "spread over a quarter of an hour",
    timedelta(hours=1): "spread over an hour",
    timedelta(hours=6): "spread over six hours",
    timedelta(days=1): "spread over a day",
    timedelta(weeks=1): "spread over a week",
}
HOURLY = re.compile(r"(\d{1,2}) \* \* \* \*")
AT = re.compile(r"(?P<minute>\d{1,2}) (?P<hour>\d{1,2}) \* \* (?P<weekday>\*|[0-7])")


class Never(Exception):
    """No such moment will come, or the words for it are not understood."""


@dataclass(frozen=True)
class When:
    """Moments that come round: five fields of cron, and the name of the time zone that they are meant in."""

    cron: str
    zone: str

    def after(self, moment: datetime) -> datetime:
        """The first moment later than this one, in UTC. Raises Never."""
        try:
            turns = CronSim(self.cron, moment.astimezone(ZoneInfo(self.zone)))
        except (CronSimError, LookupError) as error:
            raise Never(str(error)) from error
        # In the hour that comes twice, the first turns that are found may be those of its first time round.
        for turn in (turn.astimezone(UTC) for turn in turns):
            if turn > moment:
                return turn
        raise Never("It never comes round.")

    def validate(self) -> None:
        """Raises ValidationError in plain words."""
        if self.zone not in zones():
            raise ValidationError("Choose a time zone such as Europe/Berlin.")
        if len(self.cron) > LONGEST or len(self.cron.split()) != 5:
            raise ValidationError(
                f"A cron expression has five fields between spaces and at most {LONGEST} characters, as in: 0 7 * * 1"
            )
        try:
            self.after(datetime.now(UTC))
        except Never as error:
            raise ValidationError(complaint(str(error))) from error

    @property
    def words(self) -> str:
        """As a person would say it: "weekly on Monday at 07:00, Europe/Berlin"."""
        if hourly := HOURLY.fullmatch(self.cron):
            return f"hourly at minute {int(hourly[1])}" if int(hourly[1]) else "hourly"
        if at := AT.fullmatch(self.cron):
            day = "daily" if at["weekday"] == "*" else f"weekly on {WEEKDAYS[(int(at['weekday']) - 1) % 7]}"
            return f"{day} at {int(at['hour']):02}:{int(at['minute']):02}, {self.zone}"
        explained: str = CronSim(self.cron, datetime.now(UTC)).explain()
        return f"{explained[:1].lower()}{explained[1:]}, {self.zone}"


def in_words(when: When, spread: timedelta) -> str:
    """As a person would say it: "daily at 07:00, Europe/Berlin, spread over an hour"."""
    return f"{when.words}, {SPREADS.get(spread, f'spread over {spread}')}" if spread else when.words


def complaint(error: str) -> str:
    """What cronsim found wrong, for the person who typed it."""
    _, bad, field = error.partition("Bad ")
    return f"The {field} of this cron expression is not one." if bad else "This cron expression never comes round."


@cache
def zones() -> list[str]:
    """The time zones that people choose from, UTC first, without the names that are kept for old machines only."""
    known = {zone for zone in available_timezones() if zone.partition("/")[0] in REGIONS}
    return ["UTC", *sorted(known | {settings.TIME_ZONE} - {"UTC"})]
