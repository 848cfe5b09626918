"""Python source to a syntax tree, where that costs no more than honest code does."""

from __future__ import annotations

import ast
import warnings

from apps.audit.regex import regex

UNPARSEABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, LookupError)
# Half a megabyte of honest code has some 100,000 words and signs; of the worst, 500,000, which take 500 MB to parse.
MOST_PARTS = 150_000
PART = regex(rb"[\w\x80-\xff]+|[^\w\s\x80-\xff]|\n")
TOO_COSTLY = f"too costly to parse: more than {MOST_PARTS:,} words, signs and lines"


class TooCostly(ValueError):
    """Source with more words, signs and lines than are parsed."""

    def __init__(self) -> None:
        super().__init__(TOO_COSTLY)
        self.msg = TOO_COSTLY


def parse(source: bytes) -> ast.Module:
    """The syntax tree. Raises one of UNPARSEABLE."""
    if parts(source) > MOST_PARTS:
        raise TooCostly
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def parts(source: bytes) -> int:
    """Words, signs and lines of a source; or its length, where they cannot be too many."""
    return len(source) if len(source) <= MOST_PARTS else sum(1 for _ in PART.finditer(source))
