"""What one test reaches: itself, its helpers one level down, its fixtures, and what it calls of the project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain

from apps.audit.facts.python.modules import Call
from apps.audit.facts.suite.bodies import Body, Code, Index
from apps.audit.facts.suite.collecting import Found
from apps.audit.facts.suite.vocabulary import PATCHES, REQUESTS, STARTS
from apps.audit.facts.tree import is_test
from apps.audit.regex import MOST_NAMES, words

# Functions that hand out data, by their names.
LOADS = words(
    r"(^|[._])(load|read|get|fetch|make|build|prepare|setup|import)?_?(raw_|train\w*_|test_)?"
    r"(data\w*|df|frame|table|splits?|corpus)$",
    re.IGNORECASE,
)
NOTHING = Body()
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
        return Body.of(self.own, self.around)

    @cached_property
    def components(self) -> frozenset[str]:
        """The project's modules that it calls."""
        return frozenset(path for path, _ in self.project)

    def calls(self, *endings: str) -> Call | None:
        """The first call whose name is one of these, or ends so."""
        return next(iter(self.all.calling(ends_in(endings))), None)

    @cached_property
    def words(self) -> str:
        """The names of file, class and test in lower case, with spaces for underscores."""
        return f"{self.found.index.module.path} {self.found.function.name}".lower().replace("_", " ").replace("/", " ")


def reach(code: Code, found: Found) -> Reach:
    index, name = found.index, found.function.name
    body = index.bodies.get(name, NOTHING)
    own = Body.of(body, *(each.bodies.get(helper, NOTHING) for each, helper in helpers(code, body, name, index)))
    around = [index.bodies.get(f"{found.owner}.{setup}".lstrip("."), NOTHING) for setup in SETUPS]
    around += (of_fixture(code, each, fixture) for each, fixture in found.fixtures)
    around += named_globals(index, Body.of(own, *around))
    around += (unpatched(code, each, fixture) for each, fixture in found.surroundings if each is index)
    # What a conftest calls for every test is no part that this one joins.
    called = dict.fromkeys(project_calls(code, Body.of(own, *around), found))
    # What a conftest starts for every test is used by those that ask it, and by those that ask nothing else.
    if not called or any(map(REQUESTS.match, own.called)):
        around += (unpatched(code, each, fixture) for each, fixture in found.surroundings if each is not index)
        started = (each for each in found.left if any(map(STARTS.search, of_fixture(code, *each).said)))
        around += (unpatched(code, *each) for each in started)
    loaders = (code.indices[where].bodies.get(loader, NOTHING) for where, loader, _ in called if LOADS.search(loader))
    return Reach(found, own, Body.of(*around), Body.of(*loaders), tuple((where, name) for where, _, name in called))


@cache
def ends_in(endings: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a dotted name is one of these, or ends so."""
    dotted = tuple(f".{ending}" for ending in endings)
    return lru_cache(MOST_NAMES)(lambda name: name.endswith(dotted) or name in endings)


def of_fixture(code: Code, index: Index, name: str) -> Body:
    """What a fixture does, with its helpers and the module's values that it names; many tests ask for the same one."""
    key = (index.module.path, name)
    if key not in code.fixtures:
        body = index.bodies.get(name, NOTHING)
        helped = (each.bodies.get(helper, NOTHING) for each, helper in helpers(code, body, name, index))
        code.fixtures[key] = Body.of(body, *named_globals(index, body), *helped)
    return code.fixtures[key]


def unpatched(code: Code, index: Index, name: str) -> Body:
    """What a fixture that surrounds a test does, without what it replaces: the test did not choose that to be a
    stand-in."""
    key = (index.module.path, name)
    if key not in code.surroundings:
        body = of_fixture(code, index, name)
        calls = body.calling(lambda name: not PATCHES.search(name))
        code.surroundings[key] = Body(calls, body.asserts, body.texts, body.assignments)
    return code.surroundings[key]


def helpers(code: Code, body: Body, scope: str, index: Index) -> Iterator[tuple[Index, str]]:
    """Functions beside the tests that a body calls."""
    seen = {(index.module.path, scope)}
    for call in body.calls:
        called = code.called(call.name, call.scope, index)
        if called and is_test(called[0].module.path) and (key := (called[0].module.path, called[1])) not in seen:
            seen.add(key)
            if called[1] in called[0].functions:
                yield called


def named_globals(index: Index, body: Body) -> list[Body]:
    """The module's values that a body names."""
    if not index.globals:
        return []
    first = dict.fromkeys(name.partition(".")[0] for name in chain.from_iterable(body.names))
    return [index.globals[name] for name in first if name in index.globals]


def project_calls(code: Code, body: Body, found: Found) -> Iterator[tuple[str, str, str]]:
    """Path, name there and name as called of the project's own code, tests aside."""
    places = tuple(dict.fromkeys([found.index.module.path, *(index.module.path for index, _ in found.fixtures)]))
    made = {each.target: str(each.value.get("call", "")) for each in body.assignments if isinstance(each.value, dict)}
    for name in body.called:
        located = code.locate_from(name, places) if "." in name else None
        # A variable may have a package's name: what is called of it is a method of what it holds.
        variable, _, method = name.partition(".")
        if located and made.get(variable):
            located = code.locate_from(f"{made[variable]}.{method}", places)
        if located and located[1] and not is_test(located[0].module.path):
            yield located[0].module.path, located[1], name
