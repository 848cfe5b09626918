"""Looking for credentials line by line, through many files that have most of their lines in common."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from apps.audit.facts.notebooks import line_in, parse_notebook
from apps.audit.facts.secrets.credential_formats import FORMATS, KEYWORDS, LITERAL, LONGEST_FORMAT, goes_on, kinds_in
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, Json

MOST_FOUND, MOST_REMEMBERED, WEIGHT_OF_LINE = 20, 32 * MEGABYTE, 100
# From so many lines in one file, what they begin is followed into the lines below.
MOST_CONTINUED = 1000
NEEDLES = (b"://", *(needle.encode() for _, needle, _ in FORMATS))
LOWER_NEEDLES = tuple(keyword.encode() for keyword in KEYWORDS)
# The key of Algolia's search box is meant to be read by every visitor of the page.
SEARCH_BOX, AROUND = regex(rb"docsearch|algolia", re.IGNORECASE), 300


class Sieve:
    """Remembers which lines cannot hold a credential and which may: versions of a file share most of theirs."""

    def __init__(self) -> None:
        self.clean, self.suspect, self.weight = set[bytes](), set[bytes](), 0

    def suspects(self, lines: list[bytes]) -> set[bytes]:
        """Those of `lines` that hold a credential, or begin one that may go on in the next line."""
        if self.weight > MOST_REMEMBERED:
            self.clean, self.suspect, self.weight = set(), set(), 0
        met = set(lines)
        self.learn(met - self.clean - self.suspect)
        return met - self.clean

    def learn(self, fresh: set[bytes]) -> None:
        text = b"\n".join(fresh)
        lower = text.lower()
        needles = [needle for needle in NEEDLES if needle in text]
        lower_needles = [needle for needle in LOWER_NEEDLES if needle in lower]
        found = {
            line
            for line in (fresh if needles or lower_needles else ())
            if (any(needle in line for needle in needles) or any(needle in line.lower() for needle in lower_needles))
            and may_hold(line.decode("utf-8", "replace"))
        }
        self.suspect |= found
        self.clean |= fresh - found
        self.weight += len(text) + WEIGHT_OF_LINE * len(fresh)


def may_hold(line: str) -> bool:
    return goes_on(line) or any(kinds_in(line, b"", literals=True))


SIEVE = Sieve()


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
    lines, end, continued = content.split(b"\n"), -1, 0
    suspects = SIEVE.suspects(lines)
    for number, line in enumerate(lines if suspects else (), 1):
        start, end = end + 1, end + 1 + len(line)
        if line not in suspects:
            continue
        text = line.decode("utf-8", "replace")
        continued += goes_on(text)
        below = content[end : end + LONGEST_FORMAT] if continued <= MOST_CONTINUED else b""
        kinds = kinds_in(text, below, literals=literals)
        kind = next((kind for kind in kinds if not is_public(kind, content[max(start - AROUND, 0) : end + AROUND])), "")
        if kind:
            yield [kind, number]


def is_public(kind: str, around: bytes) -> bool:
    """Whether it is the key of a page's search box."""
    name = kind.removeprefix(LITERAL)
    is_key = name != kind and re.search(r"api[_-]?key", name, re.IGNORECASE)
    return bool(is_key and SEARCH_BOX.search(around))
