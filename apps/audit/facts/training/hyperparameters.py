"""Choices that shape training: those in configuration, those fixed in a call, and those that are defaults in code."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.choices import (
    Choice,
    Role,
    assigned,
    entries,
    fields,
    in_document,
    left_open,
    options,
    tables,
)
from apps.audit.facts.training.fixed_values import fixed_in
from apps.audit.facts.training.registries import registered_names
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_main, is_test


class Choices(NamedTuple):
    """What configuration says, and what only code says."""

    configured: tuple[Choice, ...]
    in_code: tuple[Choice, ...]


@dataclass(frozen=True)
class Hyperparameters(Fact):
    """Choices by project folder that trains."""

    folders: tuple[str, ...]
    configured: tuple[Choice, ...]
    # Numbers written into the call that trains, which no configuration reaches.
    fixed: tuple[Choice, ...]
    # Defaults of arguments and variables in code, which hold where no configuration does.
    defaults: tuple[Choice, ...]

    absent = "no code that trains a model"

    @classmethod
    def read(
        cls, modules: Modules, training: Training, configuration: Configuration, dependencies: Dependencies
    ) -> Self:
        bases = {manifest.folder for manifest in dependencies.declaring} | {""}
        starts = (
            training.scripts or tuple(each for each in training.calls if each.path.endswith(".py")) or training.calls
        )
        own = [m for m in modules if not is_test(m.path) and m.path not in configuration.paths]
        trained = {each.path for each in starts}
        # Where nothing but notebooks trains, what they fix is what there is.
        code = [m for m in own if is_main(m.path) or (m.is_notebook and m.path in trained)]
        registered = registered_names(m for m in modules if not is_test(m.path))
        configured = [each for document in configuration.values() for each in in_document(document, registered)]
        for module in modules:
            if module.path in configuration.paths and not module.is_notebook:
                configured += (*assigned(module, registered), *tables(module, registered))
        known = {keys[-1] for document in configuration.values() for keys, _ in entries(document)}
        fixed, defaults = in_code(code, known)
        defaults += [each for document in configuration.values() for each in left_open(document)]
        if not (configured or fixed or defaults):
            # So it is where no script shows a choice.
            starts = tuple(each for each in training.calls if each.path.endswith(".ipynb")) or starts
            trained = {each.path for each in starts}
            fixed, defaults = in_code([m for m in own if m.is_notebook and m.path in trained], known)
        folders = dict.fromkeys(base_of(each.path, bases) for each in starts)
        return cls(tuple(folders), tuple(configured), tuple(fixed), tuple(defaults))

    def choices(self, *roles: Role) -> Choices:
        """What configuration says of these roles, and what only code says, over all folders.

        A default in code stands aside where configuration has its role.
        """
        configured, in_code = dict[Choice, None](), dict[Choice, None]()
        for folder in self.folders:
            found, fixed, defaults = self.of(folder, *roles)
            known = {choice.role for choice in found}
            configured |= dict.fromkeys(found)
            in_code |= dict.fromkeys([*fixed, *(choice for choice in defaults if choice.role not in known)])
        return Choices(tuple(configured), tuple(in_code))

    def of(self, folder: str, *roles: Role) -> tuple[list[Choice], list[Choice], list[Choice]]:
        """Configured, fixed and default choices for one folder: its own, and the configuration around it."""
        nested = [other for other in self.folders if other != folder and other.startswith(f"{folder}/".lstrip("/"))]
        inside = [c for c in self.fixed if is_inside(c.path, folder, nested) and c.role in roles]
        defaults = [c for c in self.defaults if is_inside(c.path, folder, nested) and c.role in roles]
        configured = [c for c in self.configured if c.role in roles and self.serves(c.path, folder)]
        return configured, inside, defaults

    def serves(self, path: str, folder: str) -> bool:
        """Whether configuration at a path is that of a folder: it lies in it or around it, and no other is nearer."""
        others = [other for other in self.folders if other and not folder.startswith(other)]
        if any(path.startswith(f"{other}/") for other in others):
            return False
        inside = any(is_inside(path, other, []) for other in self.folders)
        nearest = 0 if inside else max((shared(path, other) for other in self.folders), default=0)
        return shared(path, folder) >= nearest


def in_code(modules: list[Module], configured: set[str]) -> tuple[list[Choice], list[Choice]]:
    """What code fixes, and its defaults."""
    fixed = [
        Choice(Role(role), what, module.path, line)
        for module in modules
        for call in module.calls
        for role, what, line in fixed_in(call)
    ]
    defaults = list[Choice]()
    for module in modules:
        registered = registered_names([module])
        defaults += (*assigned(module, registered), *options(module, registered), *fields(module, configured))
    return fixed, defaults


def is_inside(path: str, folder: str, nested: list[str]) -> bool:
    return (not folder or path.startswith(f"{folder}/")) and not any(path.startswith(f"{each}/") for each in nested)


def shared(path: str, folder: str) -> int:
    """How many folders two paths go through together, from the root on."""
    pairs = zip(path.split("/")[:-1], folder.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def base_of(path: str, bases: set[str]) -> str:
    """The deepest folder with a manifest of its own around a path."""
    folder = path.rpartition("/")[0]
    while folder and folder not in bases:
        folder = folder.rpartition("/")[0]
    return folder
