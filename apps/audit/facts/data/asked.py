"""Data that whoever starts a training names on its command line."""

from __future__ import annotations

import posixpath
import re

from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.python.modules import Call, Expression, Module
from apps.audit.facts.python.origins import ARGUMENT, Origins
from apps.audit.regex import regex

# What a training is given beside its data, or wrote itself.
NO_DATA = regex(
    r"resume|checkpoint|ckpt|weight|model|config|cfg|vocab|tokeni[sz]er|pretrained|embedding|result|metric|prediction|submission"
    r"|output|log|history|report",
    re.IGNORECASE,
)


class Asked:
    """Knows the scripts that train, and those of them that a stage of DVC starts, which says what they read."""

    def __init__(self, trained: frozenset[str], graph: Graph | None) -> None:
        stages = graph.dvc.stages if graph else ()
        words = {posixpath.basename(word) for stage in stages for word in str(stage.cmd).split()}
        self.scripts = {path for path in trained if posixpath.basename(path) not in words}

    def for_data(self, value: Expression, module: Module, call: Call) -> bool:
        """Whether what a call reads is an argument of a script that trains."""
        if module.path not in self.scripts or Origins(module).of(value, call) != ARGUMENT:
            return False
        names = [value.get("name", ""), *value.get("names", ())] if isinstance(value, dict) else []
        return not any(NO_DATA.search(str(name)) for name in names)
