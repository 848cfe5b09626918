"""setup.py, read and never run: what its call of `setup()` says, as far as constants and names say it."""

from __future__ import annotations

import ast
from typing import Any

from apps.audit.facts.packages.requirements import Group, group_of, parse_requirement
from apps.audit.facts.python.parsing import UNPARSEABLE, parse
from apps.audit.snapshot import Json

DEEPEST, MOST_NODES = 12, 10_000


def parse_setup(content: bytes) -> Json:
    """Whether setup() is `called`, its `keywords` with their lines, and `packages`: name, specifier, group, line."""
    try:
        tree = parse(content)
    except UNPARSEABLE as error:
        return {
            "called": False,
            "keywords": {},
            "lines": {},
            "packages": [],
            "error": str(error) or type(error).__name__,
        }
    names = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = setup_calls(tree)
    keywords = {each.arg: each.value for call in calls for each in call.keywords if each.arg}
    constants = Constants(names)
    return {
        "keywords": {name: constants.value(node) for name, node in keywords.items()},
        "called": bool(calls),
        "lines": {name: node.lineno for name, node in keywords.items()},
        "packages": declared(keywords, constants),
        "error": "",
    }


def setup_calls(tree: ast.Module) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) == "setup"]


def declared(keywords: dict[str, ast.expr], constants: Constants) -> list[Json]:
    groups = [(Group.RUNTIME, keywords.get("install_requires")), (Group.DEVELOPMENT, keywords.get("tests_require"))]
    extras = constants.resolved(keywords.get("extras_require"))
    if isinstance(extras, ast.Dict):
        labelled = zip(extras.keys, extras.values, strict=True)
        groups += [(group_of(str(key.value)), node) for key, node in labelled if isinstance(key, ast.Constant)]
    return [
        [*found, group, line]
        for group, node in groups
        for text, line in constants.strings(node)
        if (found := parse_requirement(text))
    ]


class Constants:
    """What expressions stand for, through the plain assignments of a module, within a limit of work."""

    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names, self.left = names, MOST_NODES

    def resolved(self, node: ast.expr | None) -> ast.expr | None:
        """What a name stands for."""
        for _ in range(DEEPEST):
            if not isinstance(node, ast.Name):
                break
            node = self.names.get(node.id)
        self.left -= 1
        return node if self.left > 0 else None

    def strings(self, node: ast.expr | None, depth: int = 0) -> list[tuple[str, int]]:
        """String constants of a list, of lists added together, and of names that stand for lists, with their lines."""
        match self.resolved(node):
            case ast.Constant(value=str(text), lineno=line):
                return [(each, line) for each in text.splitlines() if each.strip()]
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items) if depth < DEEPEST:
                return [each for item in items for each in self.strings(item, depth + 1)]
            case ast.BinOp(op=ast.Add(), left=left, right=right) if depth < DEEPEST:
                return [*self.strings(left, depth + 1), *self.strings(right, depth + 1)]
            case ast.Starred(value=inner) if depth < DEEPEST:
                return self.strings(inner, depth + 1)
        return []

    def value(self, node: ast.expr | None, depth: int = 0) -> Any:
        """Text, lists and tables of text; a call is {"call": name}; None for anything else."""
        match self.resolved(node):
            case ast.Constant(value=str() | bool() as constant):
                return constant
            case ast.List(elts=items) | ast.Tuple(elts=items) if depth < DEEPEST:
                return [self.value(item, depth + 1) for item in items]
            case ast.Dict(keys=keys, values=values) if depth < DEEPEST:
                pairs = zip(keys, values, strict=True)
                return {str(k.value): self.value(each, depth + 1) for k, each in pairs if isinstance(k, ast.Constant)}
            case ast.Call(func=function):
                return {"call": str(getattr(function, "id", getattr(function, "attr", "")))}
        return None
