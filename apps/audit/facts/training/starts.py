"""What can be started by its name: commands of packages, targets and what these run, scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from apps.audit.facts.automation.tasks import Tasks
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.training import is_started
from apps.audit.facts.tree import is_main, is_test
from apps.audit.regex import regex

# What a target leaves its work to, by what it is told to do: python -m churn evaluate.
STARTERS = {
    "python",
    "torchrun",
    "accelerate",
    "mise",
    "make",
    "just",
    "task",
    "invoke",
    "poe",
    "hatch",
    "pixi",
    "mlflow",
}
# A module of this name says what metrics are, and starts nothing.
DEFINES = regex(r"(.*_)?metrics?")


class Start(NamedTuple):
    """Something that can be started by its name."""

    name: str
    what: str
    path: str
    line: int | None


def starts(modules: Modules, metadata: Metadata, tasks: Tasks) -> Iterator[Start]:
    for each in metadata:
        for script in each.scripts:
            yield Start(script.value, "the command", script.path, script.line)
    commands = {script.value.partition("=")[0].strip() for each in metadata for script in each.scripts}
    for task in tasks:
        yield Start(task.name, f"{task.runner} target", task.path, task.line)
        for command in task.commands:
            if command.tool in STARTERS or command.tool in commands:
                yield from (Start(word, f"{task.name}, which runs", task.path, task.line) for word in command.words[:3])
    for module in modules:
        name = module.path.rpartition("/")[2].removesuffix(".py")
        if is_script(module) and not DEFINES.fullmatch(name.lower()):
            yield Start("evaluate" if name == "test" else name, "a script", module.path, None)


def is_script(module: Module) -> bool:
    """Whether running the file does something: it is no module of classes and functions alone."""
    values = module.code_lines > 0 and not (module.functions or module.classes)
    runs = values or is_started(module) or any(not call.scope for call in module.calls)
    return is_main(module.path) and not is_test(module.path) and runs
