"""Switches: names that must be true or set for code to run, and whether they are when nobody says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apps.audit.facts.configuration import Configuration
from apps.audit.facts.python.modules import Module
from apps.audit.facts.training.options import defaults


class Switches:
    """The defaults of names, through constants, fields, arguments, options and configuration."""

    def __init__(self, modules: Iterable[Module], configuration: Configuration) -> None:
        self.modules, self.configuration = tuple(modules), configuration

    def off(self, module: Module, line: int) -> str:
        """The name that keeps a line from running by default; empty where it runs, or where that is not known."""
        around = (guard for guard in module.guards if guard.line <= line <= guard.end)
        return next((name for guard in around for name in guard.names if self.is_off(name, module)), "")

    def is_off(self, name: str, module: Module) -> bool:
        key = name.rpartition(".")[2]
        values = [*self.assigned(name, key, module), *self.options(key), *self.configured(name)]
        return bool(values) and all(map(is_unset, values)) and not self.is_given(key)

    def assigned(self, name: str, key: str, module: Module) -> Iterator[Any]:
        """What it is in the module; what another of the same name hands on is nothing new."""
        for target in {name, key}:
            for each in module.targets.get(target, ()):
                if not (isinstance(each.value, dict) and str(each.value.get("name", "")).endswith(key)):
                    yield each.value

    def options(self, key: str) -> Iterator[Any]:
        for module in self.modules:
            yield from defaults(module, key)

    def configured(self, name: str) -> Iterator[Any]:
        *tables, key = name.split(".")[1:] or [""]
        for document in self.configuration.values() if key else ():
            if key in document.table(*tables):
                yield document.get(*tables, key)

    def is_given(self, key: str) -> bool:
        """Whether some call turns it on."""
        calls = (call for module in self.modules for call in module.calls if key in call.keywords)
        return any(not is_unset(call.keywords[key]) for call in calls)


def is_unset(value: Any) -> bool:
    return value is None or value is False or value == ""
