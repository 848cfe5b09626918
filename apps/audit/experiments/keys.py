"""The part of a params file that a stage asks for, by keys as DVC reads them: `train.lr`, `layers.0`, `*.units`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from itertools import islice
from typing import Any

from apps.audit.regex import regex

MISSING = object()
WILD, ANY_DEPTH = frozenset("*?["), "**"
# A key with wildcards is compared with every key of the file.
MOST_WILD, LONGEST_STEP = 100, 200


def selected(values: Any, keys: Iterable[str]) -> dict[str, Any]:
    """Only what these keys lead to. Lists that several keys select are put one after the other, as DVC does."""
    found = dict[str, Any]()
    for glob in read_keys(keys):
        part = pick(values, glob, start(glob)) if isinstance(values, Mapping) else MISSING
        if isinstance(part, dict):
            merge(found, part)
    return found


def read_keys(keys: Iterable[str]) -> Iterator[list[str]]:
    globs = [key.lstrip(".").split(".") for key in dict.fromkeys(keys)]
    wild = set(map(id, islice((glob for glob in globs if is_wild(glob)), MOST_WILD)))
    return (glob for glob in globs if id(glob) in wild or not is_wild(glob))


def is_wild(glob: list[str]) -> bool:
    return any(not WILD.isdisjoint(step) for step in glob)


def start(glob: list[str]) -> frozenset[int]:
    return reached(glob, {0})


def reached(glob: list[str], places: set[int]) -> frozenset[int]:
    """These places of a glob, and those after a `**`, which may stand for nothing."""
    for at in sorted(places):
        while at < len(glob) and glob[at] == ANY_DEPTH:
            at += 1
            places.add(at)
    return frozenset(places)


def pick(values: Any, glob: list[str], places: frozenset[int]) -> Any:
    """A copy of what matches below `values`, or MISSING. Where an earlier item of a list does not match, it is null."""
    if isinstance(values, Mapping):
        found = {name: part for name, part in matching(values, glob, places) if part is not MISSING}
        return found or MISSING
    if not isinstance(values, list):
        return MISSING
    items = list[Any]()
    for at, value in enumerate(values):
        after = {place for place in places if place < len(glob) and is_index(glob[place], at, len(values))}
        part = taken(value, glob, onward(glob, places, after))
        if part is not MISSING:
            items += [None] * (at - len(items)) + [part]
    return items or MISSING


def matching(values: Mapping[str, Any], glob: list[str], places: frozenset[int]) -> Iterator[tuple[str, Any]]:
    if len(places) == 1 and WILD.isdisjoint(step := glob[next(iter(places))]):
        if step in values:
            yield step, taken(values[step], glob, onward(glob, places, set(places)))
        return
    for name, value in values.items():
        after = {place for place in places if place < len(glob) and is_name(glob[place], name)}
        yield name, taken(value, glob, onward(glob, places, after))


def onward(glob: list[str], places: frozenset[int], matched: set[int]) -> frozenset[int]:
    """Where a glob stands after one more step; at `**` it may stay."""
    staying = {place for place in places if place < len(glob) and glob[place] == ANY_DEPTH}
    return reached(glob, {place + 1 for place in matched} | staying)


def taken(value: Any, glob: list[str], places: frozenset[int]) -> Any:
    """All of a value where the glob ends, what matches below it where that goes on."""
    if len(glob) in places:
        return copied(value)
    return pick(value, glob, places) if places else MISSING


def is_index(step: str, at: int, length: int) -> bool:
    number = step.removeprefix("-")
    if number.isdecimal():
        return int(number[:20]) == (length - at if step != number else at)
    return is_name(step, str(at))


def is_name(step: str, name: str) -> bool:
    return step == name or (not WILD.isdisjoint(step) and pattern(step).match(name) is not None)


@lru_cache(maxsize=1000)
def pattern(step: str) -> re.Pattern[str]:
    """What `fnmatch` makes of a step: a star never gives back what it took, so names are matched in linear time."""
    return regex(translate(step[:LONGEST_STEP]))


def copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def merge(into: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        held = into.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            merge(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            held += value
        else:
            into[key] = value
