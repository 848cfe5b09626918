"""Which paths .gitignore files cover. Patterns come from the repository, so they are matched without `re`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import Json, Unknown, derive

LONGEST_PATTERN, MOST_RULES = 500, 5000


class Rule(NamedTuple):
    """One line of an ignore file. `segments` is the pattern between slashes; it counts from `folder`."""

    path: str
    line: int
    text: str
    folder: str
    segments: tuple[str, ...]
    negated: bool
    folders_only: bool

    def matches(self, path: str, is_folder: bool) -> bool:
        if self.folders_only and not is_folder:
            return False
        prefix = f"{self.folder}/" if self.folder else ""
        return path.startswith(prefix) and match_path(self.segments, path[len(prefix) :].split("/"))


@dataclass(frozen=True)
class Rules:
    """The ignore files of a tree, by folder."""

    by_folder: Mapping[str, tuple[Rule, ...]]
    unread: tuple[Unknown, ...] = ()

    def rule(self, path: str, is_folder: bool = False) -> Rule | None:
        """The rule that ignores `path`, itself or by a folder around it; None when it is not ignored."""
        ends = [at for at, character in enumerate(path) if character == "/"] + [len(path)]
        folders = [folder for folder in ("", *(path[:end] for end in ends[:-1])) if folder in self.by_folder]
        for end in ends if folders else ():
            rule = self.last(path[:end], folders, is_folder or end < len(path))
            if rule and not rule.negated:
                return rule
        return None

    def ignores(self, path: str, is_folder: bool = False) -> bool:
        return self.rule(path, is_folder) is not None

    def last(self, path: str, folders: list[str], is_folder: bool) -> Rule | None:
        """The rule that decides on this very path: the last that matches, from the innermost file that has one."""
        for folder in reversed(folders):
            if len(folder) < len(path):
                for rule in reversed(self.by_folder[folder]):
                    if rule.matches(path, is_folder):
                        return rule
        return None


@dataclass(frozen=True)
class Ignores(Fact):
    """What git ignores by the .gitignore files of the tree."""

    rules: Rules

    @classmethod
    def read(cls, tree: Tree) -> Self:
        return cls(read_rules(tree, ".gitignore"))

    def rule(self, path: str, is_folder: bool = False) -> Rule | None:
        """The rule that ignores `path`, itself or by a folder around it; None when it is not ignored."""
        return self.rules.rule(path, is_folder)


def read_rules(tree: Tree, name: str) -> Rules:
    """The rules of every ignore file of this name."""
    derived = derive((file for file in tree if file.name == name), parse_ignore)
    found = {file.folder: tuple(to_rule(file.path, file.folder, each) for each in parsed) for file, parsed in derived}
    return Rules(found, derived.unread)


def to_rule(path: str, folder: str, parsed: Json) -> Rule:
    line, text, segments, negated, folders_only = parsed
    return Rule(path, line, text, folder, tuple(segments), negated, folders_only)


def parse_ignore(content: bytes) -> Json:
    """Line, text, segments, negated and folders-only of each pattern."""
    lines = content.decode("utf-8", "backslashreplace").removeprefix("\ufeff").split("\n")
    parsed = (parse_pattern(number, line) for number, line in enumerate(lines, 1))
    return [each for each in parsed if each][:MOST_RULES]


def parse_pattern(number: int, line: str) -> Json:
    text = line.removesuffix("\r")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#") or len(text) > LONGEST_PATTERN:
        return None
    negated = text.startswith("!")
    pattern = text[1:] if negated else text
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    anchored = "/" in pattern
    segments = [each for each in pattern.split("/") if each]
    if not segments:
        return None
    return [number, text, segments if anchored else ["**", *segments], negated, folders_only]


def match_path(pattern: Iterable[str], parts: list[str]) -> bool:
    """Whether segments match names; `**` stands for any number of folders, at the end for at least one name."""
    reached = {0}
    pattern = tuple(pattern)
    for index, segment in enumerate(pattern):
        if segment == "**":
            least = min(reached) + (index == len(pattern) - 1)
            reached = set(range(least, len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and match_name(segment, parts[at])}
        if not reached:
            return False
    return len(parts) in reached


def match_name(pattern: str, name: str) -> bool:
    """A glob on one name, in time proportional to the product of the lengths."""
    pieces = split_glob(pattern)
    piece = at = 0
    star, resume = -1, 0
    while at < len(name):
        if piece < len(pieces) and pieces[piece] == "*":
            star, resume, piece = piece, at, piece + 1
        elif piece < len(pieces) and accepts(pieces[piece], name[at]):
            piece, at = piece + 1, at + 1
        elif star >= 0:
            piece, at, resume = star + 1, resume + 1, resume + 1
        else:
            return False
    return all(left == "*" for left in pieces[piece:])


@lru_cache(maxsize=10_000)
def split_glob(pattern: str) -> tuple[str, ...]:
    """`*`, `?`, `[…` without its end, and single characters after `=`."""
    pieces, at = list[str](), 0
    while at < len(pattern):
        character = pattern[at]
        close = pattern.find("]", at + (3 if pattern[at + 1 : at + 2] in {"!", "^"} else 2)) if character == "[" else -1
        if character == "\\" and at + 1 < len(pattern):
            pieces.append(f"={pattern[at + 1]}")
            at += 2
        elif close > 0:
            pieces.append(pattern[at:close])
            at = close + 1
        else:
            if not (character == "*" and pieces[-1:] == ["*"]):
                pieces.append(character if character in "*?" else f"={character}")
            at += 1
    return tuple(pieces)


def accepts(piece: str, character: str) -> bool:
    if piece[0] == "=":
        return piece[1:] == character
    if piece == "?":
        return True
    body, inside, at = piece[1:], False, 0
    negated = body[:1] in {"!", "^"}
    body = body[negated:]
    while at < len(body):
        if body[at + 1 : at + 2] == "-" and at + 2 < len(body):
            inside, at = inside or body[at] <= character <= body[at + 2], at + 3
        else:
            inside, at = inside or body[at] == character, at + 1
    return inside != negated
