"""Makes editions of reports and posts them. Each period has one edition, and each recipient gets one message of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.jobs.when import When
from apps.outbox.post import post
from apps.reports import letter
from apps.reports.compose import compose
from apps.reports.contents import Contents
from apps.reports.courses import Period
from apps.reports.letter import Origin
from apps.reports.models import Edition, Report

# How far back to look for the last turn: at least one of anything that comes round every hour, day, week, month, year.
STRIDES = (timedelta(hours=3), timedelta(days=3), timedelta(days=15), timedelta(days=63), timedelta(days=9 * 366))


def last_turn(when: When, now: datetime) -> datetime:
    """The youngest turn that is not later than `now`; a job that comes late or again finds the same. Raises Never."""
    turn = next((found for stride in STRIDES if (found := when.after(now - stride)) <= now), now)
    while (following := when.after(turn)) <= now:
        turn = following
    return turn


def contents_of(report: Report, until: datetime) -> Contents:
    """What the report says of the period that ends then."""
    period = Period(report.since(until), until, report.time_zone)
    return compose(report.repositories(), str(report), period)


@transaction.atomic
def issue(report: Report, contents: Contents, by: User | None = None) -> Edition:
    """Keep what a report says and post it to its recipients; that of a period that has an edition changes nothing."""
    fields = {"since": contents.since, "kept": contents.to_json(), "sent_by": by}
    edition, is_new = Edition.objects.get_or_create(report=report, until=contents.until, defaults=fields)
    if is_new:
        sent = letter.compose(contents, Origin(f"{settings.URL}{edition.get_absolute_url()}", reason(report)))
        for channel in report.recipients():
            post(channel, edition.key, sent)
    return edition


def reason(report: Report) -> str:
    """Why somebody gets it."""
    comes = f"comes {report.when.words}" if report.active else "is sent when somebody asks for it"
    return f"This report on {report} {comes}."
