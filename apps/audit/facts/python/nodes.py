"""Nodes of a syntax tree: where to look below them, and what they say of what is inside."""

from __future__ import annotations

import ast
import re
from typing import Any

from apps.audit.regex import regex

LONGEST_TEXT = 300
# What a long query is looked at for: how it splits.
IN_QUERY = regex(
    r"(?P<hash>FARM_FINGERPRINT)|\brand(om)?\(\s*\d*\s*\)\s*[<>]|[<>]=?\s*rand(om)?\(\s*\d*\s*\)", re.IGNORECASE
)
# A walk looks only where there is something to see: not at contexts, operators, names and the like.
PLAIN = {"ctx", "op", "ops", "names", "name", "module", "level", "id", "attr", "arg", "kind", "conversion", "simple"}
LEAVES = {ast.Name, ast.Pass, ast.Break, ast.Continue, str, int, type(None)}
CHILDREN: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in reversed(kind._fields) if name not in PLAIN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
CHILDREN[ast.Constant] = ()
SCOPES = {ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef}
GUARDS = {ast.Try, ast.If}
AROUND = SCOPES | GUARDS


def parts_of(node: Any, most: int) -> list[Any]:
    """An expression and what it is made of, the outermost first."""
    found = [node]
    for each in found:
        for field in reversed(CHILDREN[type(each)]):
            child = getattr(each, field)
            if type(child) is list:
                found += [part for part in child if part is not None]
            elif isinstance(child, ast.AST):
                found.append(child)
        if len(found) >= most:
            break
    return found[:most]


def inside(scope: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """The dotted name of a function or class in a scope."""
    return f"{scope}.{node.name}".lstrip(".")[:LONGEST_TEXT]


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in (
        getattr(node.test, "id", ""),
        getattr(node.test, "attr", ""),
    )


def is_slice(node: Any) -> bool:
    """Whether an expression cuts something by position, or goes on from there: `rows[:8]`, `rows[8:].copy()`."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if not isinstance(node, ast.Subscript):
        return False
    first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    cuts = isinstance(first, ast.Slice) and any((first.lower, first.upper, first.step))
    return cuts and isinstance(node.value, (ast.Name, ast.Attribute))


def is_table(node: ast.Call) -> bool:
    """Whether a call is a table of values in other words: dict(lr=0.1, momentum=0.9)."""
    plain = type(node.func) is ast.Name and node.func.id == "dict" and not node.args
    return plain and bool(node.keywords) and all(each.arg for each in node.keywords)


def shown(text: str) -> str:
    """A text, or the most telling part of a long one."""
    match = IN_QUERY.search(text) if len(text) > LONGEST_TEXT else None
    return text[max(0, match.start() - LONGEST_TEXT // 2) if match else 0 :][:LONGEST_TEXT]


def is_documented(node: Any) -> bool:
    """Whether a module, class or function begins with its documentation."""
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
