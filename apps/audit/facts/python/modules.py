"""Python code, parsed and never executed: imports, calls, functions, classes and assignments of every file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import Any, NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.notebooks import LIMIT as NOTEBOOK_LIMIT
from apps.audit.facts.python.parsing import TOO_COSTLY
from apps.audit.facts.python.python import parse_notebook_code, parse_python
from apps.audit.facts.tree import Tree, is_template, is_vendored, within
from apps.audit.snapshot import KILOBYTE, MEGABYTE, File, Json, Unknown, batched, derive

LIMIT, MOST_BYTES, TOGETHER = 512 * KILOBYTE, 100 * MEGABYTE, 10

# Constants as they are, {"name": dotted}, {"call": dotted}, lists, {"dict": {…}}, {"code": kind, "names": used in it}.
Expression = Any
NO_ARGS, NO_KEYWORDS = list[Expression](), dict[str, Expression]()
LINES = tuple(range(10_000))


class Import(NamedTuple):
    """`name` is dotted (`torch.nn`); a relative one starts with dots. `guarded`: inside try, or for types only."""

    name: str
    line: int
    guarded: bool
    scope: str


class Call(NamedTuple):
    """`name` is dotted with aliases resolved (`numpy.random.seed`); `scope` is the function around it."""

    name: str
    line: int
    args: list[Expression]
    keywords: dict[str, Expression]
    scope: str


class Function(NamedTuple):
    """`name` includes its classes (`TestModel.test_it`); decorators are expressions."""

    name: str
    line: int
    end: int
    decorators: list[Expression]
    args: list[str]


class Class(NamedTuple):
    name: str
    line: int
    bases: list[str]
    decorators: list[Expression]


class Assignment(NamedTuple):
    """`target` is dotted; an assignment, a default of a function's argument, or what `with` binds."""

    target: str
    value: Expression
    line: int
    scope: str


class Text(NamedTuple):
    """A string constant that is not a docstring."""

    value: str
    line: int
    scope: str


class Assert(NamedTuple):
    """An assert statement; `trivial` when it cannot fail.

    `names`: names and short texts in the condition; `bounds`: how it compares by order (`>0.8`, or `>` for no number).
    """

    line: int
    trivial: bool
    scope: str
    names: list[str]
    bounds: list[str]


class Guard(NamedTuple):
    """The body of an `if` from its first to its last line, and the names that must all be true or set for it to run."""

    names: list[str]
    line: int
    end: int


@dataclass(frozen=True)
class Module:
    """One Python file or notebook. `error` says why it does not parse; `code_lines` are neither blank nor comment;
    `names` are those of all that it calls, each once."""

    path: str
    error: str
    error_line: int | None
    code_lines: int
    imports: tuple[Import, ...]
    calls: tuple[Call, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    assignments: tuple[Assignment, ...]
    texts: tuple[Text, ...]
    asserts: tuple[Assert, ...]
    guards: tuple[Guard, ...]
    names: tuple[str, ...]

    @property
    def is_notebook(self) -> bool:
        return self.path.endswith(".ipynb")

    @cached_property
    def packages(self) -> frozenset[str]:
        """Top-level names of what it imports, relative imports aside."""
        return frozenset(each.name.partition(".")[0] for each in self.imports if not each.name.startswith("."))

    @cached_property
    def scopes(self) -> dict[str, list[Assignment]]:
        """Its assignments by scope."""
        return grouped(self.assignments, "scope")

    @cached_property
    def targets(self) -> dict[str, list[Assignment]]:
        """Its assignments by target."""
        return grouped(self.assignments, "target")

    def called(self, wanted: Callable[[str], object]) -> list[Call]:
        """Its calls of wanted names, in the order of the source."""
        names = set(filter(wanted, self.names))
        return [call for call in self.calls if call.name in names] if names else []


@dataclass(frozen=True)
class Modules(Fact):
    """Every Python file and notebook outside vendored folders; unrendered templates are not Python."""

    modules: tuple[Module, ...]
    unread: tuple[Unknown, ...]

    absent = "no Python code"

    @classmethod
    def read(cls, tree: Tree) -> Self | None:
        files = [file for file in tree if not is_vendored(file.path) and not is_template(file.path)]
        sources = [file for file in files if file.suffix in {".py", ".pyw"}]
        small = [file for file in sources if (file.size or 0) <= LIMIT]
        chosen = within(MOST_BYTES, small)
        large = [file for file in sources if (file.size or 0) > LIMIT]
        notebooks = [file for file in files if file.suffix == ".ipynb"]
        every, unread, held = list[Module](), list[Unknown](), dict[str, Expression]()
        for group, parse, limit in (
            ([*chosen, *large], parse_python, LIMIT),
            (notebooks, parse_notebook_code, NOTEBOOK_LIMIT),
        ):
            for some in batched(iter(group), TOGETHER):  # not all of a large tree is held in both forms
                derived = derive(some, parse, limit)
                every += (to_module(*each, held) for each in derived)
                unread += derived.unread
        every.sort(key=lambda module: module.path)
        modules = tuple(module for module in every if module.error != TOO_COSTLY)
        costly = (Unknown(TOO_COSTLY, module.path) for module in every if module.error == TOO_COSTLY)
        unread += costly
        if left := len(small) - len(chosen):
            unread.append(
                Unknown(f"{left:,} Python files were not looked at: over {MOST_BYTES // MEGABYTE} MB together")
            )
        return cls(modules, tuple(unread)) if modules or unread else None

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    @cached_property
    def by_path(self) -> dict[str, Module]:
        return {module.path: module for module in self}

    @cached_property
    def packages(self) -> frozenset[str]:
        """Top-level names of everything imported anywhere."""
        return frozenset().union(*(module.packages for module in self))

    @cached_property
    def broken(self) -> tuple[Module, ...]:
        """Files that do not parse."""
        return tuple(module for module in self if module.error)


def grouped(assignments: tuple[Assignment, ...], by: str) -> dict[str, list[Assignment]]:
    groups = dict[str, list[Assignment]]()
    for each in assignments:
        groups.setdefault(getattr(each, by), []).append(each)
    return groups


def to_module(file: File, parsed: Json, held: dict[str, Expression]) -> Module:
    """Names, lines and expressions come again and again, and most calls have no arguments of a kind: each is held once,
    expressions of all modules among `held`."""

    def same(expression: Expression) -> Expression:
        return held.setdefault(repr(expression), expression) if isinstance(expression, list | dict) else expression

    return Module(
        path=file.path,
        error=parsed["error"],
        error_line=parsed["error_line"],
        code_lines=parsed["code_lines"],
        imports=tuple(
            Import(intern(name), once(line), guarded, intern(scope)) for name, line, guarded, scope in parsed["imports"]
        ),
        calls=tuple(
            Call(intern(name), once(line), same(args or NO_ARGS), same(keywords or NO_KEYWORDS), intern(scope))
            for name, line, args, keywords, scope in parsed["calls"]
        ),
        functions=tuple(Function(*each) for each in parsed["functions"]),
        classes=tuple(Class(*each) for each in parsed["classes"]),
        assignments=tuple(
            Assignment(intern(target), same(value), once(line), intern(scope))
            for target, value, line, scope in parsed["assignments"]
        ),
        texts=tuple(Text(intern(value), once(line), intern(scope)) for value, line, scope in parsed["texts"]),
        asserts=tuple(Assert(*each) for each in parsed["asserts"]),
        guards=tuple(Guard(*each) for each in parsed["guards"]),
        names=tuple(dict.fromkeys(intern(each[0]) for each in parsed["calls"])),
    )


def once(line: int) -> int:
    """The one object for a line number."""
    return LINES[line] if line < len(LINES) else line
