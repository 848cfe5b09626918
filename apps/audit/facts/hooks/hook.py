"""One hook, and the configuration file that it stands in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.audit.facts.automation.commands import Command
from apps.audit.facts.hooks.abilities import Ability
from apps.audit.facts.hooks.filters import Filter

# What check-added-large-files takes without an argument, in kilobytes.
DEFAULT_LIMIT = 500.0


@dataclass(frozen=True)
class Hook:
    """One hook. `repo` and `rev` are empty for a hook of the repository's own; `commands` are what that runs."""

    id: str
    manager: str
    path: str
    line: int | None = None
    name: str = ""
    repo: str = ""
    args: tuple[str, ...] = ()
    entry: str = ""
    language: str = ""
    # The pattern that this repository gives it; `filter` has the manager's and the publisher's as well.
    files: str = ""
    stages: tuple[str, ...] = ()
    filter: Filter = field(default_factory=Filter)
    commands: tuple[Command, ...] = ()
    abilities: frozenset[Ability] = frozenset()

    @property
    def is_manual(self) -> bool:
        return self.stages == ("manual",)

    def option(self, name: str) -> str | None:
        """The value of an option among its arguments or in what it runs."""
        commands = (Command(self.id, self.args), *self.commands)
        return next((value for command in commands if (value := command.option(name)) is not None), None)

    def is_of_interest(self, path: str) -> bool:
        """Whether its own pattern matches, or may match."""
        return self.filter.matcher.matches(self.files, path) is not False

    @property
    def large_file_limit(self) -> float:
        """The size in kilobytes up to which check-added-large-files lets a file through."""
        limit = self.option("--maxkb") or ""
        return float(limit) if limit.isdecimal() else DEFAULT_LIMIT


@dataclass(frozen=True)
class Remote:
    """A repository that hooks come from, and the revision of it that is used."""

    url: str
    rev: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Configured:
    """One configuration file of a manager; `error` says why it cannot be used. `ci` is pre-commit.ci's section."""

    manager: str
    path: str
    error: str = ""
    error_line: int | None = None
    remotes: tuple[Remote, ...] = ()
    hooks: tuple[Hook, ...] = ()
    ci_line: int | None = None


def words(value: Any) -> tuple[str, ...]:
    """A list of strings, or one string; numbers are written out."""
    items = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return tuple(str(each) for each in items if isinstance(each, str | int | float))
