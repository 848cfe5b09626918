"""Named targets of task runners, and what a command leads to when they are followed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.commands import Command, commands_in
from apps.audit.facts.automation.makefiles import parse_justfile, parse_makefile
from apps.audit.facts.automation.targets import COMMANDS, READERS, Task, from_functions, from_recipes, texts_of
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.tree import Tree, is_template
from apps.audit.regex import regex
from apps.audit.snapshot import KILOBYTE, File, Json, Unknown, derive

__all__ = ["Task", "Tasks"]

LIMIT, MOST_TASKS, MOST_COMMANDS, DEEPEST = 256 * KILOBYTE, 2_000, 2_000, 6
# Programs that run targets, by the name of the runner whose targets they are.
PROGRAMS = {"gmake": "make", "inv": "invoke", "yarn": "npm", "pnpm": "npm", "bun": "npm", "go-task": "task"}
# Runners whose targets come after a word; the others name them at once.
AFTER_WORD = dict.fromkeys(("npm", "pixi", "mise", "hatch", "pdm", "rye", "pipenv"), "run") | {"dvc": "repro"}
# What makes a function a target of invoke, in whatever module its collections are put together.
INVOKE = ("invoke.task", "invoke.tasks.task")
# Runners in whose commands another target may be named like a program.
NAME_EACH_OTHER = {"hatch", "poe", "pdm", "rye", "task", "pixi", "npm"}
# How a script says where it lies itself.
OWN_FOLDER = regex(r"^(\$\(dirname [^()]{1,80}\)|\$\{?(SCRIPT_DIR|DIR|BASEDIR|HERE)\}?)/", re.IGNORECASE)
JOB_KEYS = ("entrypoint", *COMMANDS)
TextReader = tuple[tuple[str, ...], str, Callable[[bytes], Json]]
TEXT_READERS: tuple[TextReader, ...] = (
    (("Makefile", "GNUmakefile"), "make", parse_makefile),
    (("justfile", ".justfile"), "just", parse_justfile),
)


@dataclass(frozen=True)
class Tasks(Fact):
    """Every target of the tree, files at the root first; and shell scripts and job files, as far as commands lead."""

    tasks: tuple[Task, ...]
    unread: tuple[Unknown, ...]
    tree: Tree
    documents: Documents

    @classmethod
    def read(cls, tree: Tree, documents: Documents, modules: Modules | None) -> Self:
        found, unread = list[Task](), list[Unknown]()
        for names, runner, parse in TEXT_READERS:
            derived = derive(own(tree, *names), parse, LIMIT)
            found += [task for file, recipes in derived for task in from_recipes(runner, file.path, recipes)]
            unread += derived.unread
        for file in own(tree, *READERS):
            found += READERS[file.name.lower()](documents.of(file))
        for module in modules or ():
            name = module.path.rpartition("/")[2]
            if name == "noxfile.py":
                found += from_functions("nox", ("session",), module)
            elif any(each.name.partition(".")[0] == "invoke" for each in module.imports):
                found += from_functions("invoke", INVOKE, module)
        found.sort(key=lambda task: task.path.count("/"))
        return cls(tuple(found[:MOST_TASKS]), tuple(unread), tree, documents)

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)

    @cached_property
    def by_runner(self) -> dict[str, list[Task]]:
        found = dict[str, list[Task]]()
        for task in self.tasks:
            found.setdefault(task.runner, []).append(task)
        return found

    @cached_property
    def by_name(self) -> dict[tuple[str, str], list[Task]]:
        """By runner and name; those of invoke also without the collection, which may be the one at the root."""
        found = dict[tuple[str, str], list[Task]]()
        for task in self.tasks:
            short = task.name.rpartition(".")[2] if task.runner == "invoke" else task.name
            for name in dict.fromkeys((task.name, short)):
                found.setdefault((task.runner, name), []).append(task)
        return found

    def run_by(self, command: Command) -> list[Task]:
        """The targets that a command names, such as `make test` or `tox -e lint`, without what they need."""
        runner = PROGRAMS.get(command.tool, command.tool)
        tasks = self.by_runner.get(runner, [])
        if not tasks:
            return []
        names = named_targets(runner, command)
        if runner in {"make", "just", "tox", "nox", "dvc"} and names == []:
            return [task for task in tasks if task.path == tasks[0].path] if runner != "make" else tasks[:1]
        named = [self.by_name.get((runner, name), []) for name in names or ()]
        found = [nearest(each, command.option("-C") or "") for each in named if each]
        return found or ([task for task in tasks if task.name == "testenv"] if runner == "tox" else [])

    def expand(self, commands: Iterable[Command]) -> Iterator[Command]:
        """The commands, and what they lead to through targets, their needs, shell scripts and job files."""
        waiting, seen = [(command, 0) for command in commands][::-1], set[tuple[str, str, str]]()
        for _ in range(MOST_COMMANDS):
            if not waiting:
                return
            command, depth = waiting.pop()
            yield command
            if depth < DEEPEST:
                waiting += [(each, depth + 1) for each in reversed(list(self.follow(command, seen)))]

    def follow(self, command: Command, seen: set[tuple[str, str, str]]) -> Iterator[Command]:
        """What a command leads to directly, each target and each file once."""
        for task in self.run_by(command):
            yield from self.whole(task, seen)
        for path, script in self.files_of(command):
            if ("", path, "") not in seen:
                seen.add(("", path, ""))
                yield from script

    def whole(self, task: Task, seen: set[tuple[str, str, str]]) -> Iterator[Command]:
        """The commands of a target and of those that it needs, needs first."""
        waiting = [task]
        while waiting:
            current = waiting.pop()
            key = (current.runner, current.path, current.name)
            if key in seen:
                continue
            seen.add(key)
            needs = dict.fromkeys(current.needs)
            if current.runner in NAME_EACH_OTHER:
                needs |= dict.fromkeys(command.tool for command in current.commands)
            needed = (each for name in needs for each in self.by_name.get((current.runner, name), ()))
            waiting += [each for each in needed if each.path == current.path]
            yield from current.commands

    def files_of(self, command: Command) -> Iterator[tuple[str, list[Command]]]:
        """Shell scripts and job files of the tree that a command names, with what they run."""
        shell = command.tool in {"bash", "sh", "zsh", "source", "."}
        for word in [command.program, *command.words[: 1 if shell else 10]]:
            for folder in ("", posixpath.dirname(command.path)):
                place = OWN_FOLDER.sub("", word)
                file = self.tree.get(posixpath.normpath(posixpath.join(folder, place))) if place else None
                if file is None:
                    continue
                if file.suffix in {".yaml", ".yml"}:
                    yield file.path, job_commands(self.documents.of(file))
                elif file.suffix in {".sh", ".bash"} or (not file.suffix and (shell or word == command.program)):
                    yield file.path, script_commands(file)
                break


def own(tree: Tree, *names: str) -> list[File]:
    return [file for file in tree.named(*names) if not is_template(file.path)]


def named_targets(runner: str, command: Command) -> list[str] | None:
    """Names of the targets that a command asks for; none at all means the runner's default."""
    words = [word for word in command.words if "=" not in word]
    if runner in {"tox", "nox"}:
        chosen = command.option("-e", "-s", "--session", "--sessions", "--env") or ""
        # nox adds the version of Python and parameters to a session's name.
        suffix = r"-(pypy-?)?\d+(\.\d+)*(\(.*)?$" if runner == "nox" else r"$"
        return [re.sub(suffix, "", name) for name in chosen.split(",") if name]
    if runner in AFTER_WORD:
        if words[:1] == [AFTER_WORD[runner]]:
            return [word.rpartition(":")[2] if runner == "hatch" else word for word in words[1:2]] or (
                [] if runner == "dvc" else None
            )
        return words[:1] if runner in {"npm", "pdm", "mise"} else None
    return words


def nearest(tasks: list[Task], folder: str) -> Task:
    """Of targets of one name the one in `folder`, or else the one nearest to the root."""
    inside = [task for task in tasks if folder and posixpath.dirname(task.path) == posixpath.normpath(folder)]
    return (inside or tasks)[0]


def script_commands(file: File) -> list[Command]:
    text = file.derive(read_text, LIMIT)
    return [] if isinstance(text, Unknown) else list(commands_in(text, file.path, 1))


def read_text(content: bytes) -> Json:
    return "" if b"\0" in content else content.decode("utf-8", "replace")


def job_commands(document: Document) -> list[Command]:
    """What a job file says is to be run, at its top or one level below."""
    tables = [document.value, *(document.value.values() if isinstance(document.value, dict) else ())]
    texts = [
        text for table in tables if isinstance(table, dict) for key in JOB_KEYS for text in texts_of(table.get(key))
    ]
    line = next((line for key in JOB_KEYS if (line := document.lines.get(key))), None)
    return [command for text in texts for command in commands_in(text, document.path, line)]
