"""What publishers of pre-commit hooks say of them: kinds of files, patterns, language, stages, arguments."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from packaging.version import Version

from apps.audit.facts.packages.bounds import parsed

Manifest = dict[str, Any]


@cache
def published() -> dict[str, dict[str, Any]]:
    """All that is known of each repository by its name."""
    read = json.loads(Path(__file__).with_name("manifests.json").read_text(encoding="utf-8"))
    return {name_of(url): said for url, said in read["repositories"].items()}


@cache
def repositories() -> dict[str, dict[str, Manifest]]:
    """Hooks by id, of each repository by its name."""
    return {name: said["hooks"] for name, said in published().items()}


@cache
def anywhere() -> dict[str, Manifest]:
    """Hooks by id, for forks and copies; the first repository by name speaks."""
    return {id: manifest for hooks in reversed(repositories().values()) for id, manifest in hooks.items()}


def manifest(url: str, id: str, rev: str) -> Manifest:
    """What `.pre-commit-hooks.yaml` of that repository says of the hook at a revision, or another of the same id does;
    else nothing."""
    found = repositories().get(name_of(url), {}).get(id) or anywhere().get(id, {})
    return found | before(url, rev)


def before(url: str, rev: str) -> Manifest:
    """What a repository said of its hooks in versions up to that of a tag, where that has changed since."""
    version, changes = parsed(rev), published().get(name_of(url), {}).get("before", {})
    return next((said for change, said in changes.items() if version and version < Version(change)), {})


def name_of(url: str) -> str:
    """`owner/name` of an address over https or ssh; servers and spellings of one repository differ."""
    path = url.lower().rstrip("/").removesuffix(".git").replace(":", "/")
    return "/".join(path.split("/")[-2:])
