"""The fixture functions that a test gets: by its arguments, by a mark, or without asking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apps.audit.facts.python.modules import Call, Function
from apps.audit.facts.suite.bodies import Code, Index

MOST_FIXTURES = 60


class Fixtures:
    """Every fixture of the code, by module and by the name that tests use."""

    def __init__(self, code: Code) -> None:
        self.code = code
        found = ((path, index, dict(fixtures_of(index))) for path, index in code.indices.items())
        self.known = {path: fixtures for path, index, fixtures in found if fixtures}
        self.automatic = {path: tuple(automatic(code.indices[path])) for path in self.known}
        self.marks: dict[str, list[Call]] = {}
        # Where an imported fixture stands, by its name and who imports it.
        self.sources: dict[tuple[str, str], str] = {}
        self.near: dict[str, list[str]] = {}
        self.closures: dict[tuple[str, tuple[str, ...]], tuple[tuple[Index, str], ...]] = {}
        self.plugins = [
            located[0].module.path
            for path, index in code.indices.items()
            for name in plugins_of(index)
            for located in [code.locate(name, path)]
            if located and not located[1]
        ]

    def requested(self, function: Function, index: Index) -> tuple[tuple[Index, str], ...]:
        """The fixture functions that a test asks for, directly or not."""
        return self.closure((*function.args, *self.marked(function, index)), index)

    def surrounding(self, function: Function, index: Index) -> tuple[tuple[Index, str], ...]:
        """The fixture functions that a test gets unasked, from its module, the conftests above it and plugins."""
        unasked = (name for place in self.places(index) for name in self.unasked(place, function))
        return self.closure(tuple(unasked), index)

    def marked(self, function: Function, index: Index) -> Iterator[str]:
        """The fixtures that marks name: of the function, its classes and its module."""
        module = index.module
        if module.path not in self.marks:
            self.marks[module.path] = module.called(lambda name: name.endswith("mark.usefixtures"))
        for call in self.marks[module.path]:
            own = call.scope == function.name or (call.scope and function.name.startswith(f"{call.scope}."))
            if own or (not call.scope and any(not each.scope for each in module.targets.get("pytestmark", ()))):
                yield from (each for each in call.args if isinstance(each, str))

    def places(self, index: Index) -> list[str]:
        """Where the fixtures of a module's tests may stand, the nearest first."""
        path = index.module.path
        if path not in self.near:
            conftests = (f"{folder}/conftest.py".lstrip("/") for folder in folders_above(path))
            self.near[path] = [path, *(each for each in conftests if each in self.code.indices), *self.plugins]
        return self.near[path]

    def closure(self, names: tuple[str, ...], index: Index) -> tuple[tuple[Index, str], ...]:
        """The fixture functions that these names of a module lead to, and what those ask for in turn."""
        key = (index.module.path, names)
        if key not in self.closures:
            self.closures[key] = tuple(self.follow(names, self.places(index)))
        return self.closures[key]

    def follow(self, names: tuple[str, ...], places: list[str]) -> Iterator[tuple[Index, str]]:
        waiting, seen = list(names), set[str]()
        while waiting and len(seen) < MOST_FIXTURES:
            name = waiting.pop(0)
            if name not in seen and (place := self.place_of(name, places)):
                index, fixture = self.code.indices[place], self.known[place][name]
                yield index, fixture
                waiting += index.functions[fixture].args
            seen.add(name)

    def place_of(self, name: str, places: list[str]) -> str:
        own = next((each for each in places if name in self.known.get(each, ())), "")
        return own or next(filter(None, (self.imported(name, each) for each in places)), "")

    def unasked(self, place: str, function: Function) -> Iterator[str]:
        """The fixtures of a module that tests get without asking; those of a class are for its own tests."""
        for owner, name in self.automatic.get(place, ()):
            if not owner or function.name.startswith(f"{owner}."):
                yield name

    def imported(self, name: str, place: str) -> str:
        """The module that a test module or a conftest imports a fixture from, by its name or with all that is there."""
        if (name, place) not in self.sources:
            self.sources[name, place] = ""
            for each in self.code.indices[place].module.imports:
                located = self.code.locate(each.name, place)
                if located and name in self.known.get(located[0].module.path, ()) and located[1] in {"", name}:
                    self.sources[name, place] = located[0].module.path
        return self.sources[name, place]


def automatic(index: Index) -> Iterator[tuple[str, str]]:
    """The fixtures that nobody has to ask for: the class around each, and its name."""
    for name, fixture in fixtures_of(index):
        if any(call.keywords.get("autouse") is True for call in decorating(index, fixture)):
            yield fixture.rpartition(".")[0], name


def decorator_name(decorator: Any) -> str:
    return str(decorator.get("name") or decorator.get("call") or "") if isinstance(decorator, dict) else ""


def is_fixture_function(function: Function) -> bool:
    return any(re.search(r"(^|[._])fixture$", decorator_name(each)) for each in function.decorators)


def decorating(index: Index, name: str) -> Iterator[Any]:
    """The calls that decorate a function."""
    line = index.functions[name].line
    return (call for call in index.bodies[name].calls if call.line <= line) if name in index.bodies else iter(())


def is_lasting(index: Index, name: str) -> bool:
    """Whether a fixture is made once, for all tests of a module or of a session."""
    return any(call.keywords.get("scope") in {"session", "package", "module"} for call in decorating(index, name))


def fixtures_of(index: Index) -> Iterator[tuple[str, str]]:
    """The name that tests use for each fixture of a module, and the name of its function."""
    for name, function in index.functions.items():
        if is_fixture_function(function):
            given = next((call.keywords["name"] for call in decorating(index, name) if "name" in call.keywords), None)
            yield given if isinstance(given, str) else name.rpartition(".")[2].removeprefix("fixture_"), name


def plugins_of(index: Index) -> Iterator[str]:
    """Modules whose fixtures all tests get: `pytest_plugins = ["tests.fixtures"]`."""
    for each in index.module.assignments:
        if each.target == "pytest_plugins" and not each.scope:
            named = each.value if isinstance(each.value, list) else [each.value]
            yield from (name for name in named if isinstance(name, str))


def folders_above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path
