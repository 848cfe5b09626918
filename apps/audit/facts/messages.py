"""Commit messages, read as Conventional Commits with the types of machine learning."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.history import History
from apps.audit.regex import regex
from apps.audit.snapshot import Commit

TYPES = "feat|fix|exp|data|model|perf|refactor|test|docs|chore|build|ci|style|revert"
HEADER = regex(rf"(?P<type>{TYPES})(\([^()]{{1,80}}\))?!?: +\S")
MOST_COMMITS = 1000


class Message(NamedTuple):
    """A commit; `type` is empty where its message follows no convention."""

    commit: Commit
    type: str


@dataclass(frozen=True)
class Messages(Fact):
    """Messages of the last commits that are no merges, youngest first."""

    messages: tuple[Message, ...]

    absent = "no git history"

    @classmethod
    def read(cls, history: History) -> Self:
        commits = (commit for commit in history.commits() if not commit.is_merge)
        return cls(tuple(Message(commit, type_of(commit.subject)) for commit in islice(commits, MOST_COMMITS)))

    def last(self, number: int) -> tuple[Message, ...]:
        return self.messages[:number]

    def measures(self) -> dict[str, float]:
        return {"workflow.conventional_share": share(self.last(200))} if self.messages else {}


def type_of(subject: str) -> str:
    """The type of a Conventional Commit's subject, in lower case as the convention has it; empty for any other."""
    match = HEADER.match(subject)
    return match["type"] if match else ""


def share(messages: tuple[Message, ...]) -> float:
    """The part that follows the convention, 0 to 1."""
    return sum(bool(message.type) for message in messages) / max(len(messages), 1)
