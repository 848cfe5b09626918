"""Splits that queries in SQL make: by the hash of a key, or by chance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from apps.audit.facts.python.nodes import IN_QUERY
from apps.audit.facts.tree import Tree, is_template, is_test
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, Json, derive

LIMIT = 200 * KILOBYTE
# How far from the draw a query says what it is for.
NEAR = 150
QUERY = regex(r"\b(select|from|where|case|when|if|iff)\b", re.IGNORECASE)
PART = regex(r"train|test|valid|holdout|unassigned|split", re.IGNORECASE)
SEEDED = regex(r"\(\s*\d")


class Queried(NamedTuple):
    """A split, the line of its text (from 0), and what keeps it; empty for nothing."""

    what: str
    line: int
    kept_by: str


def splits_in(query: str) -> Iterator[Queried]:
    for match in IN_QUERY.finditer(query) if "(" in query else ():
        line, around = query.count("\n", 0, match.start()), query[max(0, match.start() - NEAR) : match.end() + NEAR]
        if match["hash"]:
            yield Queried(f"a split by {match['hash']}", line, "the hash of a key")
        elif QUERY.search(around) and PART.search(around):
            what = f"a split by {match[0].strip('<>= ')}"
            yield Queried(what, line, "its seed" if SEEDED.search(match[0]) else "")


def in_files(tree: Tree) -> Iterator[tuple[str, Queried]]:
    """Splits of the queries that have files of their own, and the paths of these."""
    files = (file for file in tree.ending(".sql") if not is_test(file.path) and not is_template(file.path))
    for file, found in derive(files, parse_query, LIMIT):
        yield from ((file.path, Queried(*each)) for each in found)


def parse_query(content: bytes) -> Json:
    return [list(each) for each in splits_in(content.decode("utf-8", "replace"))]
