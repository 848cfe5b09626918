"""Merge conflicts that were committed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.data.artefacts import DATA, MODELS
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, File, Json, Unknown, derive

LIMIT = 20 * MEGABYTE
PICTURES = regex(r"\.(png|jpe?g|gif|webp|bmp|tiff?|ico|pdf|ttf|otf|woff2?|mp[34]|wav|flac|avi|mov|ogg|so|dll|exe|whl)")
# A line that matters: the fence of a Markdown example, or one of the three markers.
LINE = regex(
    rb"^(?:[ \t]{0,8}(?P<fence>```|~~~)|(?P<marker><<<<<<<|=======|>>>>>>>)(?P<rest>[^\n]{0,200}))", re.MULTILINE
)
# What git writes beside a marker; enough where the other half of a conflict was deleted.
LEFT_OVER = {
    b"<<<<<<<": regex(rb" (HEAD|Updated upstream)\r?"),
    b">>>>>>>": regex(rb" (Stashed changes|[0-9a-f]{7,40}( \(.*\))?)\r?"),
}


@dataclass(frozen=True)
class Conflicts(Fact):
    """Text files with the markers of a conflict, and the line of the first."""

    places: tuple[tuple[str, int], ...]
    files: int
    unread: tuple[Unknown, ...]

    @classmethod
    def read(cls, tree: Tree) -> Self:
        derived = derive(filter(may_be_text, tree), first_marker, LIMIT)
        places = tuple((file.path, line) for file, line in derived if line)
        return cls(places, len(derived.items), (*tree.unread, *derived.unread))


def may_be_text(file: File) -> bool:
    return not any(kind.fullmatch(file.suffix) for kind in (PICTURES, MODELS, DATA))


def first_marker(content: bytes) -> Json:
    """The line where a conflict starts; 0 for none. Markers of a Markdown example, between fences, are none."""
    if b"<<<<<<< " not in content and b">>>>>>> " not in content:
        return 0
    if b"\0" in content[:8000]:
        return 0
    fenced, expected, opened, left_over = False, b"<<<<<<<", -1, -1
    for match in LINE.finditer(content):
        marker, rest = match["marker"], match["rest"] or b""
        fenced ^= bool(match["fence"])
        if fenced or not marker or (marker == b"=======") == bool(rest.strip()):
            continue
        if left_over < 0 and marker in LEFT_OVER and LEFT_OVER[marker].fullmatch(rest):
            left_over = match.start()
        if marker == b"<<<<<<<":
            opened, expected = match.start(), b"======="
        elif marker == expected == b"=======":
            expected = b">>>>>>>"
        elif marker == expected:
            return content.count(b"\n", 0, opened) + 1
    return content.count(b"\n", 0, left_over) + 1 if left_over >= 0 else 0
