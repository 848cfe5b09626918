"""What a reader asks to see: which runs, which metrics, how drawn. All of it is in the page's address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from apps.experiments.directions import headline
from apps.experiments.models import Run, Source

MOST_METRICS, MOST_PINNED = 4, 100
# Digits that every database takes for a key.
LONGEST_KEY = 18
# Nobody reads longer menus.
MOST_LISTED = 200
SINCE = {"30": "last 30 days", "90": "last 90 days", "365": "last year"}
# What the colour of a point may stand for.
ASKED = ("group", "branch", "source", "since", "q", "against")
BY = {"branch": "branch", "group": "group", "source": "source", "author": "author"}


@dataclass(frozen=True)
class Choice:
    """`metrics` are those that were asked for, in order; `against` a param for the x-axis, empty for time.

    What is empty narrows nothing. `pinned` are runs' keys.
    """

    metrics: tuple[str, ...] = ()
    group: str = ""
    branch: str = ""
    source: str = ""
    since: str = ""
    q: str = ""
    against: str = ""
    by: str = "branch"
    log: bool = False
    pinned: tuple[int, ...] = ()

    @classmethod
    def of(cls, query: QueryDict) -> Choice:
        texts = {name: query.get(name, "").replace("\0", "") for name in ASKED}
        asked = dict.fromkeys(name for name in query.getlist("metric") if name)
        by = query.get("by", "")
        return cls(
            tuple(asked)[:MOST_METRICS],
            **texts,
            by=by if by in BY else "branch",
            log=query.get("scale") == "log",
            pinned=tuple(dict.fromkeys(keys(query.getlist("run")[:MOST_PINNED]))),
        )

    @property
    def narrows(self) -> bool:
        return any((self.group, self.branch, self.source, self.since, self.q))

    def narrow(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        """Only the runs that match."""
        if self.group:
            runs = runs.filter(group=self.group)
        if self.branch:
            runs = runs.filter(branch=self.branch)
        if self.source in Source:
            runs = runs.filter(source=self.source)
        if self.since in SINCE:
            runs = runs.filter(time__gte=timezone.now() - timedelta(days=int(self.since)))
        if self.q:
            runs = runs.filter(name__icontains=self.q) | runs.filter(subject__icontains=self.q)
        return runs

    def shown(self, metrics: Iterable[str]) -> tuple[str, ...]:
        """Of the metrics that there are, those to show: as asked, or the one that tells most."""
        there = list(metrics)
        return tuple(name for name in self.metrics if name in there) or tuple(filter(None, [headline(there)]))


def listed(names: Iterable[str], *asked: str) -> list[str]:
    """What a menu offers of these names: the first ones, and those that were asked for."""
    there = list(names)
    return there[:MOST_LISTED] + [name for name in there[MOST_LISTED:] if name in asked]


def keys(texts: Iterable[str]) -> Iterator[int]:
    """Those of the texts that can be keys of rows."""
    for text in texts:
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST_KEY:
            yield int(text)
