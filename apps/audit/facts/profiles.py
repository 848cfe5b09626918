"""The shapes that projects commonly have, and which of their roles this tree fills."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.ignores import Ignores
from apps.audit.facts.tree import Tree, is_template, is_test, is_vendored
from apps.audit.regex import regex

PROFILES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class Role(NamedTuple):
    """A place that a profile wants. `path` is what fills it, and `line` that of a rule that ignores it."""

    name: str
    wanted: tuple[str, ...]
    path: str
    line: int | None = None


class Profile(NamedTuple):
    """How far the tree has the shape of one profile."""

    name: str
    family: str
    roles: tuple[Role, ...]

    @property
    def share(self) -> float:
        return sum(bool(role.path) for role in self.roles) / len(self.roles)


@dataclass(frozen=True)
class Profiles(Fact):
    """Every profile, compared with the tree."""

    profiles: tuple[Profile, ...]

    @classmethod
    def read(cls, tree: Tree, ignores: Ignores) -> Self:
        files = (file.path for file in tree if not is_vendored(file.path) and not is_template(file.path))
        paths = sorted(files, key=lambda path: (path.count("/"), path))
        return cls(
            tuple(
                Profile(name, each["family"], tuple(filled(each["roles"], paths, ignores)))
                for name, each in PROFILES.items()
            )
        )

    def closest(self, *families: str) -> Profile:
        """The profile of these families with most of its roles filled; among equals, the one that asks for more."""
        return max(
            (each for each in self.profiles if each.family in families), key=lambda each: (each.share, len(each.roles))
        )


def filled(roles: dict[str, list[str]], paths: list[str], ignores: Ignores) -> Iterator[Role]:
    for name, wanted in roles.items():
        pattern = regex("|".join(map(translate, wanted)))
        # Tests fill the role of tests: their package and their manifest are not the project's own.
        found = (path for path in paths if pattern.fullmatch(path) and (name == "tests" or not is_test(path)))
        path = next(found, "")
        # A folder that git ignores on purpose is there for everyone who runs the code.
        ignored = (ignores.rule(each.strip("/").replace("**", "x")) for each in wanted if each.endswith("/**"))
        rule = None if path else next((rule for rule in ignored if rule), None)
        yield Role(name, tuple(wanted), rule.path if rule else path, rule.line if rule else None)


def translate(pattern: str) -> str:
    """One of our own patterns as a regular expression on whole paths."""
    anchored = "" if pattern.startswith("/") else "(?:.*/)?"
    parts = re.split(r"(\*\*/|\*\*|\*|\[\w+\])", pattern.strip("/"))
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return anchored + "".join(
        meanings.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts
    )
