"""YAML, TOML, JSON and INI files as plain values, with the line of each entry."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Self

from apps.audit.facts import Fact
from apps.audit.facts.tree import Tree
from apps.audit.facts.yaml import SEPARATOR, Lines, Moment, broken, parse_yaml
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, File, Json, Unknown

LIMIT = 512 * KILOBYTE


@dataclass(frozen=True)
class Document:
    """One configuration file. `value` is None when `error` says why it could not be read."""

    path: str
    value: Json = None
    lines: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    error_line: int | None = None
    # Why another parser may refuse what was read here.
    doubt: str = ""

    def line(self, *keys: str | int) -> int | None:
        """The line of an entry, or of the nearest entry around it that has one."""
        while keys:
            if line := self.lines.get(SEPARATOR.join(map(str, keys))):
                return line
            keys = keys[:-1]
        return None

    def get(self, *keys: str | int) -> Any:
        """The value below these keys, or None."""
        value = self.value
        for key in keys:
            if isinstance(value, dict) and isinstance(key, str):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
                value = value[key]
            else:
                return None
        return value

    def table(self, *keys: str | int) -> dict[str, Any]:
        """The mapping below these keys; empty when there is none."""
        value = self.get(*keys)
        return value if isinstance(value, dict) else {}

    def items(self, *keys: str | int) -> list[Any]:
        """The list below these keys; empty when there is none."""
        value = self.get(*keys)
        return value if isinstance(value, list) else []


@dataclass(frozen=True)
class Documents(Fact):
    """Every configuration file, read when it is asked for."""

    tree: Tree

    @classmethod
    def read(cls, tree: Tree) -> Self:
        return cls(tree)

    def get(self, path: str) -> Document | None:
        """The file at `path` (symlinks are followed), or None where there is none."""
        file = self.tree.get(path)
        return None if file is None else self.of(file)

    def of(self, file: File) -> Document:
        """The file as its name says it is; what is neither TOML, JSON nor INI is YAML, as for DVC."""
        parsed = file.derive(PARSERS.get(file.suffix, INI_NAMES.get(file.name, parse_yaml)), LIMIT)
        if isinstance(parsed, Unknown):
            return Document(file.path, error=parsed.reason)
        return Document(file.path, **parsed)

    def named(self, *names: str) -> list[Document]:
        return [self.of(file) for file in self.tree.named(*names)]


# tomllib makes a table for each part, and each of them holds the way to it.
# A long gap costs configparser its square.
WIDE_GAP = regex(r"[^\S\n]{40,}")
# A key with its colon, a string, or what opens, closes or begins a line.
JSON_TOKEN = regex(r'"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}\[\]\n]')
DEEPEST_KEY = 20
DEEP_KEY = regex(r"(?:[\w\"'-]{1,80}\s?\.\s?){60}")


def parse_toml(content: bytes) -> Json:
    try:
        text = content.decode("utf-8-sig")
        if DEEP_KEY.search(text):
            return broken("a key of more than 60 parts")
        return {
            "value": storable(tomllib.loads(text)),
            "lines": collected(toml_lines(text)),
        }
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        return broken(str(error), int(at[1]) if at else None)
    except (UnicodeError, RecursionError, ValueError) as error:
        return broken(str(error))


def storable(value: Any) -> Json:
    """TOML's values as JSON has them. Raises ValueError for a number that cannot be written down."""
    if isinstance(value, dict):
        return {key: storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, date | time):
        return Moment(value)
    str(value)
    return value


def collected(places: Iterator[tuple[str, int]]) -> dict[str, int]:
    """Lines by place, the last of each. Raises ValueError."""
    lines = Lines()
    for place, line in places:
        lines[place] = line
    return lines


def toml_lines(text: str) -> Iterator[tuple[str, int]]:
    """Where tables and their keys stand; arrays of tables, and arrays of one value a line, count their entries."""
    table, counts = list[str](), dict[str, int]()
    array, entries = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if array and re.match(r"""\s*["'{]""", line):
            yield f"{array}{SEPARATOR}{entries}", number
            entries += 1
            continue
        if match := re.match(r"\s*(\[\[?)([^\[\]]+)\]", line):
            table = toml_keys(match[2])
            if match[1] == "[[":
                name = SEPARATOR.join(table)
                counts[name] = counts.get(name, -1) + 1
                table = [*table, str(counts[name])]
            yield SEPARATOR.join(table), number
        elif match := re.match(r"""\s*([A-Za-z0-9_."'-]+)\s*=""", line):
            key = SEPARATOR.join([*table, *toml_keys(match[1])])
            array, entries = key if line.partition("=")[2].partition("#")[0].strip() == "[" else "", 0
            yield key, number


def toml_keys(dotted: str) -> list[str]:
    return [quoted or bare for quoted, bare in re.findall(r"""["']([^"']*)["']|([^\s."']+)""", dotted)]


def parse_json(content: bytes) -> Json:
    try:
        text = content.decode("utf-8-sig")
        return {"value": json.loads(text), "lines": collected(json_lines(text))}
    except json.JSONDecodeError as error:
        return broken(error.msg, error.lineno)
    except (UnicodeError, RecursionError, ValueError) as error:
        return broken(str(error))


def json_lines(text: str) -> Iterator[tuple[str, int]]:
    """Where the keys of valid JSON stand, those in lists aside."""
    line, around, key = 1, list[str | None](), ""
    for match in JSON_TOKEN.finditer(text):
        piece = match[0]
        if piece == "\n":
            line += 1
        elif piece in "{[":
            around.append(key if piece == "{" else None)
            key = ""
        elif piece in "}]":
            around.pop()
        elif piece.endswith(":") and None not in around and len(around) <= DEEPEST_KEY:
            key = str(json.loads(piece[:-1].rstrip()))
            yield SEPARATOR.join([*(each for each in around[1:] if each), key]), line
        line += piece.count("\n") if len(piece) > 1 else 0


def parse_ini(content: bytes) -> Json:
    """Sections of an INI file; DVC writes their names in quotes, which are left out."""
    text = WIDE_GAP.sub(" ", content.decode("utf-8", "replace"))
    parser = configparser.RawConfigParser(
        strict=False, allow_no_value=True, empty_lines_in_values=False, default_section=""
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    try:
        parser.read_string(text)
    except configparser.Error as error:
        return broken(error.message.partition("\n")[0], getattr(error, "lineno", None))
    sections = {name.strip("'"): dict(parser.items(name, raw=True)) for name in parser.sections()}
    try:
        return {"value": sections, "lines": collected(ini_lines(text))}
    except ValueError as error:
        return broken(str(error))


def ini_lines(text: str) -> Iterator[tuple[str, int]]:
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\[(.+)\]", line.strip()):
            section = match[1].strip("'")
            yield section, number
        elif match := re.match(r"\s*([^#;=:\s][^=:]*?)\s*[=:]", line):
            yield f"{section}{SEPARATOR}{match[1]}", number


PARSERS: dict[str, Callable[[bytes], Json]] = {
    ".toml": parse_toml,
    ".json": parse_json,
    ".cfg": parse_ini,
    ".ini": parse_ini,
}
INI_NAMES: dict[str, Callable[[bytes], Json]] = {
    "config": parse_ini,
    "config.local": parse_ini,
    ".flake8": parse_ini,
    ".pylintrc": parse_ini,
    ".coveragerc": parse_ini,
    ".isort.cfg": parse_ini,
    "poetry.lock": parse_toml,
    "uv.lock": parse_toml,
    "pdm.lock": parse_toml,
    "Pipfile": parse_toml,
    "Pipfile.lock": parse_json,
}
