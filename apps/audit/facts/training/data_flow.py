"""Whether two values of a function may hold the same rows, by what is made of what."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from apps.audit.facts.python.modules import Call, Module
from apps.audit.regex import regex

# Names that many values have in common and that hold no rows.
SETTINGS = regex(
    r"(self\.)?_?(args?|cfg|conf|config|configuration|params?|parameters|opts?|options|settings|kwargs|seed|random_state"
    r"|path|paths|folder|root|columns|cols|features|feature_names|target|test_size)",
    re.IGNORECASE,
)
COLLECTS = regex(r".*\.(append|extend|insert|add|update)")


class Flow:
    """The variables of one function, in groups of those that are made of one another."""

    def __init__(self, scope: str, module: Module) -> None:
        self.module = module
        self.groups: dict[str, str] = {}
        known = next((each.args for each in module.functions if each.name == scope), [])
        self.known = {*known, *(self.variable(each.target) for each in module.scopes.get(scope, ()))}
        for statement in self.statements(scope):
            names = list(self.variables(statement))
            for name in names[1:]:
                self.groups[self.group(name)] = self.group(names[0])

    def joins(self, first: Iterable[Any], second: Iterable[Any]) -> bool:
        """Whether two values may be made of the same rows; so it is where that is not seen."""
        ours, theirs = (set(self.variables(each)) for each in (first, second))
        if not (ours and theirs and ours | theirs <= self.known):
            return True
        return not {self.group(each) for each in ours}.isdisjoint(map(self.group, theirs))

    def group(self, variable: str) -> str:
        while (around := self.groups.get(variable, variable)) != variable:
            self.groups[variable] = self.groups.get(around, around)
            variable = around
        return variable

    def statements(self, scope: str) -> Iterator[list[Any]]:
        """Each assignment with what the calls up to the next one are given, and each call that collects."""
        assigned = self.module.scopes.get(scope, [])
        lines, inside = sorted({each.line for each in assigned}), defaultdict[int, list[Any]](list)
        for call in (call for call in self.module.calls if call.scope == scope):
            if at := bisect_right(lines, call.line):
                inside[lines[at - 1]] += given(call)
            if COLLECTS.fullmatch(call.name):
                yield [{"call": call.name}, *given(call)]
        for each in assigned:
            yield [{"name": each.target}, each.value, *inside[each.line]]

    def variables(self, expressions: Iterable[Any]) -> Iterator[str]:
        """The variables that expressions name, packages and settings aside."""
        waiting = list(expressions)
        while waiting:
            each = waiting.pop()
            if isinstance(each, list):
                waiting += each
            elif isinstance(each, dict):
                waiting += each["dict"].values() if isinstance(each.get("dict"), dict) else ()
                named = [*each.get("names", ()), each.get("name", ""), each.get("call", "").rpartition(".")[0]]
                yield from filter(None, map(self.variable, named))

    def variable(self, name: str) -> str:
        parts = name.replace("()", "").split(".")
        found = ".".join(parts[:2] if parts[0] in {"self", "cls"} else parts[:1])
        return "" if found in self.module.packages or SETTINGS.fullmatch(found) else found


def given(call: Call) -> list[Any]:
    return [*call.args, *call.keywords.values()]
