"""What starts a pipeline of continuous integration, and its jobs, whichever service runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice, product
from typing import Any, NamedTuple

from apps.audit.facts.automation.commands import Command, commands_in
from apps.audit.facts.documents import Document
from apps.audit.regex import regex

DEEPEST, MOST_COMBINED = 12, 50
MATRIX = regex(r"\$\{\{ ?matrix\.([\w-]+) ?\}\}")
LENIENT = ("continue-on-error", "allow_failure", "continueOnError")
# Published steps that run one program, what they run without arguments, and the input that gives them.
ACTIONS = {
    "psf/black": ("black --check .", "options"),
    "astral-sh/ruff-action": ("ruff check", "args"),
    "chartboost/ruff-action": ("ruff check", "args"),
    "isort/isort-action": ("isort --check-only --diff .", "configuration"),
    "py-actions/flake8": ("flake8", "args"),
    "suo/flake8-github-action": ("flake8", "args"),
    "jakebailey/pyright-action": ("pyright", "extra-args"),
    "jpetrucciani/mypy-check": ("mypy", "path"),
    "pycqa/bandit-action": ("bandit -r .", "targets"),
    "gitleaks/gitleaks-action": ("gitleaks", "args"),
    "trufflesecurity/trufflehog": ("trufflehog", "extra_args"),
    "codespell-project/actions-codespell": ("codespell", "path"),
    "crate-ci/typos": ("typos", "files"),
    "davidanson/markdownlint-cli2-action": ("markdownlint-cli2", "globs"),
    "ibiqlik/action-yamllint": ("yamllint", "file_or_dir"),
}
# Whose targets may be named by a matrix.
RUNNERS = {"nox", "tox", "make", "just", "task", "poe", "hatch", "pdm", "pixi", "npm", "invoke", "inv"}


class Trigger(StrEnum):
    """What starts a pipeline."""

    PUSH = "push"
    PULL_REQUEST = "pull request"
    SCHEDULE = "schedule"
    MANUAL = "manual"
    OTHER = "other"


class Use(NamedTuple):
    """A ready-made step: an action, an orb or a template, without its version."""

    name: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Job:
    """One job: what it runs, and what it runs in. `environment` is where it deploys to; `lenient` is what may fail."""

    name: str
    path: str
    line: int | None
    commands: tuple[Command, ...] = ()
    uses: tuple[Use, ...] = ()
    images: tuple[str, ...] = ()
    environment: str = ""
    lenient: frozenset[Command | Use] = frozenset()


@dataclass(frozen=True)
class Pipeline:
    """One file of a service. `triggers` has the line of each; `branches` are those it names; `calls` other files."""

    service: str
    path: str
    triggers: dict[Trigger, int | None]
    jobs: tuple[Job, ...] = ()
    branches: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    error: str = ""


class Entry(NamedTuple):
    """A string somewhere below a value, with the keys that lead to it."""

    keys: tuple[str | int, ...]
    text: str


def strings(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[Entry]:
    """Every string below a value, in the order of the file."""
    if isinstance(value, str):
        yield Entry(keys, value)
    elif len(keys) < DEEPEST and isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(each, (*keys, key))


def names_of(keys: tuple[str | int, ...]) -> list[str]:
    return [key for key in keys if isinstance(key, str)]


def job_of(document: Document, keys: tuple[str | int, ...], scripts: set[str], name: str = "") -> Job:
    """The job below `keys`: strings under one of the keys `scripts` are its commands."""
    commands, uses, images, lenient = list[Command](), list[Use](), list[str](), set[Command | Use]()
    for entry in strings(document.get(*keys) if keys else document.value):
        within, line = names_of(entry.keys), document.line(*keys, *entry.keys)
        if scripts.intersection(within[-2:]) and within[-1] in {*scripts, "command", "inlineScript"}:
            found = commands_in(entry.text, document.path, first_line(line, entry.text))
            commands += (said := [each for command in found for each in combined(command, document, *keys)])
            lenient |= set(said) if may_fail(document, keys, entry) else set()
        elif within[-1:] in (["uses"], ["task"], ["template"]):
            uses.append(Use(entry.text.partition("@")[0], document.path, line))
            commands += (started := list(started_by(uses[-1], document.get(*keys, *entry.keys[:-1], "with"))))
            lenient |= {uses[-1], *started} if may_fail(document, keys, entry) else set()
        elif within[-1:] in (["image"], ["container"], ["pipe"], ["services"]) or within[-2:] == ["image", "name"]:
            images.append(entry.text)
    place = document.get(*keys, "environment") or document.get(*keys, "deployment")
    environment = place.get("name", "") if isinstance(place, dict) else place
    title = name or str(keys[-1] if keys else document.path)
    line = document.line(*keys) if keys else 1
    environment = environment if isinstance(environment, str) else ""
    return Job(title, document.path, line, tuple(commands), tuple(uses), tuple(images), environment, frozenset(lenient))


def started_by(use: Use, given: Any) -> Iterator[Command]:
    """The program that a published step runs."""
    usual, key = ACTIONS.get(use.name.lower(), ("", ""))
    arguments = given.get(key) if isinstance(given, dict) else None
    if usual:
        yield from commands_in(f"{usual.split()[0]} {arguments}" if arguments else usual, use.path, use.line)


def may_fail(document: Document, keys: tuple[str | int, ...], entry: Entry) -> bool:
    """Whether the step or the job around an entry passes even where the entry fails."""
    whole = (*keys, *entry.keys)
    places = [whole[:depth] for depth in range(len(keys), len(whole))]
    return any(document.get(*place, word) is True for place in places for word in LENIENT)


def combined(command: Command, document: Document, *keys: str | int) -> Iterator[Command]:
    """The command of a task runner with each combination of the matrix of its job; any other as it is."""
    names = list(dict.fromkeys(MATRIX.findall(" ".join(command.args)))) if command.tool in RUNNERS else []
    values = [matrix_values(document.get(*keys, "strategy", "matrix"), name) for name in names]
    if not names or not all(values):
        yield command
        return
    for chosen in islice(product(*values), MOST_COMBINED):
        yield replace(command, args=tuple(filled(arg, dict(zip(names, chosen, strict=True))) for arg in command.args))


def filled(text: str, given: dict[str, str]) -> str:
    return MATRIX.sub(lambda use: given[use[1]], text)


def matrix_values(matrix: Any, name: str) -> list[str]:
    """What a name of a matrix stands for, also in the combinations that are included."""
    table = matrix if isinstance(matrix, dict) else {}
    included = table.get("include")
    more = [each.get(name) for each in included if isinstance(each, dict)] if isinstance(included, list) else []
    listed = table.get(name)
    values = [*more, *(listed if isinstance(listed, list) else [])]
    return list(dict.fromkeys(str(value) for value in values if isinstance(value, str | int | float)))


def first_line(line: int | None, text: str) -> int | None:
    """Where the text of an entry begins: a block of lines starts below its key."""
    return line if line is None or "\n" not in text else line + 1


def triggers_below(document: Document, known: dict[str, Trigger], *keys: str) -> dict[Trigger, int | None]:
    """Triggers named as a string, in a list or as keys of a mapping."""
    value = document.get(*keys)
    named: list[tuple[str, int | None]] = []
    if isinstance(value, dict):
        named = [(name, document.line(*keys, name)) for name in value]
    elif isinstance(value, list):
        named = [(each, document.line(*keys, at)) for at, each in enumerate(value) if isinstance(each, str)]
    elif isinstance(value, str):
        named = [(value, document.line(*keys))]
    found = dict[Trigger, int | None]()
    for name, line in named:
        found.setdefault(known.get(name, Trigger.OTHER), line)
    return found


def branches_below(value: Any) -> tuple[str, ...]:
    """Branches that a trigger names."""
    wanted = {"branches", "only", "include"}
    return tuple(dict.fromkeys(entry.text for entry in strings(value) if wanted.intersection(names_of(entry.keys))))
