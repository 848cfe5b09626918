"""An edition as a file for other programs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from csv import writer as csv_writer
from typing import Any

from django.conf import settings

from apps.experiments.exporting import harmless
from apps.reports.contents import Contents
from apps.reports.words import plural

COLUMNS = ("what", "repository", "subject", "score", "change", "why", "author", "when", "link")
Line = tuple[Any, ...]


def csv(contents: Contents) -> str:
    """One line for each thing that the report says."""
    text = io.StringIO(newline="")
    writer = csv_writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(map(harmless, line) for line in lines(contents))
    return text.getvalue()


def lines(contents: Contents) -> Iterator[Line]:
    verdict, until = contents.verdict, contents.until.isoformat()
    yield "all", "", contents.title, verdict.score, verdict.change, "", "", until, ""
    for area in contents.areas:
        yield "area", "", area.title, area.score, "", "", "", until, ""
    for step in contents.steps:
        places = ", ".join(place.name for place in step.where)
        yield "fix first", places, step.title, "", step.gain, step.effort, "", "", at(step.path)
    for each in (*contents.fell, *contents.rose):
        why = ": ".join(filter(None, [each.because, ", ".join(each.checks)]))
        name, path = each.repository.name, each.repository.path
        yield "moved", name, "", each.score, each.change, why, "", "", at(path)
    for what, turns in (("failed", contents.failures), ("mended", contents.fixes)):
        for turn in turns:
            why, when = turn.commits or turn.because, turn.at.isoformat()
            yield what, turn.repository.name, turn.title, "", "", why, turn.author, when, at(turn.path)
    yield from tried(contents)
    yield from behind(contents)


def tried(contents: Contents) -> Iterator[Line]:
    for each in contents.trials:
        best = f"{plural(each.runs, 'run', 'runs')}, best {each.name}"
        name = each.repository.name
        yield "tried", name, best, each.value, each.gain, each.metric, each.author, "", at(each.path)


def behind(contents: Contents) -> Iterator[Line]:
    for what, troubles in (("cannot be read", contents.unreachable), ("not audited", contents.unaudited)):
        for each in troubles:
            since = each.since.isoformat() if each.since else ""
            name, path = each.repository.name, each.repository.path
            yield what, name, each.state, "", "", each.detail, "", since, at(path)


def at(path: str) -> str:
    return f"{settings.URL}{path}"
