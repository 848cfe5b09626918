"""git's objects as it stores them, read as data."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from sys import intern

from apps.audit.regex import regex
from apps.audit.snapshot import Commit, Kind
from apps.audit.text import clean_text

OBJECT_ID = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
FOLDER, KINDS = b"40000", {b"120000": Kind.SYMLINK, b"160000": Kind.SUBMODULE}
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def parse_tree(content: bytes, width: int) -> list[tuple[bytes, bytes, str]] | None:
    """Mode, name and id of each entry; None when the object is broken."""
    entries, position = list[tuple[bytes, bytes, str]](), 0
    while position < len(content):
        end = content.find(b"\0", position)
        if end < 0 or end + width >= len(content):
            return None
        mode, _, name = content[position:end].partition(b" ")
        entries.append((mode, name, content[end + 1 : end + 1 + width].hex()))
        position = end + 1 + width
    return entries


def parse_commit(oid: str, content: bytes) -> Commit:
    head, _, message = content.partition(b"\n\n")
    lines = [line.partition(b" ") for line in head.split(b"\n")]
    parents = tuple(intern(value.decode("ascii", "replace")) for key, _, value in lines if key == b"parent")
    fields = {key: value.decode("utf-8", "backslashreplace") for key, _, value in reversed(lines)}
    name, _, rest = fields.get(b"author", "").partition(" <")
    text = "\n".join(clean_text(line) for line in message.decode("utf-8", "backslashreplace").splitlines()[:400])
    email, date = intern(clean_text(rest.partition(">")[0])), parse_date(fields.get(b"committer", ""))
    tree = fields.get(b"tree", "")
    return Commit(
        intern(oid), parents, intern(clean_text(name)), email, date, text, tree if OBJECT_ID.fullmatch(tree) else ""
    )


def parse_date(person: str) -> datetime:
    """The date at the end of a `Name <address> seconds ±hhmm` line, clamped to what a calendar can hold."""
    match = re.search(r"> (-?\d{1,20}) ([+-])(\d\d)(\d\d)$", person)
    if match is None:
        return datetime.fromtimestamp(0, UTC)
    seconds = min(max(int(match[1]), 0), int(LATEST.timestamp()))
    return datetime.fromtimestamp(seconds, zone(match[2], min(int(match[3]), 14), min(int(match[4]), 59)))


@cache  # there are few, and many commits
def zone(sign: str, hours: int, minutes: int) -> timezone:
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset)
