"""Groups by an administrator's pattern: `feature/{group}-*` makes `churn` of `feature/churn-deeper-trees`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError

PLACE, ANY = "{group}", "*"
MOST_WILDCARDS = 2


def check_pattern(pattern: str) -> None:
    """Raises ValidationError."""
    if pattern.count(PLACE) != 1:
        raise ValidationError(f"Write {PLACE} once, where the group's name stands, as in feature/{PLACE}-*.")
    if pattern.count(ANY) > MOST_WILDCARDS:
        raise ValidationError(f"At most {MOST_WILDCARDS} asterisks.")


def group_by(patterns: Iterable[str], names: Iterable[str]) -> str | None:
    """The group that the first matching pattern gives to the first matching name; None where none matches.

    An asterisk stands for anything, the group for anything without a slash.
    """
    given = list(names)
    for pattern in patterns:
        for name in given:
            if match := to_regex(pattern).fullmatch(name):
                return match["group"]
    return None


def to_regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\{group\}|\*)", pattern)
    meaning = {PLACE: "(?P<group>[^/]+?)", ANY: ".*"}
    return re.compile("".join(meaning.get(part) or re.escape(part) for part in parts))
