"""Filters of the scorecards' templates."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.repositories.models import Repository
from apps.scorecards.report import because

register = template.Library()
register.filter(because)
LONGEST_SAMPLE = 1200


@register.filter
def floor(score: float | str) -> int | str:
    """A score as a whole number that never promises more than there is: 79.9 is not yet a B."""
    return math.floor(score) if isinstance(score, (int, float)) else score


@register.filter
def name_in_area(slug: str) -> str:
    """`large-files` of `hygiene/large-files`."""
    return slug.partition("/")[2]


@register.filter
def commit_link(repository: Repository, commit: str) -> str:
    """The forge's page of a commit, or ""."""
    return repository.commit_link(commit)


@register.filter
def in_words(outcome: str) -> str:
    return outcome.replace("_", " ")


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def after(items: Sequence[Any], count: int) -> Sequence[Any]:
    """All but the first `count` items."""
    return items[count:]


@register.filter
def ticked(text: str) -> SafeString:
    """Escaped text in which what stands in backticks is code."""
    parts = re.split(r"`([^`\n]+)`", text)
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", p) if n % 2 else p,) for n, p in enumerate(parts))
    )


@register.filter
def sample(content: str | bytes) -> str:
    """An example's file as text, not longer than a page bears."""
    text = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}\n…"


@register.filter
def unlocalised(number: float) -> str:
    """A number as SVG wants it, whatever the language of the page."""
    return f"{number:.6g}"
