"""What one test reaches: itself, its helpers one level down, its fixtures, and what it calls of the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from apps.audit.facts.python.modules import Call
from apps.audit.facts.suite.bodies import Body, Code, Index
from apps.audit.facts.suite.collecting import Found
from apps.audit.facts.suite.vocabulary import PATCHES, REQUESTS, STARTS
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

# Functions that hand out data, by their names.
LOADS = regex(
    r"(^|[._])(load|read|get|fetch|make|build|prepare|setup|import)?_?(raw_|train\w*_|test_)?"
    r"(data\w*|df|frame|table|splits?|corpus)$",
    re.IGNORECASE,
)
SETUPS = ("setUp", "setUpClass", "setup_method", "setup_class", "asyncSetUp", "setup")


@dataclass(frozen=True)
class Reach:
    """`own` is the test and its helpers, `around` its fixtures, set-up and the module's values that it names."""

    found: Found
    own: Body
    around: Body
    # What the project's loaders of data do that it calls.
    loaders: Body
    # Calls of the project's own code, made by the test, its helpers or its fixtures: the module's path, the full name.
    project: tuple[tuple[str, str], ...]

    @cached_property
    def all(self) -> Body:
        return self.own + self.around

    @cached_property
    def components(self) -> frozenset[str]:
        """The project's modules that it calls."""
        return frozenset(path for path, _ in self.project)

    def calls(self, *endings: str) -> Call | None:
        """The first call whose name is one of these, or ends so."""
        dotted = tuple(f".{ending}" for ending in endings)
        found = (call for call in self.all.calls if call.name.endswith(dotted) or call.name in endings)
        return next(found, None)

    @cached_property
    def words(self) -> str:
        """The names of file, class and test in lower case, with spaces for underscores."""
        return f"{self.found.index.module.path} {self.found.function.name}".lower().replace("_", " ").replace("/", " ")


def reach(code: Code, found: Found) -> Reach:
    index, name = found.index, found.function.name
    own, helped = index.bodies.get(name, Body()), Body()
    for helper, helper_name in helpers(code, own, name, index):
        helped += helper.bodies.get(helper_name, Body())
    around = Body()
    for setup in SETUPS:
        around += index.bodies.get(f"{found.owner}.{setup}".lstrip("."), Body())
    for each, fixture in found.fixtures:
        around += of_fixture(code, each, fixture)
    around += named_globals(index, own + helped + around)
    own = own + helped
    unasked = [(each, unpatched(of_fixture(code, each, fixture))) for each, fixture in found.surroundings]
    for body in (body for each, body in unasked if each is index):
        around += body
    # What a conftest calls for every test is no part that this one joins.
    called = dict.fromkeys(project_calls(code, own + around, found))
    # What a conftest starts for every test is used by those that ask it, and by those that ask nothing else.
    asks = not called or any(REQUESTS.match(call.name) for call in own.calls)
    for body in (body for each, body in unasked if each is not index and asks):
        around += body
    for body in (of_fixture(code, *each) for each in found.left if asks):
        around += unpatched(body) if any(STARTS.search(text.value) for text in body.texts) else Body()
    loaders = Body()
    for where, function, _ in called:
        if LOADS.search(function):
            loaders += code.indices[where].bodies.get(function, Body())
    return Reach(found, own, around, loaders, tuple((where, name) for where, _, name in called))


def of_fixture(code: Code, index: Index, name: str) -> Body:
    """What a fixture does, with its helpers and the module's values that it names; many tests ask for the same one."""
    key = (index.module.path, name)
    if key not in code.fixtures:
        body = index.bodies.get(name, Body())
        whole = body + named_globals(index, body)
        for helper, helper_name in helpers(code, body, name, index):
            whole += helper.bodies.get(helper_name, Body())
        code.fixtures[key] = whole
    return code.fixtures[key]


def unpatched(body: Body) -> Body:
    """What surrounds a test, without what it replaces: the test did not choose that to be a stand-in."""
    calls = [call for call in body.calls if not PATCHES.search(call.name)]
    return Body(calls, body.asserts, body.texts, body.assignments)


def helpers(code: Code, body: Body, scope: str, index: Index) -> Iterator[tuple[Index, str]]:
    """Functions beside the tests that a body calls."""
    seen = {(index.module.path, scope)}
    for call in body.calls:
        called = code.called(call.name, call.scope, index)
        if called and is_test(called[0].module.path) and (key := (called[0].module.path, called[1])) not in seen:
            seen.add(key)
            if called[1] in called[0].functions:
                yield called


def named_globals(index: Index, body: Body) -> Body:
    found = Body()
    for first in dict.fromkeys(name.partition(".")[0] for name in body.names):
        found += index.globals.get(first, Body())
    return found


def project_calls(code: Code, body: Body, found: Found) -> Iterator[tuple[str, str, str]]:
    """Path, name there and name as called of the project's own code, tests aside."""
    places = dict.fromkeys([found.index.module.path, *(index.module.path for index, _ in found.fixtures)])
    made = {each.target: str(each.value.get("call", "")) for each in body.assignments if isinstance(each.value, dict)}
    for name in dict.fromkeys(call.name for call in body.calls if "." in call.name):
        located = next((each for each in (code.locate(name, path) for path in places) if each), None)
        # A variable may have a package's name: what is called of it is a method of what it holds.
        variable, _, method = name.partition(".")
        if located and made.get(variable):
            meant = f"{made[variable]}.{method}"
            located = next((each for each in (code.locate(meant, path) for path in places) if each), None)
        if located and located[1] and not is_test(located[0].module.path):
            yield located[0].module.path, located[1], name
