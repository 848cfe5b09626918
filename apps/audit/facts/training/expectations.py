"""Expectations on data that are written down apart from tests: suites of Great Expectations, Soda and pandera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.python.modules import Call, Module, Modules
from apps.audit.facts.tree import Tree, folders_of, is_template, is_test, is_vendored
from apps.audit.regex import any_of, regex

SUITE_FOLDERS = {"great_expectations", "gx", "gx_suites", "expectations", "soda", "sodacl", "checks"}
EXPECTATION = regex(r"(.*\.)?(expect_\w+|Expect[A-Z]\w+)")
PANDERA = regex(r"pandera(\.\w+)?\.(Column|Field|Check(\.\w+)?|Index)")
CHECKS = regex(
    r"deepchecks\.(\w+\.)*(checks|suites)\.(\w+\.)*\w+|evidently\.(\w+\.)*(test_preset|tests?)\.\w+|soda\.\w+\.Scan"
)
VALIDATES = regex(r".*(validate|check|check_types|check_input|check_io|check_output|run)")
EXPECTS = any_of(EXPECTATION, CHECKS, PANDERA)


class Expectation(NamedTuple):
    """One property that the data must have."""

    what: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Expectations(Fact):
    """Every such property; schemas of pandera count where something validates with them."""

    expectations: tuple[Expectation, ...]

    absent = "no suite of expectations on data"

    @classmethod
    def read(cls, tree: Tree, documents: Documents, modules: Modules | None) -> Self | None:
        files = [file for file in tree.ending(".json", ".yml", ".yaml") if SUITE_FOLDERS & set(folders_of(file.path))]
        found = [
            each
            for file in files
            if not is_template(file.path) and not is_vendored(file.path)
            for each in in_document(documents.of(file))
        ]
        own = [module for module in modules or () if not is_test(module.path)]
        validates = any(VALIDATES.fullmatch(name) for module in own for name in module.names) or any(
            "check_types" in str(function.decorators) for module in own for function in module.functions
        )
        found += [each for module in own for each in in_module(module, validates=validates)]
        return cls(tuple(found)) if found else None

    def __iter__(self) -> Iterator[Expectation]:
        return iter(self.expectations)


def in_document(document: Document) -> Iterator[Expectation]:
    for position, each in enumerate(document.items("expectations")):
        if isinstance(each, dict) and isinstance(kind := each.get("expectation_type", each.get("type")), str):
            yield Expectation(kind, document.path, document.line("expectations", position))
    for key, checks in document.table().items():
        if key.startswith("checks for") and isinstance(checks, list):
            yield from (Expectation(f"{key}: {str(check)[:60]}", document.path, document.line(key)) for check in checks)


def in_module(module: Module, *, validates: bool) -> Iterator[Expectation]:
    for call in module.called(EXPECTS):
        if is_expectation(call) or CHECKS.fullmatch(call.name) or (validates and PANDERA.fullmatch(call.name)):
            yield Expectation(call.name, module.path, call.line)


def is_expectation(call: Call) -> bool:
    return bool(EXPECTATION.fullmatch(call.name)) and "." in call.name
