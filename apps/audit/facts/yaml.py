"""YAML read from events: at any depth, with any aliases, without a crash; in YAML 1.2, as DVC reads it."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import ScalarNode

from apps.audit.snapshot import Json
from apps.audit.text import clean_text

DEEPEST, MOST_NODES = 60, 100_000
SEPARATOR = "\x1f"
# The ways to all entries of an honest file are shorter together; a long key is in the way to each one below it.
MOST_PLACES = 10_000_000
# Of a whole number; a longer one cannot even be written down again.
MOST_BITS = 10_000
MERGE = object()
EXPLICIT = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")}
# The C parser gives events, which are safe at any depth; values are made here.
EVENTS, RULES = YAML(typ="safe"), YAML(typ="safe", pure=True)


def broken(message: str, line: int | None = None) -> Json:
    """The JSON of a document that could not be read."""
    return {"error": message.strip() or "cannot be read", "error_line": line}


def parse_yaml(content: bytes, placed: bool = True) -> Json:
    """The first document, with the lines of its entries if `placed`.

    Anchors that would expand beyond measure and deep nesting are errors, not crashes.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            builder = YamlBuilder(placed)
            for event in EVENTS.parse(content):
                builder.add(event)
        read: Json = {"value": builder.value, "lines": builder.lines}
        return read | {"doubt": builder.doubt} if builder.doubt else read
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return broken(str(error.problem or error.context), mark.line + 1 if mark else None)
    except (YAMLError, ValueError, OverflowError, RecursionError, UnicodeError) as error:
        return broken(str(error).partition("\n")[0])


class Lines(dict[str, int]):
    """The line of each entry, by the keys that lead to it. Raises ValueError for ways that are long beyond measure."""

    length = 0

    def __setitem__(self, place: str, line: int) -> None:
        self.length += len(place)
        if self.length > MOST_PLACES:
            raise ValueError("its keys are too long")
        super().__setitem__(place, line)


@dataclass
class Frame:
    """A list or mapping that is being filled."""

    value: Any
    place: tuple[str, ...]
    anchor: str | None
    nodes: int = 1
    key: Any = None
    merged: list[Any] = field(default_factory=list)


class YamlBuilder:
    """Builds the value of the first document from events, counting what aliases expand to."""

    def __init__(self, placed: bool) -> None:
        self.placed = placed
        self.value: Json = None
        self.lines = Lines()
        self.frames: list[Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.complete = False
        # Why another parser may refuse what was read here.
        self.doubt = ""

    def add(self, event: Any) -> None:
        if not isinstance(event, (NodeEvent, CollectionEndEvent)):
            return
        if self.complete:
            self.doubt = self.doubt or "it holds more than one document"
            return
        if isinstance(event, CollectionEndEvent):
            frame = self.frames.pop()
            if frame.anchor:
                self.anchors[frame.anchor] = (frame.value, frame.nodes)
            for merged in frame.merged:
                for key, value in merged.items():
                    frame.value.setdefault(key, value)
            self.put(frame.value, frame.nodes, frame.place, None)
        elif isinstance(event, AliasEvent):
            if event.anchor not in self.anchors:
                raise ValueError(f"the alias *{event.anchor} points nowhere or at itself")
            self.put(*self.anchors[event.anchor], self.place(), event)
        elif isinstance(event, ScalarEvent):
            value = scalar(event.value, event.tag, bool(event.implicit[0]))
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            self.put(value, 1, self.place(), event)
        else:
            self.open(event)

    def open(self, event: NodeEvent) -> None:
        if len(self.frames) >= DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} deep")
        place = self.place()
        self.mark(place, event)
        self.frames.append(Frame({} if isinstance(event, MappingStartEvent) else [], place, event.anchor))

    def place(self) -> tuple[str, ...]:
        """The keys that lead to the next value."""
        if not self.frames or not self.placed:
            return ()
        frame = self.frames[-1]
        step = str(len(frame.value)) if isinstance(frame.value, list) else text_of(frame.key)
        return (*frame.place, step)

    def mark(self, place: tuple[str, ...], event: Any) -> None:
        if self.placed and (way := SEPARATOR.join(place)) not in self.lines:
            self.lines[way] = event.start_mark.line + 1

    def put(self, value: Any, nodes: int, place: tuple[str, ...], event: Any) -> None:
        """Hand a finished value to the frame around it."""
        if not self.frames:
            self.value, self.complete = value, True
            return
        frame = self.frames[-1]
        frame.nodes += nodes
        if frame.nodes > MOST_NODES:
            raise ValueError(f"its aliases expand to more than {MOST_NODES:,} values")
        if isinstance(frame.value, list):
            if event:
                self.mark(place, event)
            frame.value.append(value)
        elif frame.key is None:
            if isinstance(value, (dict, list)):
                raise ValueError("a list or mapping as a key")
            frame.key = (value,)
            if event and self.placed:
                self.lines[SEPARATOR.join((*frame.place, text_of(frame.key)))] = event.start_mark.line + 1
        else:
            (key,), frame.key = frame.key, None
            if key is MERGE:
                frame.merged += [
                    each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)
                ]
            else:
                name = text_of((key,))
                if name in frame.value:
                    self.doubt = self.doubt or f"it has {clean_text(name, 100)} twice in one mapping"
                frame.value[name] = value


def text_of(key: Any) -> str:
    """A mapping's key as JSON has it; `key` is boxed in a tuple, so that null is not "no key"."""
    value = key[0] if key else ""
    if value is MERGE:
        return "<<"
    return value if isinstance(value, str) else json.dumps(value, default=str)


class Moment(str):
    """A date or time, which YAML and TOML know from a text and DVC does too; here its words are enough."""

    __slots__ = ()


def dated(value: Any, way: str = "") -> str:
    """The keys that lead to the first date in a value; empty where there is none."""
    if isinstance(value, Moment):
        return way
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next(filter(None, (dated(each, f"{way}.{key}" if way else str(key)) for key, each in entries)), "")


@lru_cache(maxsize=4096)
def scalar(text: str, tag: str | None, plain: bool) -> Any:
    """A scalar's value; dates stay text, and an unknown tag is ignored."""
    if tag in EXPLICIT:
        resolved = str(tag)
    elif plain and tag in {None, "!"}:
        resolved = str(RULES.resolver.resolve(ScalarNode, text, (True, False)))
    else:
        return text
    if resolved.endswith(":merge"):
        return MERGE
    kind = resolved.rpartition(":")[2]
    if kind == "timestamp":
        return Moment(text)
    if kind not in {"int", "float", "bool", "null"}:
        return text
    try:
        value = RULES.constructor.yaml_constructors[resolved](RULES.constructor, ScalarNode(resolved, text))
        return text if isinstance(value, int) and value.bit_length() > MOST_BITS else value
    except (ValueError, OverflowError, LookupError):
        return text
