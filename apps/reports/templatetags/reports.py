"""Filters of the reports' templates."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from apps.reports.words import whole

register = template.Library()


@register.filter
def course(scores: Sequence[float | None]) -> str:
    """The first and the last of some scores, in words."""
    known = [score for score in scores if score is not None]
    return f"{whole(known[0])} to {whole(known[-1])}" if known else "none"
