"""A report as a letter: HTML with a picture, the same as text, and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.outbox import mail
from apps.outbox.post import Letter
from apps.reports import words
from apps.reports.contents import Contents
from apps.reports.drawing import HEIGHT, WIDTH, draw
from apps.reports.plain import plain

# Of each list; the page has more.
MOST = 5


@dataclass(frozen=True)
class Origin:
    """The page that has the same as a letter, and why it came, in words."""

    link: str
    reason: str


def compose(contents: Contents, origin: Origin) -> Letter:
    brief = contents.brief(MOST)
    images = {"trend": draw(brief.trend)} if brief.trend else {}
    with timezone.override(brief.zone):
        return Letter(
            subject=words.subject(brief),
            text=plain(brief, origin.link, origin.reason),
            html=mail.compose("reports/mail.html", told(brief, origin, "cid:trend")),
            images=images,
            data=brief.to_json(),
            link=origin.link,
        )


def told(contents: Contents, origin: Origin, picture: str) -> dict[str, Any]:
    """What the template of a letter shows; `picture` is where its picture is found."""
    return {
        "contents": contents,
        "subject": words.subject(contents),
        "story": words.story(contents),
        "dates": words.dates(contents),
        "origin": origin,
        "site": settings.URL,
        "trend": {"source": picture, "width": WIDTH, "height": HEIGHT} if contents.trend else None,
    }
