"""Data that are cut into parts by position, and what brought the rows into another order before; parts by a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from apps.audit.facts.python.modules import Assignment, Call, Expression, Module
from apps.audit.facts.python.origins import Origins
from apps.audit.regex import regex

PARTS = (regex(r"train", re.IGNORECASE), regex(r"(?<!la)test|val(id|_|$)|dev|holdout", re.IGNORECASE))
# They take the first or the last rows, or leave them out.
CUTS = {"head", "tail", "take", "skip"}
OF_FRAMES = regex(r"\.(iloc|loc|values)\b")
SHUFFLES = regex(
    r"(numpy\.)?random\.(shuffle|permutation|sample|choices?)|torch\.randperm|sklearn\.utils\.(\w+\.)*(shuffle|resample)"
    r"|.*\.(shuffle|permutation|permuted|sample)"
)
HASHES = regex(r"hash|zlib\.(crc32|adler32)|binascii\.crc32|hashlib\.(md5|sha\d*|blake2\w)|(mmh3|xxhash|farmhash)\.\w+")
SPLITS = regex(r"split|(test|train|val\w*)_(set|ratio|share|fraction|size)|in_(test|train|val)", re.IGNORECASE)
# Where Python's own hash of a text is told to be the same in every process.
HASH_SEED = "PYTHONHASHSEED"
FARTHEST = 6


class Sliced(NamedTuple):
    """Parts of one thing, cut by position; `shuffle` is the call that brought its rows into another order."""

    what: str
    scope: str
    line: int
    shuffle: Call | None


class Place(NamedTuple):
    """A line of a function."""

    scope: str
    line: int


def sliced(module: Module) -> Iterator[Sliced]:
    cut = dict[tuple[str, str], list[Assignment]]()
    for each in module.assignments:
        for base in bases(each.value):
            cut.setdefault((each.scope, base), []).append(each)
    for (scope, base), parts in cut.items():
        train, other = (next((each for each in parts if part.search(each.target)), None) for part in PARTS)
        if train and other and train.target != other.target:
            what = f"{train.target} beside {other.target}, slices of {base},"
            yield Sliced(what, scope, train.line, shuffle_of(base, Place(scope, train.line), module))


def bases(value: Expression) -> set[str]:
    """What a value, or one of several, is a slice of."""
    found = set[str]()
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            continue
        receiver, _, last = str(each.get("call", "")).rpartition(".")
        if each.get("code") == "Slice" and each["names"]:
            found.add(OF_FRAMES.sub("", each["names"][0]))
        elif "call" in each and receiver and (each.get("sliced") or last in CUTS):
            found.add(OF_FRAMES.sub("", receiver))
    return {each for each in found if "()" not in each}  # what one call returns is not what another does


def shuffle_of(base: str, part: Place, module: Module, *, further: bool = True) -> Call | None:
    """The call before it that shuffles what it is a part of, or what that was made of; in the function that hands it
    over, or the one that made it, too."""
    before = [each for each in module.assignments if each.scope == part.scope and each.line <= part.line]
    calls = [c for c in module.called(SHUFFLES.fullmatch) if c.scope == part.scope and c.line <= part.line]
    reached = {base}
    for _ in range(FARTHEST if calls or further else 0):
        made = [each for each in before if each.target in reached]
        reached |= {name for each in made for name in names_in(each.value)}
    lines = {(str(each.value.get("call")), each.line) for each in before if is_made(each, reached)}
    found = next((c for c in calls if (c.name, c.line) in lines or not reached.isdisjoint(touched(c))), None)
    return found or (shuffled_elsewhere(reached, {name for name, _ in lines}, part, module) if further else None)


def shuffled_elsewhere(reached: set[str], made_by: set[str], part: Place, module: Module) -> Call | None:
    """The shuffle in a function of the module that made it, or before the call that handed it over."""
    if not (shuffles := module.called(SHUFFLES.fullmatch)):
        return None
    functions = {each.name: each for each in module.functions}
    function, makers = functions.get(part.scope), functions.keys() & made_by
    given = sorted(reached.intersection(function.args)) if function else []
    for value, call in (each for name in given if function for each in Origins(module).passed(name, function)):
        place = Place(call.scope, call.line)
        found = (shuffle_of(each, place, module, further=False) for each in names_in(value))
        if shuffle := next(filter(None, found), None):
            return shuffle
    return next((each for each in shuffles if each.scope in makers), None)


def is_made(assignment: Assignment, reached: set[str]) -> bool:
    return isinstance(assignment.value, dict) and assignment.target in reached


def names_in(value: Expression) -> list[str]:
    if not isinstance(value, dict):
        return [name for each in value for name in names_in(each)] if isinstance(value, list) else []
    receiver = OF_FRAMES.sub("", str(value.get("call", "")).rpartition(".")[0])
    return [str(name) for name in (value.get("name"), receiver, *value.get("names", ())) if name]


def touched(call: Call) -> list[str]:
    """What a call puts into another order: its receiver, or what it is given."""
    return [call.name.rpartition(".")[0], *(name for each in call.args[:2] for name in names_in(each))]


def hashed(module: Module) -> Iterator[tuple[str, int, str]]:
    """Splits by the hash of a key: what they are, where, and what keeps them."""
    fixed = any(HASH_SEED in text.value for text in module.texts)
    for call in module.called(HASHES.fullmatch):
        function = next((each for each in module.functions if each.name == call.scope), None)
        words = [function.name.rpartition(".")[2], *function.args] if function else []
        if any(map(SPLITS.search, words)):
            kept = "" if call.name == "hash" and not fixed else "the hash of a key"
            yield f"{call.scope} splits by {call.name}()", call.line, kept
