"""Files that pipelines take values from: YAML, TOML, JSON, and Python modules read as DVC reads them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.python.parsing import UNPARSEABLE, parse
from apps.audit.facts.tree import Tree
from apps.audit.snapshot import KILOBYTE, Json, Unknown

LIMIT = 512 * KILOBYTE
MISSING = object()


@dataclass(frozen=True)
class Parameters(Fact):
    """Every file of values, read when it is asked for."""

    tree: Tree
    documents: Documents

    @classmethod
    def read(cls, tree: Tree, documents: Documents) -> Self:
        return cls(tree, documents)

    def get(self, path: str) -> Document | None:
        """The file's values, a mapping unless `error` is set; None where git has no such file."""
        file = self.tree.get(path)
        if file is None:
            return None
        if file.suffix == ".py":
            parsed = file.derive(parse_assignments, LIMIT)
            return Document(path, error=parsed.reason) if isinstance(parsed, Unknown) else Document(path, **parsed)
        document = self.documents.of(file)
        if document.value is None and not document.error:
            return Document(path, {})
        if not document.error and not isinstance(document.value, dict):
            return Document(path, error="it is not a mapping", error_line=1)
        return document


def select(values: Any, dotted: str) -> Any:
    """The value at `a.b.0`, or MISSING."""
    for step in dotted.split("."):
        if isinstance(values, Mapping) and step in values:
            values = values[step]
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return MISSING
    return values


def parse_assignments(content: bytes) -> Json:
    """Literals assigned at the top of a module, in its classes and, to `self`, in their `__init__`."""
    try:
        value = dict(assignments(parse(content).body))
        return {"value": json.loads(json.dumps(value, default=plain))}
    except (*UNPARSEABLE, TypeError) as error:
        return {"error": str(error) or type(error).__name__, "error_line": getattr(error, "lineno", None)}


def plain(value: Any) -> Any:
    """A literal that JSON does not have: of a set its sorted members, of anything else its text."""
    return sorted(value) if isinstance(value, set) else str(value)


def assignments(body: list[ast.stmt], of_self: bool = False) -> Iterator[tuple[str, Any]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name, dict(assignments(node.body))
        elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
            yield from assignments(node.body, of_self=True)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            name = target_name(targets[0], of_self) if len(targets) == 1 else ""
            if name:
                try:
                    yield name, ast.literal_eval(node.value)
                except (*UNPARSEABLE, TypeError):
                    continue


def target_name(target: ast.expr, of_self: bool) -> str:
    if isinstance(target, ast.Name) and not of_self:
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return target.attr
    return ""
