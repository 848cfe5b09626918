"""The words of shell scripts: commands, arguments and what variables are set to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.shell import split_script
from apps.audit.facts.tree import Tree, is_fixture, is_template, is_test, is_vendored
from apps.audit.snapshot import KILOBYTE, File, Json, Unknown, derive

LIMIT = 200 * KILOBYTE


class Word(NamedTuple):
    """One word; of `NAME=value` and `--name=value`, the value."""

    text: str
    path: str
    line: int


@dataclass(frozen=True)
class ShellScripts(Fact):
    """Those of the project; tests, fixtures and other people's code are none."""

    paths: tuple[str, ...]
    words: tuple[Word, ...]
    unread: tuple[Unknown, ...]

    @classmethod
    def read(cls, tree: Tree) -> Self:
        derived = derive(filter(is_own, tree.ending(".sh", ".bash")), words_of, LIMIT)
        words = (Word(text, file.path, line) for file, found in derived for text, line in found)
        return cls(tuple(file.path for file, _ in derived), tuple(words), derived.unread)

    def __iter__(self) -> Iterator[Word]:
        return iter(self.words)


def is_own(file: File) -> bool:
    return not (is_fixture(file.path) or is_vendored(file.path) or is_template(file.path) or is_test(file.path))


def words_of(content: bytes) -> Json:
    """Each word that holds a slash, and its line."""
    found = []
    for line, words in split_script(content.decode("utf-8", "replace")):
        values = (word.partition("=")[2] if "=" in word.partition("/")[0] else word for word in words)
        found += [[value, line + 1] for value in values if "/" in value]
    return found
