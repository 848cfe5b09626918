"""Jenkinsfiles: the steps that they hand to a shell."""

from __future__ import annotations

import re
from typing import Any

from apps.audit.facts.automation.commands import commands_in
from apps.audit.facts.automation.pipelines import Job, Pipeline, Trigger
from apps.audit.regex import regex
from apps.audit.snapshot import Json

STEPS = {"sh", "bat", "powershell", "pwsh"}
GROOVY = regex(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|\'{3}.*?(?:\'{3}|\Z)|"{3}.*?(?:"{3}|\Z)|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|\w+""",
    re.DOTALL,
)


def parse_jenkinsfile(content: bytes) -> Json:
    """What steps such as `sh 'pytest'` are given, as [step, text, line]."""
    text, word, found = content.decode("utf-8", "replace"), "", list[Json]()
    line, counted = 1, 0
    for token in GROOVY.finditer(text):
        line, counted = line + text.count("\n", counted, token.start()), token.start()
        if token[0][0] in "'\"":
            quote = token[0][:3] if token[0].startswith(("'''", '"""')) else token[0][0]
            found.append([word, token[0].removeprefix(quote).removesuffix(quote), line])
        elif not token[0].startswith(("//", "/*")):
            word = token[0] if token[0] not in {"script", "label"} or word not in STEPS else word
    return found


def read_jenkins(path: str, steps: list[Any]) -> Pipeline:
    """A Jenkinsfile is built on push; what else starts it is told to Jenkins itself."""
    scripts = [(text, line) for step, text, line in steps if step in STEPS]
    commands = tuple(each for text, line in scripts for each in commands_in(text, path, line))
    images = tuple(text for step, text, _ in steps if step == "image")
    triggers: dict[Trigger, int | None] = {Trigger.PUSH: 1}
    if scheduled := next((line for step, _, line in steps if step == "cron"), None):
        triggers[Trigger.SCHEDULE] = scheduled
    return Pipeline("Jenkins", path, triggers, (Job("Jenkinsfile", path, 1, commands, images=images),))
