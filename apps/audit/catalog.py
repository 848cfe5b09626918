"""Every check and area, found by walking the folder `checks`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType

from apps.audit import checks as folder
from apps.audit.check import Check, paragraphs
from apps.audit.facts import wanted


@dataclass(frozen=True)
class Area:
    """A folder of checks: its docstring is its title and blurb, `short` its name in narrow columns, `position` its
    place among the areas."""

    slug: str
    title: str
    short: str
    blurb: str
    checks: tuple[type[Check], ...]


class CatalogError(Exception):
    """A check is not of the form; the message names file and line."""


@cache
def areas() -> Mapping[str, Area]:
    """Areas by slug, in their order."""
    packages = [
        importlib.import_module(f"{folder.__name__}.{found.name}") for found in pkgutil.iter_modules(folder.__path__)
    ]
    return MappingProxyType(
        {area.slug: area for area in map(read_area, sorted(packages, key=lambda each: each.position))}
    )


@cache
def checks() -> Mapping[str, type[Check]]:
    """Checks by slug, in the order of the areas and then by weight."""
    return MappingProxyType({check.slug: check for area in areas().values() for check in area.checks})


def read_area(package: ModuleType) -> Area:
    title, *blurb = paragraphs(package)
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]
    found = sorted((check_in(module) for module in modules), key=lambda check: (-check.weight, check.slug))
    slug = package.__name__.rpartition(".")[2].replace("_", "-")
    return Area(slug, title, package.short, " ".join(blurb), tuple(found))


def check_in(module: ModuleType) -> type[Check]:
    """The one check of a module."""
    own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    found = [each for each in own if issubclass(each, Check)]
    if len(found) != 1:
        raise CatalogError(f"{module.__file__}: one check a file, not {len(found)}")
    check = found[0]
    place = f"{module.__file__}:{inspect.getsourcelines(check)[1]}" if not check.__doc__ else f"{module.__file__}"
    if len(paragraphs(check)) < 2 or not check.fix():
        raise CatalogError(f"{place}: the docstring is a title, why it matters, and a paragraph that starts with Fix:")
    try:
        wanted(check.run)
    except (TypeError, NameError) as error:
        raise CatalogError(f"{place}: {check.__name__}.run: {error}") from error
    return check
