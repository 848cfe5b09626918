"""Names for versions of our own code, so that a score that moved can say "the rules changed"."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
PACKAGE = __name__.rpartition(".")[0]
# What turns bytes into values; another version may read the same file differently.
PARSERS = ("ruamel.yaml", "pathspec", "packaging")


@cache
def engine() -> str:
    """Digest of all modules and data files of the engine, docstrings aside, and of its parsers' versions."""
    files = sorted(path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return combined([f"{path.relative_to(ROOT)}={source(path)}" for path in files] + parsers())


@cache
def function(derivation: Callable[..., Any]) -> str:
    """Digest of a function: of its module, of what that imports from the engine, and of the parsers' versions."""
    return combined([derivation.__qualname__, *sorted(modules(derivation.__module__)), *parsers()])


def combined(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def parsers() -> list[str]:
    versions = [f"{name}={importlib.metadata.version(name)}" for name in PARSERS]
    return [f"python={sys.version_info.major}.{sys.version_info.minor}", *versions]


def modules(name: str) -> set[str]:
    """`module=digest` of a module and of every module of the engine that it imports, directly or not."""
    found, waiting = dict[str, str](), [name]
    while waiting:
        current = waiting.pop()
        path = path_of(current)
        if current not in found and path is not None:
            found[current] = source(path)
            waiting += imports(path)
    return {f"{module}={digest}" for module, digest in found.items()}


def path_of(module: str) -> Path | None:
    if not module.startswith(PACKAGE):
        return None
    parts = module.removeprefix(PACKAGE).strip(".").split(".")
    base = ROOT.joinpath(*filter(None, parts))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def parsed(path: Path) -> tuple[str, ast.Module]:
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text)


@cache
def imports(path: Path) -> tuple[str, ...]:
    def names() -> Iterator[str]:
        for node in ast.walk(parsed(path)[1]):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    return tuple(names())


@cache
def source(path: Path) -> str:
    """Digest of a file; of a Python file without its docstrings."""
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    text, tree = parsed(path)
    lines = text.splitlines()
    for node in [
        tree,
        *(node for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.FunctionDef))),
    ]:
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            lines[first.lineno - 1 : first.end_lineno] = [""] * ((first.end_lineno or first.lineno) - first.lineno + 1)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
