"""What publishers of pre-commit hooks say of them: kinds of files, patterns, language, stages, arguments."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]


@cache
def repositories() -> dict[str, dict[str, Manifest]]:
    """Hooks by id, of each repository by its name."""
    read = json.loads(Path(__file__).with_name("manifests.json").read_text(encoding="utf-8"))
    return {name_of(url): published["hooks"] for url, published in read["repositories"].items()}


@cache
def anywhere() -> dict[str, Manifest]:
    """Hooks by id, for forks and copies; the first repository by name speaks."""
    return {id: manifest for hooks in reversed(repositories().values()) for id, manifest in hooks.items()}


def manifest(url: str, id: str) -> Manifest:
    """What `.pre-commit-hooks.yaml` of that repository says of the hook, or another's of the same id; else nothing."""
    return repositories().get(name_of(url), {}).get(id) or anywhere().get(id, {})


def name_of(url: str) -> str:
    """`owner/name` of an address over https or ssh; servers and spellings of one repository differ."""
    path = url.lower().rstrip("/").removesuffix(".git").replace(":", "/")
    return "/".join(path.split("/")[-2:])
