"""Makefiles and justfiles: targets, their prerequisites and their recipes, with variables of the file filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.audit.regex import regex
from apps.audit.snapshot import Json

LONGEST_LINE, DEEPEST = 2_000, 3
CONDITIONALS = ("ifeq", "ifneq", "ifdef", "ifndef", "else", "endif", "include", "-include", "export", "define", "endef")
MAKE_VARIABLE = regex(r"([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(?::{0,3}|\?|\+)=[ \t]*(.*)")
JUST_VARIABLE = regex(r"""(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_-]*)[ \t]*:=[ \t]*["']?(.*?)["']?[ \t]*$""")
JUST_RECIPE = regex(r"@?([A-Za-z_][A-Za-z0-9_-]*)([^:\"'#]*)(?::(?!=)|[\"'].*[\"'][ \t]*:)(.*)")
JUST_WORDS = regex(r"alias|set|import|mod|export")
USE = regex(r"\$[({]([A-Za-z_][A-Za-z0-9_.-]*)[)}]|\{\{[ \t]*([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\}\}")


def parse_makefile(content: bytes) -> Json:
    """Targets as [name, line, prerequisites, recipe]; a recipe is a list of [line, text]."""
    found, current, variables = dict[str, list[Json]](), list[list[Json]](), dict[str, str]()
    for number, line in logical_lines(content):
        if line.startswith("\t"):
            for target in current:
                target[3].append([number, filled(line.strip().lstrip("@-+"), variables)])
        elif not line.strip() or line.lstrip().startswith(("#", *CONDITIONALS)):
            continue
        elif variable := MAKE_VARIABLE.match(line.strip()):
            variables[variable[1]] = variable[2].partition(" #")[0].strip()
        elif ":" in line:
            current = list(make_rule(filled(line, variables), number, found))
    return list(found.values())


def make_rule(line: str, number: int, found: dict[str, list[Json]]) -> Iterator[list[Json]]:
    """The targets that a rule begins or adds to."""
    names, _, rest = line.partition(":")
    rest, _, recipe = rest.lstrip(":").partition("#")[0].partition(";")
    for name in names.split():
        if name.startswith(".") and name.isupper():
            continue
        if name not in found:
            found[name] = [name, number, [], []]
        target = found[name]
        target[2] += [need for need in rest.split() if need != "|"]
        if not target[3]:
            target[1] = number
        if recipe.strip():
            target[3].append([number, recipe.strip()])
        yield target


def parse_justfile(content: bytes) -> Json:
    """Recipes in the form of parse_makefile; an alias is a recipe that needs the other one."""
    found, variables = list[list[Json]](), dict[str, str]()
    current: list[Json] | None = None
    for number, line in logical_lines(content):
        if not line.strip() or line.startswith(("#", "[")):
            continue
        if line[0].isspace():
            if current is not None:
                current[3].append([number, filled(line.strip().lstrip("@-"), variables)])
        elif variable := JUST_VARIABLE.match(line):
            name, value = variable.groups()
            if line.startswith("alias "):
                continue
            variables[name] = value
        elif line.startswith("alias ") and ":=" in line:
            name, _, other = line.removeprefix("alias ").partition(":=")
            found.append([name.strip(), number, [other.strip()], []])
        elif (recipe := JUST_RECIPE.match(line)) and not JUST_WORDS.fullmatch(recipe[1]):
            needs = re.sub(r"\(([\w-]+)[^)]*\)", r"\1", recipe[3].partition("#")[0]).replace("&&", " ").split()
            current = [recipe[1], number, needs, []]
            found.append(current)
    return found


def logical_lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Lines with their continuations joined, each with the number of its first."""
    pending, start = "", 1
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if not pending:
            start = number
        if line.endswith("\\") and len(pending) < LONGEST_LINE:
            pending += f"{line[:-1]} "
        else:
            yield start, (pending + line)[:LONGEST_LINE]
            pending = ""
    if pending:
        yield start, pending[:LONGEST_LINE]


def filled(text: str, variables: dict[str, str]) -> str:
    """`text` with the file's own variables put in; others stay as they are."""
    for _ in range(DEEPEST):
        text, count = USE.subn(lambda use: variables.get(use[1] or use[2], use[0]), text)
        if not count or len(text) > LONGEST_LINE:
            break
    return text[:LONGEST_LINE]
