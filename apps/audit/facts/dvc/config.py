"""DVC's own configuration: `.dvc/config` of every DVC root, and a `config.local` that should not be there."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.tree import Tree


@dataclass(frozen=True)
class Remote:
    """One remote. `url` is empty where only a local configuration has it; `line` is that of the url."""

    name: str
    url: str
    line: int | None
    options: dict[str, str]


@dataclass(frozen=True)
class Config:
    """One configuration file."""

    document: Document

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def root(self) -> str:
        return posixpath.dirname(posixpath.dirname(self.path))

    @property
    def default(self) -> str:
        """The name of the default remote, or empty."""
        name = self.document.table("core").get("remote")
        return unquote(name)

    @cached_property
    def remotes(self) -> dict[str, Remote]:
        found = {}
        for section, options in self.document.table().items():
            kind, _, name = section.partition(" ")
            if kind == "remote" and isinstance(options, dict):
                name, line = unquote(name), self.document.line(section, "url")
                texts = {key: unquote(value) for key, value in options.items()}
                found[name] = Remote(name, texts.get("url", ""), line, texts)
        return found


@dataclass(frozen=True)
class Configs(Fact):
    """Every committed configuration of DVC, `.dvc/config` and `.dvc/config.local`."""

    configs: tuple[Config, ...]

    absent = "no .dvc/config"

    @classmethod
    def read(cls, dvc: Dvc, tree: Tree, documents: Documents) -> Self | None:
        paths = [posixpath.join(root, ".dvc", name) for root in dvc.roots for name in ("config", "config.local")]
        found = tuple(Config(documents.of(file)) for path in paths if (file := tree.get(path)))
        return cls(found) if found else None

    @property
    def shared(self) -> tuple[Config, ...]:
        """Those that are meant to be committed."""
        return tuple(config for config in self.configs if config.path.endswith("/config"))


def unquote(text: object) -> str:
    return str(text or "").strip().strip("\"'")
