"""Names for versions of our own code, so that a score that moved can say "the rules changed"."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from apps.audit.regex import regex

ROOT = Path(__file__).parent
PACKAGE = __name__.rpartition(".")[0]
# What turns bytes into values; another version may read the same file differently.
PARSERS = ("ruamel.yaml", "pathspec", "packaging", "identify", "hyperscan")
# Our own code's habits, which parsing it for each audit would cost ten times as much to learn: a line that begins
# with three quotes begins a docstring, and imports stand at the left margin.
DOCSTRING = regex(r'^[ \t]*"""(?:[^"]|"(?!""))*"""[ \t]*$', re.MULTILINE)
IMPORT = regex(rf"^from ({re.escape(PACKAGE)}[\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)


@cache
def engine() -> str:
    """Digest of all modules and data files of the engine, docstrings aside, and of its parsers' versions."""
    files = sorted(path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return combined([f"{path.relative_to(ROOT)}={digest(path)}" for path in files] + parsers())


@cache
def function(derivation: Callable[..., Any]) -> str:
    """Digest of a function: of its module, of what that imports from the engine, and of the parsers' versions."""
    return combined([derivation.__qualname__, *sorted(modules(derivation.__module__)), *parsers()])


def combined(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
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
            found[current] = digest(path)
            waiting += imports(path)
    return {f"{module}={digest}" for module, digest in found.items()}


def path_of(module: str) -> Path | None:
    parts = module.removeprefix(PACKAGE).strip(".").split(".") if module.startswith(PACKAGE) else []
    base = ROOT.joinpath(*filter(None, parts))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if parts and path.is_file()), None)


@cache
def imports(path: Path) -> list[str]:
    """The engine's modules that a module may import; names of functions among them are no modules and do no harm."""
    found = list[str]()
    for package, names in IMPORT.findall(path.read_text(encoding="utf-8")):
        found += [package, *(f"{package}.{name}" for name in re.findall(r"\w+", names))]
    return found


@cache
def digest(path: Path) -> str:
    """Digest of a file; of a Python file without its docstrings."""
    content = path.read_bytes()
    if path.suffix == ".py":
        content = DOCSTRING.sub("", content.decode()).encode()
    return hashlib.sha256(content).hexdigest()
