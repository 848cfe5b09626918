"""When a rule tells."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from apps.alerts.models import Rule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "moment", "quiet"),
    [
        (time(20), time(7), "2026-01-10T19:30", True),  # 20:30 in Berlin
        (time(20), time(7), "2026-01-10T18:59", False),
        (time(20), time(7), "2026-01-10T05:59", True),
        (time(20), time(7), "2026-01-10T06:00", False),
        (time(12), time(13), "2026-07-10T10:30", True),  # in summer, 12:30
        (time(12), time(13), "2026-07-10T11:30", False),
        (None, None, "2026-07-10T11:30", False),
    ],
)
def test_quiet_hours(start: time | None, end: time | None, moment: str, quiet: bool) -> None:
    rule = Rule(quiet_from=start, quiet_until=end, time_zone="Europe/Berlin")
    assert rule.is_quiet(at(moment)) is quiet


@pytest.mark.parametrize(
    ("cron", "happened", "now", "due"),
    [
        ("", "2026-01-10T08:00", "2026-01-10T08:00", True),
        ("0 * * * *", "2026-01-10T08:10", "2026-01-10T08:59", False),
        ("0 * * * *", "2026-01-10T08:10", "2026-01-10T09:00", True),
        ("30 8 * * *", "2026-01-10T07:29", "2026-01-10T07:30", True),  # 8:30 in Berlin
        ("30 8 * * *", "2026-01-10T07:31", "2026-01-11T07:29", False),
        ("30 8 * * *", "2026-01-10T07:31", "2026-01-13T19:00", True),  # nothing ran for days
    ],
)
def test_digests(cron: str, happened: str, now: str, due: bool) -> None:
    rule = Rule(cron=cron, digest_zone="Europe/Berlin", time_zone="UTC")
    assert rule.is_due(at(happened), at(now)) is due


def test_a_digest_in_quiet_hours_comes_after_them() -> None:
    rule = Rule(cron="0 3 * * *", digest_zone="UTC", quiet_from=time(22), quiet_until=time(6), time_zone="UTC")
    assert not rule.is_due(at("2026-01-10T01:00"), at("2026-01-10T03:00"))
    assert rule.is_due(at("2026-01-10T01:00"), at("2026-01-10T06:00"))
