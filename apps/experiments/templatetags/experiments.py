"""Filters of the experiments' templates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django import template

from apps.experiments.sheet import is_number

register = template.Library()
LONGEST = 40


@register.filter
def number(value: Any) -> str:
    """A value as people write it: five digits of a number, a text cut short, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "∞", "-inf": "-∞"}[str(value)]
    if is_number(value):
        return f"{value:,}" if isinstance(value, int) and abs(value) < 10**9 else f"{value:.5g}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@register.filter
def last_part(name: str) -> str:
    """`lr` of `train.optimizer.lr`."""
    return name.rpartition(".")[2] or name


@register.filter
def at(cells: Mapping[str, Any], name: str) -> Any:
    """The value of a column; None where there is none."""
    return cells.get(name)
