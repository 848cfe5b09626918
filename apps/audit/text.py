"""Text and other JSON made fit for pages and databases, whatever a repository holds."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from apps.audit.regex import regex

LONGEST_TEXT = 4096
# Control characters and the marks that turn text around: they break terminals, databases and the reader's eye.
UNPRINTABLE = regex("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean_text(text: str, limit: int = LONGEST_TEXT) -> str:
    """`text` with what no page or database can hold made visible (`\\x1b`, `\\u202e`), at most `limit` characters."""
    visible = UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"


def cleaned(value: Any) -> Any:
    """JSON with `clean_text` of every text in it, and without numbers that are none."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def chart_text(text: str, longest: int = 60) -> str:
    """Text for Plotly, which reads it as HTML of a kind, in which it knows no name of a quotation mark.

    Of its tags only <br> is of use: it makes inline styles of the others, which pages do not allow.
    """
    return escape(text if len(text) <= longest else f"{text[: longest - 1]}…", quote=False)


def printable(text: str) -> str:
    """The text itself. Raises ValueError where no page or database can hold it."""
    if UNPRINTABLE.search(text):
        raise ValueError("holds characters that no page or database can hold")
    return text
