"""Paths and names that configuration has and code asks for: cfg.data.path."""

from __future__ import annotations

from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.tree import folders_of

# What configuration is called where code holds it.
HELD = {"cfg", "config", "conf", "configs", "params", "settings", "args", "opt", "hparams", "self"}


class Settings:
    """The values of configuration by the dotted names of the code."""

    def __init__(self, configuration: Configuration | None) -> None:
        self.documents = list(configuration.values()) if configuration else []

    def get(self, name: str) -> str | None:
        """The text that a name stands for; None where there is none, or it is made of others."""
        first, *keys = name.split(".")
        while first in HELD and keys and keys[0] in HELD:
            first, *keys = keys
        if first not in HELD or not keys:
            return None
        found = (value for document in self.documents for value in values(document, keys))
        return next((value for value in found if isinstance(value, str) and "${" not in value), None)


def values(document: Document, keys: list[str]) -> list[object]:
    """What stands at these keys, or in a file of the group that the first of them names."""
    inside = keys[0] in folders_of(document.path) and len(keys) > 1
    return [document.get(*keys), document.get(*keys[1:]) if inside else None]
