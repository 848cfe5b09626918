"""Looking for credentials in the lines of a text that one pass over its bytes, for all marks at once, points to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice

import hyperscan

from apps.audit.facts.notebooks import line_in, parse_notebook
from apps.audit.facts.secrets.credential_formats import (
    ASSIGNMENT_MARK,
    LITERAL,
    LONGEST_FORMAT,
    LONGEST_LINE,
    MARKS,
    goes_on,
    kinds_in,
)
from apps.audit.regex import regex
from apps.audit.snapshot import Json

MOST_FOUND, MOST_REMEMBERED = 20, 2_000
# From so many lines in one file, what they begin is followed into the lines below.
MOST_CONTINUED = 1000
# The key of Algolia's search box is meant to be read by every visitor of the page.
SEARCH_BOX, AROUND = regex(rb"docsearch|algolia", re.IGNORECASE), 300


@cache
def marks() -> hyperscan.Database:
    """What every credential has in or before it, matched in time that grows with the text only."""
    database, expressions = hyperscan.Database(), [*MARKS, ASSIGNMENT_MARK]
    flags = [0] * len(MARKS) + [hyperscan.HS_FLAG_CASELESS]
    database.compile(expressions=[mark.encode() for mark in expressions], flags=flags)
    return database


def marked_lines(content: bytes) -> Iterator[tuple[int, int]]:
    """Where each line starts and ends in which a mark ends."""
    ends, end = list[int](), -1
    marks().scan(content, match_event_handler=lambda _id, _from, to, _flags, _context: ends.append(to))
    for to in sorted(ends):
        if to > end:
            start, end = content.rfind(b"\n", 0, to - 1) + 1, content.find(b"\n", to)
            end = len(content) if end < 0 else end
            yield start, end


def find_in_text(content: bytes) -> Json:
    """Kind and line of every credential in a text; nothing in a binary file."""
    return [] if is_binary(content) else list(islice(search(content, literals=True), MOST_FOUND))


def find_formats_only(content: bytes) -> Json:
    """For files whose random literals mean nothing: data, tests, templates, other people's code."""
    return [] if is_binary(content) else list(islice(search(content, literals=False), MOST_FOUND))


def find_in_notebook(content: bytes) -> Json:
    """In the sources of the code cells."""
    cells = parse_notebook(content)["cells"]
    found = [(cell, find_in_text(cell[0].encode("utf-8", "replace"))) for cell in cells]
    return [[kind, line_in(cell, line)] for cell, kinds in found for kind, line in kinds][:MOST_FOUND]


def is_binary(content: bytes) -> bool:
    return b"\0" in content[:8000]


def search(content: bytes, *, literals: bool) -> Iterator[list[Json]]:
    """Line by line, at most one credential each."""
    number, counted, continued = 1, 0, 0
    for start, end in marked_lines(content):
        line = content[start:end]
        if len(line) <= LONGEST_LINE and not may_hold(line):
            continue
        text = line.decode("utf-8", "replace")
        continued += goes_on(text)
        below = content[end + 1 : end + 1 + LONGEST_FORMAT] if continued <= MOST_CONTINUED else b""
        kinds = kinds_in(text, below, literals=literals)
        kind = next((kind for kind in kinds if not is_public(kind, content[max(start - AROUND, 0) : end + AROUND])), "")
        if kind:
            number, counted = number + content.count(b"\n", counted, start), start
            yield [kind, number]


@lru_cache(MOST_REMEMBERED)
def may_hold(line: bytes) -> bool:
    """Whether a line holds a credential or begins one; versions of a file share most of theirs."""
    text = line.decode("utf-8", "replace")
    return goes_on(text) or any(kinds_in(text, b"", literals=True))


def is_public(kind: str, around: bytes) -> bool:
    """Whether it is the key of a page's search box."""
    name = kind.removeprefix(LITERAL)
    is_key = name != kind and re.search(r"api[_-]?key", name, re.IGNORECASE)
    return bool(is_key and SEARCH_BOX.search(around))
