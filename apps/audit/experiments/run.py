"""One run, as it is told of: where it comes from, what it gave and what it built on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.audit.experiments.messages import Note


@dataclass(frozen=True)
class Run:
    """One run of an experiment. `source` is the one that tells most of it, `sources` all that cite it.

    `id` is `git:<commit>` or `mlflow:<run>`; `builds_on` the commit of the run before it, empty for none; `baseline`
    the same, or the commit that DVC calls so.
    Values are nested as in their files, by file.
    """

    id: str
    source: str
    group: str
    name: str
    commit: str
    baseline: str
    branch: str
    author: str
    time: datetime | None
    subject: str
    metrics: dict[str, Any]
    params: dict[str, Any]
    sources: tuple[str, ...]
    builds_on: str = ""
    note: Note | None = None
    # What is declared there and could not be had, in words.
    missing: tuple[str, ...] = ()
