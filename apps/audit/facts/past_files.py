"""Every file that git keeps, in whatever commit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.history import History
from apps.audit.snapshot import Commit, File, Unknown

MOST_COMMITS = 50_000


class PastFile(NamedTuple):
    """A file, and the last commit that holds it."""

    file: File
    commit: Commit


@dataclass(frozen=True)
class PastFiles(Fact):
    """Every content that the audited commit and its ancestors hold, once."""

    files: tuple[PastFile, ...]
    commits: int
    unread: tuple[Unknown, ...]

    absent = "no git history"

    @classmethod
    def read(cls, history: History) -> Self:
        commits = list(islice(history.commits(), MOST_COMMITS + 1))
        held = list(history.snapshot.ancestry.files(commits[:MOST_COMMITS]))
        unread = [each for _, each in held if isinstance(each, Unknown)]
        if len(commits) > MOST_COMMITS:
            unread.append(Unknown(f"commits before the last {MOST_COMMITS:,} were not looked at"))
        files = tuple(PastFile(each, commit) for commit, each in held if isinstance(each, File))
        return cls(files, min(len(commits), MOST_COMMITS), tuple(unread))
