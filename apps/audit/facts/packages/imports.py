"""What the code imports that is neither Python's own nor its neighbour in the tree."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

from packaging.utils import canonicalize_name

from apps.audit.facts import Fact
from apps.audit.facts.packages.distributions import PROVIDES, REQUIRES
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.snapshot import Unknown

SOURCE_ROOTS = ("", "src", "lib", "python", "app", "scripts")
# What the place where the code runs brings along: hosted notebooks, programs with an embedded Python.
AMBIENT = {"kaggle_secrets", "kaggle_web_client", "pyodide", "js", "awsglue", "dbutils", "bpy", "unreal", "xbmc"}
# What is run by the tool that it imports, from an environment of the tool's own.
STARTED_BY_TOOLS = {"setup.py", "noxfile.py", "fabfile.py", "dodo.py"}
AMBIENT_PARTS = ("google.colab",)
BROUGHT = {package for packages in REQUIRES.values() for package in packages}


class ThirdParty(NamedTuple):
    """An import of someone else's package: its top-level name and where it stands."""

    name: str
    path: str
    line: int


@dataclass(frozen=True)
class Imports(Fact):
    """Third-party imports; those inside `try` or for types only are left out, since the code can do without them."""

    imports: tuple[ThirdParty, ...]
    unread: tuple[Unknown, ...]

    absent = "no Python code"

    @classmethod
    def read(cls, modules: Modules, metadata: Metadata) -> Self:
        own = {canonicalize_name(each.name) for each in metadata}
        places = local_names(modules)
        found = [
            ThirdParty(name, module.path, line)
            for module in modules
            if module.path.rpartition("/")[2] not in STARTED_BY_TOOLS
            for name, line in top_level(module)
            if not is_local(name, module, places) and canonicalize_name(name) not in own
        ]
        return cls(tuple(found), modules.unread)

    def __iter__(self) -> Iterator[ThirdParty]:
        return iter(self.imports)


def top_level(module: Module) -> list[tuple[str, int]]:
    """Top-level names with the line of their first import."""
    found = dict[str, int]()
    for each in module.imports:
        name = each.name.partition(".")[0]
        # A notebook runs in a kernel of IPython.
        kernel = module.is_notebook and name == "IPython"
        outside = not each.guarded and not kernel and name and not each.name.startswith(AMBIENT_PARTS)
        if outside and name not in sys.stdlib_module_names and name not in AMBIENT:
            found.setdefault(name, each.line)
    return list(found.items())


def local_names(modules: Modules) -> dict[str, set[str]]:
    """Names of the tree's own modules and packages, each with the folders that they lie in."""
    found = dict[str, set[str]]()
    for module in modules:
        parts = module.path.rpartition(".")[0].split("/")
        for depth, name in enumerate(parts):
            folder = "/".join(parts[: depth + 1])
            # scripts/transformers/ is a folder of scripts, not the package transformers.
            named_only = depth < len(parts) - 1 and f"{folder}/__init__.py" not in modules.by_path
            if not (named_only and is_known(name)):
                found.setdefault(name, set()).add("/".join(parts[:depth]))
    return found


def is_local(name: str, module: Module, places: dict[str, set[str]]) -> bool:
    """Whether the tree has a module or package of that name: around the importing file, or, for a name that no
    package is known by, anywhere, since paths are often added at run time."""
    folders = places.get(name)
    if not folders:
        return False
    parts = module.path.split("/")[:-1]
    around = {"/".join(parts[:depth]) for depth in range(len(parts) + 1)}
    around |= {f"{folder}/{root}".lstrip("/") for folder in list(around) for root in SOURCE_ROOTS if root}
    return bool(folders & around) or not is_known(name)


@lru_cache(maxsize=10_000)
def is_known(name: str) -> bool:
    package = canonicalize_name(name)
    return name in PROVIDES or package in REQUIRES or package in BROUGHT


def longer_name(name: str, declared: set[str]) -> str:
    """A declared package whose name is that of an import with words before or after it, where the import is not known
    to be that of another package."""
    words = name.lower().replace("_", "-")
    longer = (
        package for package in sorted(declared) if package.startswith(f"{words}-") or package.endswith(f"-{words}")
    )
    return "" if is_known(name) else next(longer, "")
