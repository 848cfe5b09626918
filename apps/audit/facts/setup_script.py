"""setup.py, read and never run: what its call of `setup()` says, as far as constants and names say it."""

from __future__ import annotations

import ast
import warnings
from typing import Any

from apps.audit.facts.python import UNPARSEABLE
from apps.audit.facts.requirements import Group, group_of, parse_requirement
from apps.audit.snapshot import Json

DEEPEST, MOST_ITEMS = 12, 500


def parse_setup(content: bytes) -> Json:
    """`keywords` with their values and lines, and `packages` as [name, specifier, group, line]."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except UNPARSEABLE as error:
        return {"keywords": {}, "lines": {}, "packages": [], "error": str(error) or type(error).__name__}
    names = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    keywords = {each.arg: each.value for call in setup_calls(tree) for each in call.keywords if each.arg}
    return {
        "keywords": {name: value(node, names) for name, node in keywords.items()},
        "lines": {name: node.lineno for name, node in keywords.items()},
        "packages": declared(keywords, names),
        "error": "",
    }


def setup_calls(tree: ast.Module) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) == "setup"]


def declared(keywords: dict[str, ast.expr], names: dict[str, ast.expr]) -> list[Json]:
    groups = [(Group.RUNTIME, keywords.get("install_requires")), (Group.DEVELOPMENT, keywords.get("tests_require"))]
    extras = resolved(keywords.get("extras_require"), names)
    if isinstance(extras, ast.Dict):
        labelled = zip(extras.keys, extras.values, strict=True)
        groups += [(group_of(str(key.value)), node) for key, node in labelled if isinstance(key, ast.Constant)]
    return [
        [*found, group, line]
        for group, node in groups
        for text, line in strings(node, names)
        if (found := parse_requirement(text))
    ]


def resolved(node: ast.expr | None, names: dict[str, ast.expr]) -> ast.expr | None:
    """What a name stands for, when a plain assignment of the module says so."""
    for _ in range(DEEPEST):
        if not isinstance(node, ast.Name):
            break
        node = names.get(node.id)
    return node


def strings(node: ast.expr | None, names: dict[str, ast.expr], depth: int = 0) -> list[tuple[str, int]]:
    """String constants of a list, of lists added together, and of names that stand for lists, with their lines."""
    node = resolved(node, names)
    if depth > DEEPEST or node is None:
        return []
    match node:
        case ast.Constant(value=str(text)):
            return [(line, node.lineno) for line in text.splitlines() if line.strip()]
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            found = [each for item in items[:MOST_ITEMS] for each in strings(item, names, depth + 1)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            found = [*strings(left, names, depth + 1), *strings(right, names, depth + 1)]
        case ast.Starred(value=inner):
            found = strings(inner, names, depth + 1)
        case _:
            found = []
    return found[:MOST_ITEMS]


def value(node: ast.expr | None, names: dict[str, ast.expr], depth: int = 0) -> Any:
    """Text, lists and tables of text; a call is {"call": name}; None for anything else."""
    node = resolved(node, names)
    match node:
        case ast.Constant(value=str() | bool() | None as constant):
            return constant
        case ast.List(elts=items) | ast.Tuple(elts=items) if depth < DEEPEST:
            return [value(item, names, depth + 1) for item in items[:MOST_ITEMS]]
        case ast.Dict(keys=keys, values=values) if depth < DEEPEST:
            pairs = [(key, each) for key, each in zip(keys, values, strict=True) if isinstance(key, ast.Constant)]
            return {str(key.value): value(each, names, depth + 1) for key, each in pairs[:MOST_ITEMS]}
        case ast.Call():
            return {"call": str(getattr(node.func, "id", getattr(node.func, "attr", "")))}
    return None
