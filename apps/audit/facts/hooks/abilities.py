"""What a hook does, by its published id or by the programs that it runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from apps.audit.facts.automation.commands import Command
from apps.audit.facts.hooks.ruff import Ruff
from apps.audit.regex import regex


class Ability(StrEnum):
    """One thing that a hook can do, as abilities.toml names it."""

    TRAILING_WHITESPACE = "trailing-whitespace"
    END_OF_FILE = "end-of-file"
    YAML_SYNTAX = "yaml-syntax"
    JSON_SYNTAX = "json-syntax"
    TOML_SYNTAX = "toml-syntax"
    LARGE_FILES = "large-files"
    PRIVATE_KEYS = "private-keys"
    MERGE_CONFLICTS = "merge-conflicts"
    MODEL_FILES = "model-files"
    PYTHON_FORMAT = "python-format"
    IMPORT_ORDER = "import-order"
    PYTHON_LINT = "python-lint"
    TYPE_CHECK = "type-check"
    SECURITY_LINT = "security-lint"
    SECRETS = "secrets"
    NOTEBOOK_OUTPUTS = "notebook-outputs"
    NOTEBOOKS = "notebooks"
    CONFIG_VALIDATION = "config-validation"
    DVC = "dvc"


ABILITIES = {
    name: frozenset(map(Ability, entry["does"]))
    for entry in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["hooks"]
    for name in entry["ids"]
}
# Arguments of nbstripout and nb-clean that leave the outputs in.
KEEP_OUTPUTS = ("--keep-output", "--preserve-cell-outputs")
DVC_WORDS = {"status", "git-hook", "push"}
VALIDATES = regex(r"validat|check|verif|lint|load", re.IGNORECASE)
CONFIGURATION = regex(r"conf(ig|s?\b)|params|hydra|schema|hparams", re.IGNORECASE)


def of_id(name: str) -> frozenset[Ability]:
    """What the hook of that id does; ids differ in hyphens and underscores."""
    return ABILITIES.get(name) or ABILITIES.get(name.replace("_", "-"), frozenset())


def of_hook(name: str, args: tuple[str, ...], ruff: Ruff) -> frozenset[Ability]:
    """What a published hook does with these arguments."""
    if name in {"ruff", "ruff-check"}:
        return frozenset(of_ruff(Command("ruff", ("check", *args)), ruff))
    does = of_id(name)
    return does - {Ability.NOTEBOOK_OUTPUTS} if any(arg.startswith(KEEP_OUTPUTS) for arg in args) else does


def of_command(command: Command, ruff: Ruff) -> frozenset[Ability]:
    """What one program does, called as it is."""
    tool, first = command.tool, next(iter(command.words), "")
    if tool == "ruff":
        return frozenset(of_ruff(command, ruff))
    if tool == "pre-commit-hooks" or "pre_commit_hooks." in tool:
        return of_id(tool.rpartition(".")[2])
    if tool in {"jupyter", "jupyter-nbconvert"}:
        clears = any("clear-output" in arg or "ClearOutputPreprocessor.enabled=True" in arg for arg in command.args)
        return frozenset({Ability.NOTEBOOK_OUTPUTS, Ability.NOTEBOOKS} if clears else ())
    if tool == "dvc":
        return frozenset({Ability.DVC} if first in DVC_WORDS else ())
    if tool == "git":
        return frozenset({Ability.SECRETS} if first == "secrets" else ())
    if is_validation(command):
        return of_id(tool) | {Ability.CONFIG_VALIDATION}
    return of_hook(tool, command.args, ruff)


def of_ruff(command: Command, ruff: Ruff) -> Iterator[Ability]:
    if command.words[:1] == ("format",):
        yield from of_id("ruff-format")
    elif command.words[:1] not in {("clean",), ("rule",), ("server",)}:
        yield from of_id("ruff-check")
        chosen, extra = command.option("--select"), command.option("--extend-select")
        for family, ability in (("I", Ability.IMPORT_ORDER), ("S", Ability.SECURITY_LINT)):
            if ruff.selects(family, chosen, extra):
                yield ability


def is_validation(command: Command) -> bool:
    """Whether it loads the configuration, or is a script named for validating it."""
    if command.option("--cfg", "-c") in {"job", "hydra", "all"}:
        return True
    if command.tool not in {"python", "make", "just", "bash", "sh"} and not command.tool.endswith((".py", ".sh")):
        return False
    names = [word.rpartition("/")[2] for word in (command.tool, *command.words[:1])]
    return any(is_named_for_validation(name) for name in names)


def is_named_for_validation(name: str) -> bool:
    return bool(VALIDATES.search(name) and CONFIGURATION.search(name))
