"""The facts in an engine's answer, which pages draw: one that does not exist in a repository is null."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from apps.audit.facts.dvc.states import MOST_NODES, MOST_REASONS, State
from apps.audit.facts.hooks.coverage import MOST_HOOKS, MOST_SHOWN
from apps.audit.facts.layout import Standing
from apps.audit.facts.suite import MOST_SHOWN as MOST_TESTS
from apps.audit.facts.suite.layers import Layer
from apps.scorecards.form import Form, Line, Number, Text


class Project(Form):
    kind: Text
    why: Text
    path: Text


class Role(Form):
    role: Text
    state: Standing
    path: Text
    wanted: Annotated[list[Text], Field(max_length=100)]


class Layout(Form):
    profile: Text
    roles: Annotated[list[Role], Field(max_length=100)]


class Hook(Form):
    id: Text
    manager: Text
    path: Text
    line: Line
    does: Annotated[list[Text], Field(max_length=100)]


class Kind(Form):
    kind: Text
    files: Number
    covered: Number
    missed: Annotated[list[Text], Field(max_length=MOST_SHOWN)]


class Coverage(Form):
    hooks: Annotated[list[Hook], Field(max_length=MOST_HOOKS)]
    kinds: Annotated[list[Kind], Field(max_length=20)]


class Stage(Form):
    """`sources` are the positions, among all stages, of those that feed it."""

    name: Text
    path: Text
    line: Line
    state: State
    why: Annotated[list[Text], Field(max_length=MOST_REASONS)]
    sources: Annotated[list[Annotated[int, Field(ge=0, lt=MOST_NODES)]], Field(max_length=MOST_NODES)]


class Test(Form):
    path: Text
    name: Text
    line: Line
    layer: Layer
    why: Text


class Suite(Form):
    tests: Annotated[list[Test], Field(max_length=MOST_TESTS)]


class Facts(Form):
    project: Project | None
    layout: Layout | None
    coverage: Coverage | None
    states: Annotated[list[Stage], Field(max_length=MOST_NODES)] | None
    suite: Suite | None
