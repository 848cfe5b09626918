"""Files that pytest collects whatever they are called, because a command of the repository names them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, Json, derive

LIMIT = 200 * KILOBYTE
COMMANDS = {".yml", ".yaml", ".sh", ".toml", ".ini", ".cfg", ".mk"}
RUNNERS = {"makefile", "justfile"}
# A step of a build may say the program on one line and what it is given on the next.
RUNS = regex(rb"^[^#\n]*\bpytest\b[\"']?(?:[ \t]*\n[ \t]*args:)?([^\n]{0,500})", re.MULTILINE)
FILE = regex(rb"[\w./-]+\.py\b")


def named_tests(tree: Tree, candidates: Iterable[str]) -> frozenset[str]:
    """Those of the candidates that some command hands to pytest."""
    waiting = frozenset(candidates)
    if not waiting:
        return frozenset()
    files = (file for file in tree if file.suffix in COMMANDS or file.name.lower() in RUNNERS)
    own = (file for file in files if not is_vendored(file.path) and not is_template(file.path))
    named = {f"/{name.lstrip('./')}" for _, found in derive(own, parse_names, LIMIT) for name in found}
    return frozenset(path for path in waiting if any(f"/{path}".endswith(name) for name in named))


def parse_names(content: bytes) -> Json:
    found = (name for run in RUNS.finditer(content) for name in FILE.findall(run[1]))
    return sorted({name.decode("ascii", "replace") for name in found})
