"""The tests: every test function once, with its layer and the reason for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Documents
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.suite import traits
from apps.audit.facts.suite.bodies import Code
from apps.audit.facts.suite.collecting import Found, collect
from apps.audit.facts.suite.layers import Layer, judge
from apps.audit.facts.suite.material import Material, Sources
from apps.audit.facts.suite.reach import reach
from apps.audit.facts.suite.topics import Topic, topics
from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import Json, Unknown, derive

# More tests than these do not fit into an answer.
MOST_SHOWN = 20_000
FEATURE = regex(rb"^[ \t]*Scenario(?: Outline| Template)?:[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Test:
    """One test function, parametrised or not. `skipped` is "skip" or "xfail" where nothing depends on circumstances."""

    path: str
    name: str
    line: int
    layer: Layer
    why: str
    markers: tuple[str, ...] = ()
    skipped: str = ""
    asserts: bool = True
    # Asserted properties of the data, for a test of data quality.
    properties: int = 0
    topics: frozenset[Topic] = frozenset()


@dataclass(frozen=True)
class Suite(Fact):
    """Every test function that pytest or unittest collects, and every scenario of behave and Robot Framework."""

    tests: tuple[Test, ...]
    unread: tuple[Unknown, ...] = ()

    @classmethod
    def read(cls, tree: Tree, modules: Modules | None, documents: Documents) -> Self:
        tests = list(python_tests(tree, modules, documents)) if modules else []
        files = [file for file in tree if not is_vendored(file.path) and not is_template(file.path)]
        features = derive((file for file in files if file.suffix == ".feature"), parse_feature)
        robots = derive((file for file in files if file.suffix == ".robot"), parse_robot)
        tests += [
            Test(file.path, name, line, Layer.END_TO_END, "a scenario of the whole system")
            for file, found in (*features, *robots)
            for name, line in found
        ]
        unread = [each for each in (modules.unread if modules else ()) if "test" in each.path]
        tests.sort(key=lambda test: (test.path, test.line))
        return cls(tuple(tests), (*unread, *features.unread, *robots.unread))

    def __iter__(self) -> Iterator[Test]:
        return iter(self.tests)

    @cached_property
    def counts(self) -> Counter[Layer]:
        return Counter(test.layer for test in self)

    def of(self, layer: Layer) -> list[Test]:
        return [test for test in self if test.layer is layer]

    def about(self, topic: Topic) -> list[Test]:
        return [test for test in self if topic in test.topics]

    def measures(self) -> dict[str, float]:
        return {f"testing.{layer}": self.counts[layer] for layer in Layer}

    def summary(self) -> Json:
        keys = ("path", "name", "line", "layer", "why")
        return {"tests": [{key: getattr(test, key) for key in keys} for test in self.tests[:MOST_SHOWN]]}


def python_tests(tree: Tree, modules: Modules, documents: Documents) -> Iterator[Test]:
    code, sources = Code(modules), Sources.of(tree, modules)
    for found in collect(code, documents):
        yield to_test(found, code, sources)


def to_test(found: Found, code: Code, sources: Sources) -> Test:
    reached = reach(code, found)
    marks = tuple(dict.fromkeys(traits.markers(found)))
    material = Material(reached, sources)
    layer, why = judge(reached, marks, material)
    return Test(
        path=found.index.module.path,
        name=found.function.name,
        line=found.function.line,
        layer=layer,
        why=why,
        markers=marks,
        skipped=traits.skip(marks, found),
        asserts=traits.asserts(reached),
        properties=material.properties if layer is Layer.DATA_QUALITY else 0,
        topics=topics(reached, material, layer),
    )


def parse_feature(content: bytes) -> Json:
    return [
        [match[1].decode("utf-8", "replace").strip(), content.count(b"\n", 0, match.start(1)) + 1]
        for match in FEATURE.finditer(content)
    ]


def parse_robot(content: bytes) -> Json:
    """Names at the start of a line below the heading of the test cases."""
    cases, inside = list[Json](), False
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if line.startswith("***"):
            inside = line.strip("* ").lower() in {"test cases", "test case", "tasks"}
        elif inside and line[:1].strip() and not line.startswith("#"):
            cases.append([line.strip(), number])
    return cases
