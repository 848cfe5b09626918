"""What `exp:` commits say of an experiment, whatever the order, case and number of their fields."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from apps.audit.regex import regex
from apps.audit.snapshot import Commit

FIELDS = ("experiment", "group", "hypothesis", "result", "metrics", "config changes", "notes")
OTHER_NAMES = {
    "id": "experiment",
    "hypotheses": "hypothesis",
    "results": "result",
    "outcome": "result",
    "conclusion": "result",
    "metric": "metrics",
    "config": "config changes",
    "config change": "config changes",
    "configuration changes": "config changes",
    "params": "config changes",
    "changes": "config changes",
    "note": "notes",
}
NAMES = "|".join(sorted((*FIELDS, *OTHER_NAMES), key=len, reverse=True)).replace(" ", "[ _-]")
FIELD = regex(
    rf"[ \t]{{0,8}}(?:[-*#]{{1,3}} ?)?\**(?P<name>{NAMES})\**\s{{0,4}}[:\uff1a]\**(?P<rest>.*)", re.IGNORECASE
)
SUBJECT = regex(r"exp(?:\((?P<scope>[^()]{1,80})\))?!?: *(?P<what>\S.*)", re.IGNORECASE)
TRAILER = regex(r"[A-Z][a-z]{1,40}(?:-[A-Za-z]{1,40}){1,5}: ")
# What an honest message says of metrics is far shorter.
LONGEST_METRICS = 10_000
AMOUNT = r"(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:e[-+]?\d{1,3})?"
NUMBER = rf"[-+\u2212]?{AMOUNT}"
# "recall: 0.71 -> 0.74 (+0.03)", "recall 0.74 (was 0.71)", "recall=0.74 (+0.03)"
METRIC = regex(
    rf"(?P<name>[^\W\d][\w@./ -]{{0,60}}?)\s{{0,4}}[:=\uff1a ]\s{{0,4}}(?P<first>{NUMBER})%?"
    rf"(?:\s{{0,4}}(?:->|→|=>)\s{{0,4}}(?P<last>{NUMBER})%?)?"
    rf"(?:\s{{0,4}}\(\s?(?:(?:was|from|before)[: ]\s?(?P<was>{NUMBER})|(?P<delta>[-+\u2212]{AMOUNT}))?"
    r"[^()]{0,60}\))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Stated:
    """A metric as a message gives it; `before` where it says what it was."""

    name: str
    value: float
    before: float | None


@dataclass(frozen=True)
class Note:
    """The fields of an `exp:` commit; those that it lacks are empty."""

    subject: str
    experiment: str
    group: str
    hypothesis: str
    result: str
    metrics: tuple[Stated, ...]
    changes: tuple[str, ...]
    notes: str

    @property
    def tells(self) -> bool:
        """Whether it says more than its subject does."""
        return any((self.experiment, self.hypothesis, self.result, self.metrics, self.changes, self.notes))


def note(commit: Commit) -> Note | None:
    """What the commit says; None where its message is no `exp:` message."""
    if (match := SUBJECT.match(commit.subject)) is None:
        return None
    fields = dict[str, str]()
    for name, lines in sections(commit.message):
        if (text := "\n".join(lines).strip()) and text.lower() != "none":
            fields[name] = f"{fields[name]}\n{text}" if name in fields else text
    listed = [line.strip(" \t-*") for line in fields.get("config changes", "").splitlines()]
    return Note(
        match["what"].strip(),
        fields.get("experiment", ""),
        fields.get("group") or match["scope"] or "",
        fields.get("hypothesis", ""),
        fields.get("result", ""),
        tuple(stated(fields.get("metrics", "")[:LONGEST_METRICS])),
        tuple(line for line in listed if line),
        fields.get("notes", ""),
    )


def sections(message: str) -> Iterator[tuple[str, list[str]]]:
    """Each field with its lines, up to the next; trailers such as Signed-off-by end it."""
    name, lines = "", list[str]()
    for line in message.splitlines()[1:]:
        match = FIELD.match(line)
        if match or TRAILER.match(line):
            if name:
                yield name, lines
            written = re.sub(r"[ _-]", " ", match["name"].lower()) if match else ""
            name, lines = OTHER_NAMES.get(written, written), [match["rest"].strip()] if match else []
        else:
            lines.append(line.strip())
    if name:
        yield name, lines


def stated(text: str) -> Iterator[Stated]:
    for match in METRIC.finditer(text):
        last = number(match["last"] or match["first"])
        before = number(match["first"] if match["last"] else match["was"])
        delta = number(match["delta"])
        if last is not None:
            since = last - delta if before is None and delta is not None else before
            yield Stated(match["name"].strip(" -"), last, since)


def number(text: str | None) -> float | None:
    """None for no text, and for what is too large to be a number."""
    value = float(text.replace("\N{MINUS SIGN}", "-")) if text else math.nan
    return value if math.isfinite(value) else None
