"""Which packages provide an import, and what packages are known to bring with them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

TABLE = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
PROVIDES: dict[str, list[str]] = {name: packages.split() for name, packages in TABLE["provides"].items()}
REQUIRES: dict[str, list[str]] = {name: packages.split() for name, packages in TABLE["requires"].items()}
# Every environment has these.
PRESENT = {"pip", "setuptools", "wheel"}


def providers(name: str) -> set[str]:
    """Packages that may provide a top-level import: known ones, one of its own name, and the usual ways to say that it
    is for Python."""
    own = canonicalize_name(name)
    usual = (f"{own}-python", f"python-{own}", f"{own}-py", f"py{own}", f"{own}-python-lib")
    return {own, *usual, *PROVIDES.get(name, ())}


def brought(packages: Iterable[str]) -> set[str]:
    """What these packages are known to bring, directly or not."""
    found, waiting = set(PRESENT), list(packages)
    while waiting:
        for name in REQUIRES.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
