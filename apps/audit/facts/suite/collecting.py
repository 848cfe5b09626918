"""Which functions are tests, as pytest and unittest collect them, and the fixtures that they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from sys import stdlib_module_names
from typing import NamedTuple

from apps.audit.facts.documents import Documents
from apps.audit.facts.python.modules import Function
from apps.audit.facts.suite.bodies import Code, Index
from apps.audit.facts.suite.fixtures import Fixtures, decorator_name, is_fixture_function, is_lasting
from apps.audit.facts.suite.named import named_tests
from apps.audit.facts.tree import is_fixture

# Where pytest reads `python_files`.
SETTINGS = (
    ("pytest.ini", ("pytest",)),
    ("pyproject.toml", ("tool", "pytest", "ini_options")),
    ("tox.ini", ("pytest",)),
    ("setup.cfg", ("tool:pytest",)),
)
PATTERNS = ("test_*.py", "*_test.py")
# Fixtures of pytest and of its usual plugins.
FIXTURES = {
    *(
        "request",
        "tmp_path",
        "tmpdir",
        "tmp_path_factory",
        "tmpdir_factory",
        "monkeypatch",
        "capsys",
        "capfd",
        "caplog",
    ),
    *(
        "recwarn",
        "pytestconfig",
        "cache",
        "testdir",
        "pytester",
        "mocker",
        "benchmark",
        "subtests",
        "faker",
        "db",
        "rf",
    ),
    *("client", "settings", "live_server", "httpx_mock", "requests_mock", "respx_mock", "event_loop", "snapshot"),
}


@dataclass(frozen=True)
class Found:
    """One test function, where it is, and the fixture functions that it asks for, directly or not.

    `surroundings` are those that it gets unasked, `left` those that an earlier test asked for, whose scope goes on and
    with which it works as that one does.
    """

    index: Index
    function: Function
    fixtures: tuple[tuple[Index, str], ...]
    surroundings: tuple[tuple[Index, str], ...] = ()
    left: tuple[tuple[Index, str], ...] = ()

    @property
    def owner(self) -> str:
        """The class around it; empty for a plain function."""
        return self.function.name.rpartition(".")[0]


def collect(code: Code, documents: Documents) -> Iterator[Found]:
    patterns, known = (*PATTERNS, *configured_patterns(documents)), Fixtures(code)
    named = named_tests(documents.tree, (path for path, index in code.indices.items() if may_be_named(path, index)))
    for path, index in code.indices.items():
        name = path.rpartition("/")[2]
        if path in named or any(matches(name, pattern) for pattern in patterns):
            yield from collect_module(index, known, cases_only=False)
        elif name.startswith("test"):
            yield from collect_module(index, known, cases_only=True)


def may_be_named(path: str, index: Index) -> bool:
    """Whether a file of a tests folder has tests that pytest finds only when it is told where they are."""
    usual = any(matches(path.rpartition("/")[2], pattern) for pattern in PATTERNS)
    return is_fixture(path) and not usual and any(name.startswith("test_") for name in index.functions)


def configured_patterns(documents: Documents) -> Iterator[str]:
    for name, keys in SETTINGS:
        for document in documents.named(name):
            value = document.get(*keys, "python_files")
            yield from (
                value.split() if isinstance(value, str) else [each for each in value or () if isinstance(each, str)]
            )


def matches(name: str, pattern: str) -> bool:
    """Patterns with one star or none, which are those that are used."""
    start, star, end = pattern.partition("*")
    return name.startswith(start) and name.endswith(end) if star else name == pattern


def collect_module(index: Index, known: Fixtures, *, cases_only: bool) -> Iterator[Found]:
    classes, lasting = test_classes(index, cases_only=cases_only), dict[tuple[str, str], Lasting]()
    for function in index.functions.values():
        owner, _, name = function.name.rpartition(".")
        if not name.startswith("test") or is_fixture_function(function):
            continue
        if (owner in classes) if owner else not cases_only:
            fixtures = known.requested(function, index)
            if is_collectable(index, function, fixtures):
                asked = outside_calls(index, function)
                left = tuple(each.fixture for each in lasting.values() if not asked.isdisjoint(each.asked))
                yield Found(index, function, fixtures, known.surrounding(function, index), left)
                for where, fixture in fixtures:
                    if is_lasting(where, fixture):
                        lasting.setdefault((where.module.path, fixture), Lasting((where, fixture), asked))


class Lasting(NamedTuple):
    """A fixture that stays when the test is over that asked for it first, and what that test calls of libraries."""

    fixture: tuple[Index, str]
    asked: frozenset[str]


def outside_calls(index: Index, function: Function) -> frozenset[str]:
    names = (call.name for call in index.bodies[function.name].calls) if function.name in index.bodies else ()
    imported = {each.name.partition(".")[0] for each in index.module.imports} - stdlib_module_names - {"pytest"}
    return frozenset(name for name in names if "." in name and name.partition(".")[0] in imported)


def test_classes(index: Index, *, cases_only: bool) -> set[str]:
    """Classes that are collected, and the classes of the same module that they inherit from."""
    ignored = {each.scope for each in index.module.assignments if each.target == "__test__" and each.value is False}
    found, waiting = set[str](), [name for name in index.bases if is_test_class(index, name, cases_only=cases_only)]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in ignored:
            found.add(name)
            waiting += [base for base in index.bases[name] if base in index.bases]
    return found


def is_test_class(index: Index, name: str, *, cases_only: bool) -> bool:
    """A class at module level, or in another test class; one inside a function is never collected."""
    if any(".".join(name.split(".")[:cut]) in index.functions for cut in range(1, name.count(".") + 1)):
        return False
    if is_case(index, name):
        return True
    return not cases_only and name.rpartition(".")[2].startswith("Test") and f"{name}.__init__" not in index.functions


def is_case(index: Index, name: str, depth: int = 0) -> bool:
    """Whether it inherits from unittest's TestCase or one derived from it."""
    return depth < 5 and any(
        base.endswith(("TestCase", "TestBase")) or (base in index.bases and is_case(index, base, depth + 1))
        for base in index.bases.get(name, ())
    )


def is_collectable(index: Index, function: Function, fixtures: tuple[tuple[Index, str], ...]) -> bool:
    """A function with arguments that nobody gives is no test, whatever it is called; in a tests folder a plugin may.
    A method of a TestCase is one at any rate: unittest asks for the name only."""
    given = {name.rpartition(".")[2] for _, name in fixtures}
    known = is_fixture(index.module.path) or is_case(index, function.name.rpartition(".")[0])
    if known or set(function.args) <= {"self", "cls", *FIXTURES, *given}:
        return True
    decorators = " ".join(map(decorator_name, function.decorators))
    return any(word in decorators for word in ("parametrize", "parameterized", "given", "patch"))
