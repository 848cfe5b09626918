"""When something comes round, in time zones that change their clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.jobs.when import Never, When, zones

BERLIN = "Europe/Berlin"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Half an hour of summer time, a change at midnight, one in the other half of the year, and none.
ZONES = st.sampled_from(
    [BERLIN, "Australia/Lord_Howe", "America/Santiago", "America/New_York", "Asia/Kathmandu", "UTC"]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def turns(when: When, begin: datetime, end: datetime) -> list[datetime]:
    found = [when.after(begin)]
    while found[-1] <= end:
        found.append(when.after(found[-1]))
    return found[:-1]


@settings(max_examples=25)
@given(ZONES, st.integers(0, 59), st.integers(0, 23), MOMENTS)
def test_each_day_has_one_turn_whatever_its_clocks_do(zone: str, minute: int, hour: int, begin: datetime) -> None:
    local, days = ZoneInfo(zone), 200
    first_day = begin.astimezone(local).date() + DAY
    midnight = datetime.combine(first_day, time(), local).astimezone(UTC) - MINUTE
    found = turns(When(f"{minute} {hour} * * *", zone), midnight, midnight + days * DAY + 12 * HOUR)[:days]
    assert [turn.astimezone(local).date() for turn in found] == [first_day + number * DAY for number in range(days)]
    for turn in found:
        shown = turn.astimezone(local)
        wanted = datetime.combine(shown.date(), time(hour, minute), local)
        exists = wanted.astimezone(UTC).astimezone(local).time() == wanted.time()
        # A time that the day does not have is made up for right after the gap, which has a whole hour at most.
        assert shown.time() == wanted.time() if exists else wanted.time() < shown.time()
        assert turn - wanted.astimezone(UTC) <= HOUR


@settings(max_examples=25)
@given(ZONES, st.sampled_from([5, 15, 20, 30]), MOMENTS)
def test_minutes_go_on_through_a_change_of_clocks(zone: str, step: int, begin: datetime) -> None:
    found = turns(When(f"*/{step} * * * *", zone), begin, begin + DAY)
    steps = {later - earlier for earlier, later in itertools.pairwise(found)}
    assert steps == {step * MINUTE}


FIELD = st.sampled_from(["*", "0", "1", "2", "3", "*/2", "1-3", "2,30", "5"])


@given(st.tuples(FIELD, FIELD, FIELD, FIELD, FIELD), ZONES, MOMENTS)
def test_a_turn_is_always_later_and_none_lies_between(fields: tuple[str, ...], zone: str, moment: datetime) -> None:
    when = When(" ".join(fields).replace("30 *", "30 1"), zone)
    try:
        turn = when.after(moment)
    except Never:
        return
    assert turn > moment
    between = moment + (turn - moment) / 2
    assert when.after(between) == turn
    assert when.after(turn - timedelta(seconds=1)) == turn


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # 02:30 does not exist on 29 March 2026, and comes twice on 25 October.
        ("2026-03-28T12:00+00:00", "2026-03-29T01:00+00:00"),
        ("2026-03-29T01:00+00:00", "2026-03-30T00:30+00:00"),
        ("2026-10-24T12:00+00:00", "2026-10-25T00:30+00:00"),
        ("2026-10-25T00:30+00:00", "2026-10-26T01:30+00:00"),
        ("2026-10-25T01:10+00:00", "2026-10-26T01:30+00:00"),
    ],
)
def test_the_days_on_which_clocks_change(moment: str, expected: str) -> None:
    assert When("30 2 * * *", BERLIN).after(datetime.fromisoformat(moment)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("cron", "zone", "words"),
    [
        ("0 * * * *", "UTC", "hourly"),
        ("20 * * * *", "UTC", "hourly at minute 20"),
        ("5 7 * * *", BERLIN, "daily at 07:05, Europe/Berlin"),
        ("0 7 * * 1", BERLIN, "weekly on Monday at 07:00, Europe/Berlin"),
        ("0 7 * * 0", "UTC", "weekly on Sunday at 07:00, UTC"),
        ("0 7 * * 7", "UTC", "weekly on Sunday at 07:00, UTC"),
        ("0 7 1 * *", BERLIN, "at 07:00 on the first day of every month, Europe/Berlin"),
    ],
)
def test_it_is_said_in_words(cron: str, zone: str, words: str) -> None:
    assert When(cron, zone).words == words


@pytest.mark.parametrize(
    ("cron", "zone", "complaint"),
    [
        ("0 7 * * *", "Mars/Olympus", "Choose a time zone"),
        ("0 7 * * *", "../../etc/passwd", "Choose a time zone"),
        ("0 7 * *", "UTC", "five fields"),
        ("0 0 7 * * *", "UTC", "five fields"),
        ("0 " * 60, "UTC", "five fields"),
        ("0,1" * 40 + " * * * *", "UTC", "five fields"),
        ("61 7 * * *", "UTC", "The minute"),
        ("0 25 * * *", "UTC", "The hour"),
        ("0 7 * 13 *", "UTC", "The month"),
        ("0 7 * * MON#6", "UTC", "The day-of-week"),
        ("0 7 30 2 *", "UTC", "The day-of-month"),
        ("*/0 7 * * *", "UTC", "The minute"),
        ("٣ 7 * * *", "UTC", "The minute"),
    ],
)
def test_what_is_no_time_is_refused(cron: str, zone: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        When(cron, zone).validate()


@given(st.text(alphabet="0123456789*/-,#LW MONJA\u0663", max_size=30))
def test_nothing_that_is_typed_breaks_more_than_itself(cron: str) -> None:
    when = When(cron, "UTC")
    try:
        when.validate()
    except ValidationError:
        return
    assert when.words
    assert when.after(datetime(2026, 1, 1, tzinfo=UTC))


def test_time_zones_are_offered_once_with_utc_first() -> None:
    assert zones()[0] == "UTC"
    assert len(set(zones())) == len(zones())
    assert "America/Argentina/Buenos_Aires" in zones()
    assert not [zone for zone in zones() if zone.startswith(("Etc/", "posix/", "right/"))]
