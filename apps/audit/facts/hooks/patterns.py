"""Regular expressions of the repository, matched in time linear in the text, whatever they look like.

Python's own matcher can be made to run for years by a pattern; so the pattern is only parsed by it, and then followed
as a set of states. Look-behind, look-ahead within, and back-references are not understood.
"""

from __future__ import annotations

import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST_STATES, MOST_REPEATS, LONGEST_PATTERN, LONGEST_TEXT, MOST_REMEMBERED = 2_000, 200, 4_000, 4_096, 500_000
Test = Callable[[str], bool]
CATEGORIES: dict[Any, Test] = {
    sre.CATEGORY_DIGIT: str.isdigit,
    sre.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    sre.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    sre.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}
BEGINS, ENDS = {sre.AT_BEGINNING, sre.AT_BEGINNING_STRING}, {sre.AT_END, sre.AT_END_STRING}


class NotUnderstood(ValueError):
    """The pattern has something that is not matched here."""


@dataclass
class State:
    """One state: `test` takes a character; without it the state leads on at once, with `at` only at an end."""

    test: Test | None = None
    at: str = ""
    follows: list[int] = field(default_factory=list)


@dataclass
class Machine:
    """States of one pattern; the last to be added accepts."""

    ignore_case: bool = False
    states: list[State] = field(default_factory=list)

    def add(self, test: Test | None = None, at: str = "") -> int:
        if len(self.states) >= MOST_STATES:
            raise NotUnderstood("too large")
        self.states.append(State(test, at))
        return len(self.states) - 1

    def build(self, items: Any, start: int) -> int:
        """Add what `items` match after the state `start`; the state after them."""
        for operation, value in items:
            start = self.part(operation, value, start)
        return start

    def link(self, start: int, state: int) -> int:
        self.states[start].follows.append(state)
        return state

    def part(self, operation: Any, value: Any, start: int) -> int:
        if operation in {sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN}:
            return self.link(start, self.add(self.test(operation, value)))
        if operation is sre.AT and value in BEGINS | ENDS:
            return self.link(start, self.add(at="begin" if value in BEGINS else "end"))
        if operation is sre.SUBPATTERN:
            if value[1] or value[2]:
                raise NotUnderstood("flags within")
            return self.build(value[3], start)
        if operation is sre.BRANCH:
            ends = [self.build(branch, self.link(start, self.add())) for branch in value[1]]
            joined = self.add()
            for end in ends:
                self.link(end, joined)
            return joined
        if operation in {sre.MAX_REPEAT, sre.MIN_REPEAT}:
            return self.repeat(value, start)
        raise NotUnderstood(str(operation))

    def repeat(self, value: Any, start: int) -> int:
        least, most, items = value
        if least > MOST_REPEATS or (most is not sre.MAXREPEAT and most > MOST_REPEATS):
            raise NotUnderstood("too many repeats")
        for _ in range(least):
            start = self.build(items, start)
        if most is sre.MAXREPEAT:
            again = self.link(start, self.add())
            self.link(self.build(items, again), again)
            return self.link(again, self.add())
        leave = self.add()
        for _ in range(most - least):
            self.link(start, leave)
            start = self.build(items, self.link(start, self.add()))
        return self.link(start, leave)

    def test(self, operation: Any, value: Any) -> Test:
        if operation is sre.ANY:
            return lambda char: char != "\n"
        if operation is sre.IN:
            negated = value[0][0] is sre.NEGATE
            tests = [
                self.test(*each) if each[0] is not sre.RANGE else self.within(*each[1]) for each in value[negated:]
            ]
            return lambda char: any(test(char) for test in tests) is not negated
        if operation is sre.RANGE:
            return self.within(*value)
        if operation is sre.CATEGORY and value in CATEGORIES:
            return CATEGORIES[value]
        if operation in {sre.LITERAL, sre.NOT_LITERAL}:
            wanted, negated = self.fold(chr(value)), operation is sre.NOT_LITERAL
            return lambda char: (self.fold(char) == wanted) is not negated
        raise NotUnderstood(str(operation))

    def within(self, first: int, last: int) -> Test:
        if self.ignore_case:
            return lambda char: first <= ord(char.lower()) <= last or first <= ord(char.upper()) <= last
        return lambda char: first <= ord(char) <= last

    def fold(self, char: str) -> str:
        return char.lower() if self.ignore_case else char


class Pattern:
    """One pattern; what it has met is remembered, so that many paths cost little."""

    def __init__(self, pattern: str) -> None:
        try:
            if len(pattern) > LONGEST_PATTERN:
                raise NotUnderstood("too long")
            parsed = parser.parse(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise NotUnderstood(str(error)) from error
        if parsed.state.flags & (re.LOCALE | re.MULTILINE):
            raise NotUnderstood("flags")
        self.machine = Machine(bool(parsed.state.flags & re.IGNORECASE))
        items = list(parsed)
        self.refused: list[Pattern] = []
        first = self.machine.add()
        anchored = bool(items) and items[0][0] is sre.AT and items[0][1] in BEGINS
        while anchored and len(items) > 1 and items[1][0] is sre.ASSERT_NOT and items[1][1][0] == 1:
            self.refused.append(Pattern.from_items(items.pop(1)[1][1], self.machine.ignore_case))
        try:
            self.accepting = self.machine.build(items, first)
        except RecursionError as error:
            raise NotUnderstood("too deep") from error
        self.steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self.closures: dict[tuple[frozenset[int], bool, bool], frozenset[int]] = {}
        # States gone through: all that ever were, and those that steps and closures hold.
        self.cost = self.remembered = 0

    @classmethod
    def from_items(cls, items: Any, ignore_case: bool) -> Pattern:
        """The pattern of a part; it is tried at the beginning only."""
        made = cls("^")
        made.machine.ignore_case = ignore_case
        made.accepting = made.machine.build(items, made.accepting)
        return made

    @staticmethod
    def of(pattern: str) -> Pattern | None:
        """The pattern, or None when it is not understood."""
        try:
            return Pattern(pattern)
        except NotUnderstood:
            return None

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`, as `re.search` would say."""
        text = text[:LONGEST_TEXT]
        if self.remembered > MOST_REMEMBERED:
            self.steps, self.closures, self.remembered = {}, {}, 0
        if any(refused.found_in(text) for refused in self.refused):
            return False
        current: frozenset[int] = frozenset()
        self.cost += len(text)
        for at in range(len(text) + 1):
            current = self.closure(current | {0}, at == 0, at == len(text))
            if self.accepting in current:
                return True
            if at < len(text):
                current = self.step(current, text[at])
        return False

    def closure(self, states: frozenset[int], begins: bool, ends: bool) -> frozenset[int]:
        """All states that are reached without a character. A state with a test waits for its own character."""
        key = (states, begins, ends)
        if key not in self.closures:
            reached, waiting = set(states), list(states)
            while waiting:
                follows = self.machine.states[waiting.pop()].follows
                self.cost += len(follows)
                for follow in follows:
                    state = self.machine.states[follow]
                    open_now = state.at == "" or (begins if state.at == "begin" else ends)
                    if state.test is None and open_now and follow not in reached:
                        reached.add(follow)
                        waiting.append(follow)
            self.closures[key] = self.remember(reached)
        return self.closures[key]

    def step(self, states: frozenset[int], char: str) -> frozenset[int]:
        key = (states, char)
        if key not in self.steps:
            follows = {follow for state in states for follow in self.machine.states[state].follows}
            tested = ((follow, self.machine.states[follow].test) for follow in follows)
            self.steps[key] = self.remember({follow for follow, test in tested if test is not None and test(char)})
            self.cost += len(follows)
        return self.steps[key]

    def remember(self, states: set[int]) -> frozenset[int]:
        self.cost += len(states)
        self.remembered += len(states) + 1
        return frozenset(states)
