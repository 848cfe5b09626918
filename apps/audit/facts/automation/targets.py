"""Targets as each task runner writes them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.audit.facts.automation.commands import Command, commands_in
from apps.audit.facts.documents import Document
from apps.audit.facts.python.modules import Call, Function, Module

COMMANDS = ("cmd", "cmds", "shell", "run", "command", "commands", "script", "sequence", "composite", "chain", "do")
NEEDS = ("depends-on", "depends_on", "depends", "deps", "needs", "pre", "ref", "task")
DEEPEST = 4


@dataclass(frozen=True)
class Task:
    """A named target of a task runner. `needs` are targets of the same runner that run with it."""

    name: str
    runner: str
    path: str
    line: int | None = None
    needs: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


def from_recipes(runner: str, path: str, recipes: list[Any]) -> Iterator[Task]:
    """What parse_makefile or parse_justfile found."""
    for name, line, needs, recipe in recipes:
        commands = [command for number, text in recipe for command in commands_in(text, path, number)]
        yield Task(name, runner, path, line, tuple(needs), tuple(commands))


def from_table(runner: str, document: Document, *keys: str) -> Iterator[Task]:
    """Targets of a mapping: a command, a list of them, or a mapping with commands and needs."""
    for name, value in document.table(*keys).items():
        line = document.line(*keys, name)
        texts = list(texts_of(value))
        commands = [command for text in texts for command in commands_in(text, document.path, line)]
        # An entry of a list may also be the name of another target.
        needs = [*needs_of_entry(value), *(text for text in texts if not isinstance(value, str) and " " not in text)]
        yield Task(name, runner, document.path, line, tuple(needs), tuple(commands))


def texts_of(value: Any, depth: int = 0) -> Iterator[str]:
    """The commands of an entry: a string, a list, or what stands below the keys that hold commands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each, depth + 1) if depth < DEEPEST else ()
    elif isinstance(value, dict) and depth < DEEPEST:
        for key in COMMANDS:
            words = value.get(key)
            if key == "cmd" and isinstance(words, list):
                yield " ".join(word for word in words if isinstance(word, str))
            else:
                yield from texts_of(words, depth + 1)


def needs_of_entry(value: Any) -> Iterator[str]:
    """Other targets that an entry, or a step of it, names."""
    for entry in value if isinstance(value, list) else [value]:
        for key in NEEDS if isinstance(entry, dict) else ():
            named = entry.get(key)
            for each in named if isinstance(named, list) else [named]:
                yield from (each,) if isinstance(each, str) else needs_of_step(each)
        if isinstance(entry, dict) and isinstance(entry.get("cmds"), list):
            yield from (need for step in entry["cmds"] for need in needs_of_step(step))


def needs_of_step(step: Any) -> Iterator[str]:
    if isinstance(step, dict) and isinstance(step.get("task"), str):
        yield step["task"]


def from_tox(document: Document) -> Iterator[Task]:
    """Environments of tox.ini; `testenv` is what plain names such as py311 run."""
    for section in document.table():
        name = section.removeprefix("testenv:")
        if section == "testenv" or name != section:
            line = document.line(section, "commands") or document.line(section)
            text = "\n".join(each.lstrip("- ") for each in str(document.get(section, "commands") or "").splitlines())
            needs = [part.split("]")[0].removeprefix("testenv:") for part in text.split("{[")[1:]]
            runs = tuple(commands_in(text, document.path, line))
            yield Task(name, "tox", document.path, document.line(section), tuple(needs), runs)


def from_tox_tables(document: Document, *keys: str) -> Iterator[Task]:
    """Environments of tox.toml or of `tool.tox` in pyproject.toml: commands are lists of words."""
    tables = [("env_run_base",), *(("env", name) for name in document.table(*keys, "env"))]
    for table in tables:
        place = (*keys, *table)
        if document.table(*place):
            line = document.line(*place, "commands")
            words = [each for each in document.items(*place, "commands") if isinstance(each, list)]
            texts = [" ".join(str(word) for word in each if isinstance(word, str)) for each in words]
            commands = [command for text in texts for command in commands_in(text, document.path, line)]
            name = "testenv" if table == ("env_run_base",) else table[-1]
            yield Task(name, "tox", document.path, document.line(*place), (), tuple(commands))


def from_functions(runner: str, decorators: tuple[str, ...], module: Module) -> Iterator[Task]:
    """Decorated functions of a module, with what they run through their session or context; invoke names each after
    the module that is its collection, too."""
    stem = module.path.rpartition("/")[2].removesuffix(".py")
    collection = "" if stem in {"noxfile", "tasks", "__init__"} else f"{stem.replace('_', '-')}."
    by_scope = dict[str, list[Call]]()
    for call in module.calls:
        by_scope.setdefault(call.scope, []).append(call)
    # Of functions of one name the last is the one that counts.
    for function in {function.name: function for function in module.functions}.values():
        if any(decorator_name(each).endswith(decorators) for each in function.decorators):
            calls = by_scope.get(function.name, [])
            commands = [command for call in calls for command in run_by(call, module.path)]
            name = function.name if runner == "nox" else collection + function.name.replace("_", "-")
            yield Task(name, runner, module.path, function.line, tuple(needs_of(function, calls)), tuple(commands))


def decorator_name(decorator: Any) -> str:
    named = decorator if isinstance(decorator, dict) else {}
    return str(named.get("name") or named.get("call") or "")


def run_by(call: Call, path: str) -> Iterator[Command]:
    """`session.run("pytest", "-q")` and `context.run("pytest -q")`; formatted strings are not known."""
    if call.name.endswith((".run", ".run_always", ".run_install")):
        words = [word for word in call.args if isinstance(word, str)]
        yield from commands_in(shlex.join(words) if len(words) > 1 else "".join(words), path, call.line)
    elif call.name.endswith(".install"):
        yield Command("pip", ("install", *(arg for arg in call.args if isinstance(arg, str))), path, call.line)


def needs_of(function: Function, calls: list[Call]) -> Iterator[str]:
    for call in calls:
        if call.name.endswith(".notify") and call.args and isinstance(call.args[0], str):
            yield call.args[0]
        elif "." not in call.name:
            yield call.name


FROM_PYPROJECT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("poe", ("tool", "poe", "tasks")),
    ("pdm", ("tool", "pdm", "scripts")),
    ("rye", ("tool", "rye", "scripts")),
    ("task", ("tool", "taskipy", "tasks")),
    ("pixi", ("tool", "pixi", "tasks")),
)


def from_pyproject(document: Document) -> Iterator[Task]:
    for runner, keys in FROM_PYPROJECT:
        yield from from_table(runner, document, *keys)
    yield from from_pixi(document, "tool", "pixi", "feature")
    yield from from_hatch(document, "tool", "hatch", "envs")
    yield from from_tox_tables(document, "tool", "tox")


def from_pixi(document: Document, *keys: str) -> Iterator[Task]:
    for feature in document.table(*keys):
        yield from from_table("pixi", document, *keys, feature, "tasks")


def from_hatch(document: Document, *keys: str) -> Iterator[Task]:
    for environment in document.table(*keys):
        yield from from_table("hatch", document, *keys, environment, "scripts")


# What the files of one name hold.
READERS: dict[str, Callable[[Document], Iterator[Task]]] = {
    "pyproject.toml": from_pyproject,
    "pixi.toml": lambda document: iter([*from_table("pixi", document, "tasks"), *from_pixi(document, "feature")]),
    "mise.toml": lambda document: from_table("mise", document, "tasks"),
    ".mise.toml": lambda document: from_table("mise", document, "tasks"),
    "hatch.toml": lambda document: from_hatch(document, "envs"),
    "poe_tasks.toml": lambda document: from_table("poe", document, "tool", "poe", "tasks"),
    "tox.ini": from_tox,
    "tox.toml": from_tox_tables,
    "package.json": lambda document: from_table("npm", document, "scripts"),
    "pipfile": lambda document: from_table("pipenv", document, "scripts"),
    "taskfile.yml": lambda document: from_table("task", document, "tasks"),
    "taskfile.yaml": lambda document: from_table("task", document, "tasks"),
    "dvc.yaml": lambda document: from_table("dvc", document, "stages"),
}
