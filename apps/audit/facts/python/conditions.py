"""What an assert or an `if` demands."""

from __future__ import annotations

import ast

SIGNS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


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
            return isinstance(left, (ast.Name, ast.Attribute, ast.Constant)) and ast.dump(left) == ast.dump(right)
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


def conditions_of(test: ast.expr) -> list[ast.expr]:
    """The names of which all must be true or set for a condition to hold."""
    match test:
        case ast.Name() | ast.Attribute():
            return [test]
        case ast.BoolOp(op=ast.And(), values=values):
            return [each for value in values for each in conditions_of(value)]
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(None)]):
            return conditions_of(left)
    return []
