"""What a seeding call is given, followed one step: into arguments' defaults, command-line options, configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.project import Project, ProjectKind
from apps.audit.facts.python.modules import Call, Module, Modules
from apps.audit.facts.training.options import default_of, names_of
from apps.audit.facts.tree import is_test

SEED_KEYWORDS = ("seed", "a", "x", "random_state", "random_seed", "manual_seed", "value")
# Without an argument, these seed from the clock.
UNSEEDED = ("default_rng", "RandomState", "Random", "seed", "SeedSequence")


# Functions that hand a seed on, one to the next.
FARTHEST = 20


class Place(NamedTuple):
    """What is called, and where."""

    what: str
    path: str
    line: int


@dataclass
class SeedValues(Fact):
    """Follows the names that seeds go by, through all modules but tests."""

    modules: tuple[Module, ...]
    configuration: Configuration
    # Whose users give the seeds that its functions take.
    is_library: bool = False
    given: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    steps: int = 0

    absent = "no Python code"

    @classmethod
    def read(cls, modules: Modules, configuration: Configuration, project: Project) -> Self:
        own = tuple(module for module in modules if not is_test(module.path))
        return cls(own, configuration, project.kind is ProjectKind.LIBRARY)

    @cached_property
    def functions(self) -> set[str]:
        return {each.name.rpartition(".")[2] for module in self.modules for each in module.functions}

    @cached_property
    def calls(self) -> dict[str, list[tuple[Call, Module]]]:
        """Calls of the repository's own functions and classes, and of options, by the last part of their name."""
        classes = {each.name.rpartition(".")[2] for module in self.modules for each in module.classes}
        found, own = dict[str, list[tuple[Call, Module]]](), self.functions | classes | {"add_argument"}
        for module in self.modules:
            for call in module.calls:
                if (last := call.name.rpartition(".")[2]) in own:
                    found.setdefault(last, []).append((call, module))
        return found

    @cached_property
    def documents(self) -> list[Document]:
        """Configuration; where hydra composes it, the primary files before the groups that they choose from."""
        found = list(self.configuration.values())
        composed = [document for document in found if document.items("defaults")]
        depth = min((document.path.count("/") for document in composed), default=0)
        return [document for document in composed if document.path.count("/") == depth] or found

    @cached_property
    def options(self) -> dict[str, list[tuple[Call, Module]]]:
        """Calls that declare an option, by the name that its value goes by."""
        found = dict[str, list[tuple[Call, Module]]]()
        for last in self.calls:
            for call, module in self.calls[last] if last == "add_argument" or last.startswith("DEFINE_") else ():
                for name in names_of(call):
                    found.setdefault(name, []).append((call, module))
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
        defaults = [each for each in module.targets.get(name, ()) if each.scope in {call.scope, ""}]
        if defaults and all(each.value is None for each in defaults):
            if self.is_library and self.is_argument(name, call.scope, module):
                return None
            if self.is_given(name, call.scope, module):
                return None
            return Place(f"{name} = None", module.path, defaults[0].line)
        key = name.rpartition(".")[2]
        if defaults or "." not in name:
            return None
        if any(each.scope and each.value is not None for each in module.targets.get(key, ())):
            return None  # a field of the settings that stands beside it has a default
        if options := self.options.get(key):
            unset = all(default_of(option) is None for option, _ in options)
            option, declared = options[0]
            return Place(f"--{key} without a default", declared.path, option.line) if unset else None
        found = [(doc, doc.get(*keys)) for doc in self.documents for keys in [name.split(".")[1:]] if has(doc, keys)]
        if found and all(value is None for _, value in found):
            document = found[0][0]
            return Place(f"{key}: null", document.path, document.line(*name.split(".")[1:]) or 1)
        return None

    def is_argument(self, name: str, scope: str, module: Module) -> bool:
        return any(each.name == scope and name in each.args for each in module.functions)

    def is_given(self, name: str, scope: str, module: Module) -> bool:
        """Whether some call of a function of the repository gives this argument a value that is not null."""
        if (key := (module.path, scope, name)) not in self.given:
            # What only hands it on to itself gives nothing.
            self.given[key] = False
            self.steps += 1
            self.given[key] = self.steps > FARTHEST or self.is_called_with(name, scope, module)
            self.steps -= 1
        return self.given[key]

    def is_called_with(self, name: str, scope: str, module: Module) -> bool:
        function = next((each for each in module.functions if each.name == scope), None)
        arguments = [each for each in function.args if each not in {"self", "cls"}] if function else []
        if name not in arguments:
            return False
        around, _, last = scope.rpartition(".")
        called = around.rpartition(".")[2] if last == "__init__" else last
        return any(
            value is not None and self.null(value, call, place) is None
            for call, place in self.calls.get(called, ())
            for value in [handed(call, name, arguments.index(name))]
        )


def handed(call: Call, name: str, position: int) -> Any:
    """What a call gives to an argument; arguments that are spread out may hold it."""
    spread = next((each for each in call.args if isinstance(each, dict) and each.get("code") == "Starred"), None)
    if name in call.keywords:
        return call.keywords[name]
    return call.args[position] if position < len(call.args) else call.keywords.get("**", spread)


def argument(call: Call) -> tuple[Any, bool]:
    """The seed that a call gets, and whether it gets one at all."""
    if call.args:
        return call.args[0], True
    return next(((call.keywords[key], True) for key in SEED_KEYWORDS if key in call.keywords), (None, False))


def has(document: Document, keys: list[str]) -> bool:
    return keys[-1] in document.table(*keys[:-1]) if keys else False
