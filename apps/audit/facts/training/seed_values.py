"""What a seeding call is given, followed one step: into arguments' defaults, command-line options, configuration."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.python.modules import Call, Module, Modules

SEED_KEYWORDS = ("seed", "a", "x", "random_state", "random_seed", "manual_seed", "value")
# Without an argument, these seed from the clock.
UNSEEDED = ("default_rng", "RandomState", "Random", "seed", "SeedSequence")


class Place(NamedTuple):
    """What is called, and where."""

    what: str
    path: str
    line: int


class SeedValues:
    """Follows the names that seeds go by."""

    def __init__(self, modules: Modules, configuration: Configuration) -> None:
        self.modules, self.configuration = modules, configuration
        self.functions = {each.name.rpartition(".")[2] for module in modules for each in module.functions}

    @cached_property
    def documents(self) -> list[Document]:
        """Configuration; where hydra composes it, the primary files before the groups that they choose from."""
        found = list(self.configuration.values())
        composed = [document for document in found if document.items("defaults")]
        depth = min((document.path.count("/") for document in composed), default=0)
        return [document for document in composed if document.path.count("/") == depth] or found

    @cached_property
    def options(self) -> dict[str, list[Call]]:
        """Calls of `add_argument` by the name that their value goes by."""
        found: dict[str, list[Call]] = {}
        for module in self.modules:
            for call in module.calls:
                if call.name.endswith(".add_argument"):
                    names = [arg.lstrip("-").replace("-", "_") for arg in call.args if isinstance(arg, str)]
                    for name in names:
                        found.setdefault(name, []).append(call)
        return found

    def missing(self, call: Call, module: Module) -> Place | None:
        """The place where the seed of a call turns out to be null; None where there is a seed."""
        value, given = argument(call)
        if not given:
            bare = call.name.rpartition(".")[2] in UNSEEDED
            return Place(f"{call.name}()", module.path, call.line) if bare else None
        return self.null(value, call, module)

    def null(self, value: Any, call: Call, module: Module) -> Place | None:
        """The place where a value given to a call turns out to be null."""
        if value is None:
            return Place(f"{call.name}(None)", module.path, call.line)
        name = value.get("name") if isinstance(value, dict) else None
        return self.null_at(name, call, module) if isinstance(name, str) else None

    def null_at(self, name: str, call: Call, module: Module) -> Place | None:
        defaults = [a for a in module.assignments if a.target == name and a.scope in {call.scope, ""}]
        if defaults and all(each.value is None for each in defaults):
            function = call.scope.rpartition(".")[2]
            if not self.is_given(function):
                return Place(f"{name} = None", module.path, defaults[0].line)
            return None
        key = name.rpartition(".")[2]
        if defaults or "." not in name:
            return None
        if options := self.options.get(key):
            unset = [each for each in options if each.keywords.get("default") is None]
            return Place(f"--{key} without a default", module.path, call.line) if len(unset) == len(options) else None
        found = [(doc, doc.get(*keys)) for doc in self.documents for keys in [name.split(".")[1:]] if has(doc, keys)]
        if found and all(value is None for _, value in found):
            document = found[0][0]
            return Place(f"{key}: null", document.path, document.line(*name.split(".")[1:]) or 1)
        return None

    def is_given(self, function: str) -> bool:
        """Whether some call of a function of the repository gives it an argument that is not None."""
        calls = (call for module in self.modules for call in module.calls)
        return any(
            call.name.rpartition(".")[2] == function
            and any(arg is not None for arg in (*call.args, *call.keywords.values()))
            for call in calls
        )


def argument(call: Call) -> tuple[Any, bool]:
    """The seed that a call gets, and whether it gets one at all."""
    if call.args:
        return call.args[0], True
    return next(((call.keywords[key], True) for key in SEED_KEYWORDS if key in call.keywords), (None, False))


def has(document: Document, keys: list[str]) -> bool:
    return keys[-1] in document.table(*keys[:-1]) if keys else False
