"""What one walk over a syntax tree finds, as JSON. facts/modules.py says what each list holds."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from sys import intern
from typing import Any

from apps.audit.facts.python.conditions import bounds_of, conditions_of, is_trivial
from apps.audit.facts.python.nodes import (
    AROUND,
    CHILDREN,
    GUARDS,
    LEAVES,
    LONGEST_TEXT,
    inside,
    is_documented,
    is_for_types,
    is_slice,
    is_table,
    parts_of,
    shown,
)
from apps.audit.snapshot import Json

MOST_ITEMS, DEEPEST, MOST_NUMBER = 20, 3, 10**15
MOST_SHARED = 30_000
# Methods that are called so often that they get a name of their own: arg = parser.add_argument.
SHORTENED = {"add_argument"}
LISTS = ("imports", "calls", "functions", "classes", "assignments", "texts", "asserts", "guards")
NAMED, SEQUENCES = (ast.Name, ast.Attribute), (ast.List, ast.Tuple, ast.Set)
VERSIONS_OF_TENSORFLOW = ["v1", "compat"], ["v2", "compat"]
Expression = Any


class Walker:
    """One walk over a syntax tree, without recursion, in the order of the source."""

    def __init__(self) -> None:
        self.found: dict[str, list[Json]] = {name: [] for name in LISTS}
        self.aliases: dict[str, str] = {}
        self.start, self.follows = 1, True

    def walk(self, tree: ast.Module, start: int = 1, follows: bool = True) -> None:
        """`start` is the line of the file where the tree begins; unless its lines follow, it is that of all nodes.

        What waits is nodes and, below those of a scope, the scope to go back to.
        """
        self.start, self.follows = start, follows
        scope, guarded, waiting = "", False, list[Any]([tree])
        while waiting:
            node = waiting.pop()
            while (kind := type(node)) is ast.Attribute:
                node = node.value
            if kind is tuple:
                scope, guarded = node
                continue
            if kind in VISITORS:
                VISITORS[kind](self, node, scope, guarded)
            documented = False
            if kind in AROUND:
                waiting.append((scope, guarded))
                if kind in GUARDS:
                    guarded = guarded or kind is not ast.If or is_for_types(node)
                else:
                    documented = is_documented(node)
                    scope = inside(scope, node) if kind is not ast.Module else scope
            for field in CHILDREN[kind]:
                child = getattr(node, field)
                if type(child) is list:
                    child = child[:0:-1] if documented and field == "body" else reversed(child)
                    waiting += [each for each in child if type(each) not in LEAVES]
                elif type(child) not in LEAVES:
                    waiting.append(child)

    def line(self, node: Any) -> int:
        return self.start + (int(node.lineno) - 1) * self.follows

    def name(self, node: Any) -> str:
        """The dotted name of an expression with import aliases resolved; empty for what has none."""
        if type(node) is ast.Name:
            return self.aliases.get(node.id, node.id)[:LONGEST_TEXT]
        parts: list[str] = []
        while (kind := type(node)) is not ast.Name:
            if kind is ast.Attribute:
                parts.append(node.attr)
                node = node.value
            elif kind is ast.Subscript:
                node = node.value
            elif kind is ast.Call:
                inner = self.name(node.func)
                return ".".join([f"{inner}()", *reversed(parts)]) if inner else ""
            else:
                return ""
        first = self.aliases.get(node.id, node.id)
        if first == "tensorflow" and parts[-2:] in VERSIONS_OF_TENSORFLOW:
            del parts[-2:]
        return intern(".".join([first, *reversed(parts)])[:LONGEST_TEXT])

    def expression(self, node: Any, depth: int = 0) -> Expression:
        kind = type(node)
        if kind is ast.Constant:
            return self.constant(node.value)
        if kind in NAMED:
            return named("name", self.name(node))
        if kind is ast.Call and is_table(node) and depth < DEEPEST:
            return {"dict": {each.arg: self.expression(each.value, depth + 1) for each in node.keywords[:MOST_ITEMS]}}
        if kind is ast.Call:
            made = named("call", self.name(node.func))
            return {**made, "sliced": True} if is_slice(node.func) else made
        if kind in SEQUENCES and depth < DEEPEST:
            return [self.expression(item, depth + 1) for item in node.elts[:MOST_ITEMS]]
        if kind is ast.Dict and depth < DEEPEST:
            pairs = zip(node.keys[:MOST_ITEMS], node.values, strict=False)
            constant = ((key.value, value) for key, value in pairs if type(key) is ast.Constant)
            return {"dict": {str(key): self.expression(value, depth + 1) for key, value in constant}}
        if kind is ast.UnaryOp and type(node.op) is ast.USub and type(node.operand) is ast.Constant:
            number = node.operand.value
            if isinstance(number, (int, float)):
                return -number
        used = [self.name(each) for each in parts_of(node, 30) if type(each) in NAMED] if node else []
        return code("Slice" if is_slice(node) else kind.__name__, tuple(name for name in used if name)[:MOST_ITEMS])

    def constant(self, value: Any) -> Expression:
        if isinstance(value, str):
            return value[:LONGEST_TEXT]
        plain = isinstance(value, (bool, int, float, type(None))) and abs(value or 0) < MOST_NUMBER
        return value if plain else code("Constant", ())

    def visit_import(self, node: ast.Import, scope: str, guarded: bool) -> None:
        for alias in node.names:
            self.aliases[alias.asname or alias.name.partition(".")[0]] = (
                without_version(alias.name) if alias.asname else alias.name.partition(".")[0]
            )
            self.found["imports"].append([alias.name[:LONGEST_TEXT], self.line(node), guarded, scope])

    def visit_from(self, node: ast.ImportFrom, scope: str, guarded: bool) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            full = f"{module}.{alias.name}" if not module.endswith(".") else f"{module}{alias.name}"
            full = full[:LONGEST_TEXT]
            self.aliases[alias.asname or alias.name] = without_version(full)
            self.found["imports"].append([full if alias.name != "*" else module, self.line(node), guarded, scope])

    def visit_call(self, node: ast.Call, scope: str, guarded: bool) -> None:
        if name := self.name(node.func):
            args = [self.expression(arg) for arg in node.args[:MOST_ITEMS]]
            keywords = {keyword.arg or "**": self.expression(keyword.value) for keyword in node.keywords}
            self.found["calls"].append([name, self.line(node), args, keywords, scope])

    def visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: str, guarded: bool) -> None:
        name = inside(scope, node)
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        decorators = [self.expression(each) for each in node.decorator_list]
        end = self.start + ((node.end_lineno or node.lineno) - 1) * self.follows
        self.found["functions"].append([name, self.line(node), end, decorators, [arg.arg for arg in every]])
        positional = [*node.args.posonlyargs, *node.args.args]
        defaulted = positional[len(positional) - len(node.args.defaults) :]
        defaults = [
            *zip(defaulted, node.args.defaults, strict=True),
            *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
        ]
        for arg, value in defaults:
            if value is not None:
                self.found["assignments"].append([arg.arg, self.expression(value), self.line(arg), name])

    def visit_class(self, node: ast.ClassDef, scope: str, guarded: bool) -> None:
        name = inside(scope, node)
        decorators = [self.expression(each) for each in node.decorator_list]
        self.found["classes"].append([name, self.line(node), [self.name(base) for base in node.bases], decorators])

    def visit_assign(self, node: ast.Assign | ast.AnnAssign, scope: str, guarded: bool) -> None:
        if type(node.value) is ast.Attribute and node.value.attr in SHORTENED:
            self.aliases |= {name: self.name(node.value) for name in short_names(node)}
        if node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for each in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    if name := self.name(each):
                        self.found["assignments"].append([name, self.expression(node.value), self.line(node), scope])

    def visit_with(self, node: ast.With | ast.AsyncWith, scope: str, guarded: bool) -> None:
        for item in node.items:
            if item.optional_vars is not None and (name := self.name(item.optional_vars)):
                value = self.expression(item.context_expr)
                self.found["assignments"].append([name, value, self.line(item.context_expr), scope])

    def visit_constant(self, node: ast.Constant, scope: str, guarded: bool) -> None:
        if isinstance(node.value, str) and len(node.value) > 1:
            self.found["texts"].append([shown(node.value), self.line(node), scope])

    def visit_if(self, node: ast.If, scope: str, guarded: bool) -> None:
        names = [name for each in conditions_of(node.test) if (name := self.name(each))]
        if names:
            last = node.body[-1]
            end = self.start + ((last.end_lineno or last.lineno) - 1) * self.follows
            self.found["guards"].append([names[:MOST_ITEMS], self.line(node.body[0]), end])

    def visit_assert(self, node: ast.Assert, scope: str, guarded: bool) -> None:
        parts = list(parts_of(node.test, 60))
        names = [name for each in parts if isinstance(each, NAMED) and (name := self.name(each))]
        texts = [each.value[:40] for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        bounds = [bound for each in parts if isinstance(each, ast.Compare) for bound in bounds_of(each)]
        said = [(names + texts)[:MOST_ITEMS], bounds[:MOST_ITEMS]]
        self.found["asserts"].append([self.line(node), is_trivial(node.test), scope, *said])


VISITORS: dict[type, Any] = {
    ast.Import: Walker.visit_import,
    ast.ImportFrom: Walker.visit_from,
    ast.Call: Walker.visit_call,
    ast.FunctionDef: Walker.visit_function,
    ast.AsyncFunctionDef: Walker.visit_function,
    ast.ClassDef: Walker.visit_class,
    ast.Assign: Walker.visit_assign,
    ast.AnnAssign: Walker.visit_assign,
    ast.With: Walker.visit_with,
    ast.AsyncWith: Walker.visit_with,
    ast.Constant: Walker.visit_constant,
    ast.Assert: Walker.visit_assert,
    ast.If: Walker.visit_if,
}


@lru_cache(MOST_SHARED)
def named(key: str, name: str) -> Expression:
    """`{key: name}`, held once for all its places."""
    return {key: name}


@lru_cache(MOST_SHARED)
def code(kind: str, names: tuple[str, ...]) -> Expression:
    return {"code": kind, "names": list(names)}


def short_names(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [each.id for each in targets if isinstance(each, ast.Name)]


def without_version(name: str) -> str:
    """TensorFlow has each of its parts once more for each of its versions: tensorflow.compat.v1.train."""
    return re.sub(r"^tensorflow\.compat\.v\d", "tensorflow", name) if name.startswith("tensorflow.compat.") else name
