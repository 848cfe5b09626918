"""What one walk over a syntax tree finds, as JSON. facts/modules.py says what each list holds."""

from __future__ import annotations

import ast
from itertools import islice
from typing import Any

from apps.audit.snapshot import Json

LONGEST_TEXT, MOST_ITEMS = 300, 20
NAMED = (ast.Name, ast.Attribute)
SIGNS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
Expression = Any


class Walker:
    """One walk over a syntax tree, without recursion, in the order of the source."""

    def __init__(self) -> None:
        self.found: dict[str, list[Json]] = {
            name: [] for name in ("imports", "calls", "functions", "classes", "assignments", "texts", "asserts")
        }
        self.aliases: dict[str, str] = {}
        self.cell_line: int | None = None

    def walk(self, tree: ast.Module, cell_line: int | None = None) -> None:
        self.cell_line = cell_line
        waiting: list[tuple[ast.AST, str, bool]] = [(tree, "", False)]
        while waiting:
            node, scope, guarded = waiting.pop()
            if visit := VISITORS.get(type(node)):
                visit(self, node, scope, guarded)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                scope = inside(scope, node)
            guarded = guarded or isinstance(node, ast.Try) or is_for_types(node)
            ignored = docstring(node)
            children = [child for child in ast.iter_child_nodes(node) if child is not ignored]
            waiting += [(child, scope, guarded) for child in reversed(children)]

    def line(self, node: Any) -> int:
        return self.cell_line or int(node.lineno)

    def name(self, node: ast.AST) -> str:
        """The dotted name of an expression with import aliases resolved; empty for what has none."""
        parts = []
        while True:
            if isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            elif isinstance(node, ast.Call):
                inner = self.name(node.func)
                return ".".join([f"{inner}()", *reversed(parts)]) if inner else ""
            elif isinstance(node, ast.Subscript):
                node = node.value
            else:
                break
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.aliases.get(node.id, node.id), *reversed(parts)])[:LONGEST_TEXT]

    def expression(self, node: ast.AST | None, depth: int = 0) -> Expression:
        match node:
            case ast.Constant(value=str(text)):
                return text[:LONGEST_TEXT]
            case ast.Constant(value=value) if isinstance(value, (bool, int, float, type(None))):
                return value if abs(value or 0) < 10**15 else {"code": "Constant"}
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.Name() | ast.Attribute():
                return {"name": self.name(node)}
            case ast.Call():
                return {"call": self.name(node.func)}
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items) if depth < 3:
                return [self.expression(item, depth + 1) for item in items[:MOST_ITEMS]]
            case ast.Dict(keys=keys, values=values) if depth < 3:
                pairs = zip(keys[:MOST_ITEMS], values, strict=False)
                return {
                    "dict": {
                        str(key.value): self.expression(v, depth + 1)
                        for key, v in pairs
                        if isinstance(key, ast.Constant)
                    }
                }
        used = [self.name(each) for each in islice(ast.walk(node), 30) if isinstance(each, NAMED)] if node else []
        return {"code": type(node).__name__, "names": [name for name in used if name][:MOST_ITEMS]}

    def visit_import(self, node: ast.Import, scope: str, guarded: bool) -> None:
        for alias in node.names:
            self.aliases[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            self.found["imports"].append([alias.name[:LONGEST_TEXT], self.line(node), guarded, scope])

    def visit_from(self, node: ast.ImportFrom, scope: str, guarded: bool) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            full = f"{module}.{alias.name}" if not module.endswith(".") else f"{module}{alias.name}"
            full = full[:LONGEST_TEXT]
            self.aliases[alias.asname or alias.name] = full
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
        end = self.cell_line or node.end_lineno or node.lineno
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
            self.found["texts"].append([node.value[:LONGEST_TEXT], self.line(node), scope])

    def visit_assert(self, node: ast.Assert, scope: str, guarded: bool) -> None:
        parts = list(islice(ast.walk(node.test), 60))
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
}


def inside(scope: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """The dotted name of a function or class in a scope."""
    return f"{scope}.{node.name}".lstrip(".")[:LONGEST_TEXT]


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in (
        getattr(node.test, "id", ""),
        getattr(node.test, "attr", ""),
    )


def is_trivial(condition: ast.expr) -> bool:
    """Whether it always holds: a true constant, a tuple, a length of at least zero, something equal to itself."""
    match condition:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=items):
            return bool(items)
        case ast.Compare(left=ast.Call(func=ast.Name(id="len")), ops=[ast.GtE()], comparators=[ast.Constant(value=0)]):
            return True
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return isinstance(left, (*NAMED, ast.Constant)) and ast.dump(left) == ast.dump(right)
    return False


def bounds_of(compared: ast.Compare) -> list[str]:
    """How it compares by order: `>0.8` for a number, `>` for anything else; a bound on the left is turned around."""
    turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
    found, left = [], compared.left
    for operator, right in zip(compared.ops, compared.comparators, strict=True):
        if sign := SIGNS.get(type(operator)):
            sign = turned[sign] if isinstance(left, ast.Constant) else sign
            value = getattr(left if isinstance(left, ast.Constant) else right, "value", None)
            known = isinstance(value, (int, float)) and abs(value) < 10**9
            found.append(f"{sign}{value}" if known else sign)
        left = right
    return found


def docstring(node: ast.AST) -> ast.stmt | None:
    """The statement that is the documentation of a module, class or function."""
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or not node.body:
        return None
    first = node.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return first if documented else None
