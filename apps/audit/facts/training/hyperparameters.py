"""Choices that shape training: those in configuration, those fixed in a call, and those that are defaults in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.fixed_values import fixed_in
from apps.audit.facts.training.training import Training, is_main, is_test


class Role(StrEnum):
    """What a choice is about."""

    ARCHITECTURE = "architecture"
    OPTIMISER = "optimiser"
    SCHEDULE = "schedule"
    BATCH_SIZE = "batch size"
    EPOCHS = "epochs"
    STOPPING = "early stopping"
    ESTIMATOR = "estimator"


NAMES = {
    Role.SCHEDULE: re.compile(
        r"(lr_)?scheduler(_\w+)?|lr_schedule\w*|(\w+_)?warm_?up(_\w+)?|lr_decay\w*|decay_lr|min_lr"
        r"|lr_(factor|patience|gamma|step\w*)|t_max"
    ),
    Role.OPTIMISER: re.compile(r"(\w+_)?(lr|learning_rate)|optimi[sz]er(_name|_type)?|weight_decay|momentum|eta"),
    Role.BATCH_SIZE: re.compile(r"(\w+_)?(batch_?size|bs)(_\w+)?"),
    Role.EPOCHS: re.compile(
        r"((max|num|n|total|train|num_train|num_training)_)?(epochs|max_steps|max_iters|train_steps)"
        r"|(max|num|total)_(steps|iters|iterations)|epoch"
    ),
    Role.STOPPING: re.compile(r"(\w+_)?patience|early_stopping(_\w+)?"),
    Role.ARCHITECTURE: re.compile(
        r"(n|num)_(hidden_|encoder_|decoder_|attention_|conv_)?(layers?|heads?|filters|blocks)|n_embd|d_model|backbone"
        r"|hidden_(size|dim|units|channels|layers)s?|emb(ed|edding)?_(dim|size)|dropout(_\w+)?|arch(itecture)?"
        r"|model_(name|arch|id)(_or_path)?|lin\d_size|encoder_name|(pre)?trained_model(_name)?|base_model"
    ),
}
# In a folder or table named after the model, these choose it.
CHOOSES = {"name", "_target_", "type", "class", "kind"}
# Every number of such a file is there to be tuned.
PARAMETERS = re.compile(r"(hyper)?-?_?(params|parameters|hparams)\.", re.IGNORECASE)
DEEPEST = 6


class Choice(NamedTuple):
    """One choice and where it is made."""

    role: Role
    what: str
    path: str
    line: int | None


class Choices(NamedTuple):
    """What configuration says, and what only code says."""

    configured: tuple[Choice, ...]
    in_code: tuple[Choice, ...]


@dataclass(frozen=True)
class Hyperparameters(Fact):
    """Choices by project folder that trains."""

    folders: tuple[str, ...]
    configured: tuple[Choice, ...]
    # Numbers written into the call that trains, which no configuration reaches.
    fixed: tuple[Choice, ...]
    # Defaults of arguments and variables in code, which hold where no configuration does.
    defaults: tuple[Choice, ...]

    absent = "no code that trains a model"

    @classmethod
    def read(
        cls, modules: Modules, training: Training, configuration: Configuration, dependencies: Dependencies
    ) -> Self:
        bases = {manifest.folder for manifest in dependencies.declaring} | {""}
        starts = (
            training.scripts or tuple(each for each in training.calls if each.path.endswith(".py")) or training.calls
        )
        own = [module for module in modules if is_main(module.path) and not is_test(module.path)]
        code = [module for module in own if module.path not in configuration.paths]
        configured = [each for document in configuration.values() for each in in_document(document)]
        for module in modules:
            if module.path in configuration.paths and not module.is_notebook:
                configured += assigned(module)
        fixed = [
            Choice(Role(role), what, module.path, line)
            for module in code
            for call in module.calls
            for role, what, line in fixed_in(call)
        ]
        defaults = [each for module in code for each in (*assigned(module), *options(module))]
        folders = dict.fromkeys(base_of(each.path, bases) for each in starts)
        return cls(tuple(folders), tuple(configured), tuple(fixed), tuple(defaults))

    def choices(self, *roles: Role) -> Choices:
        """What configuration says of these roles, and what only code says, over all folders.

        A default in code stands aside where configuration has its role.
        """
        configured, in_code = dict[Choice, None](), dict[Choice, None]()
        for folder in self.folders:
            found, fixed, defaults = self.of(folder, *roles)
            known = {choice.role for choice in found}
            configured |= dict.fromkeys(found)
            in_code |= dict.fromkeys([*fixed, *(choice for choice in defaults if choice.role not in known)])
        return Choices(tuple(configured), tuple(in_code))

    def of(self, folder: str, *roles: Role) -> tuple[list[Choice], list[Choice], list[Choice]]:
        """Configured, fixed and default choices for one folder: its own, and the configuration around it."""
        nested = [other for other in self.folders if other != folder and other.startswith(f"{folder}/".lstrip("/"))]
        inside = [c for c in self.fixed if is_inside(c.path, folder, nested) and c.role in roles]
        defaults = [c for c in self.defaults if is_inside(c.path, folder, nested) and c.role in roles]
        others = [other for other in self.folders if other and not folder.startswith(other)]
        configured = [
            choice
            for choice in self.configured
            if choice.role in roles and not any(choice.path.startswith(f"{other}/") for other in others)
        ]
        return configured, inside, defaults


def is_inside(path: str, folder: str, nested: list[str]) -> bool:
    return (not folder or path.startswith(f"{folder}/")) and not any(path.startswith(f"{each}/") for each in nested)


def base_of(path: str, bases: set[str]) -> str:
    """The deepest folder with a manifest of its own around a path."""
    folder = path.rpartition("/")[0]
    while folder and folder not in bases:
        folder = folder.rpartition("/")[0]
    return folder


def role_of(name: str) -> Role | None:
    return next((role for role, words in NAMES.items() if words.fullmatch(name[:60].lower())), None)


def in_document(document: Document) -> Iterator[Choice]:
    around = document.path.rpartition("/")[0].rpartition("/")[2].lower()
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document.value)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict) and len(keys) < DEEPEST:
            waiting += [((*keys, str(key)), each) for key, each in value.items()]
        if not keys or value is None or isinstance(value, bool):
            continue
        parent = keys[-2].lower() if len(keys) > 1 else around
        role = role_of(keys[-1])
        if role is None and keys[-1] in CHOOSES and parent in {"model", "models", "net", "network", "architecture"}:
            role = Role.ARCHITECTURE
        if role is None and PARAMETERS.match(document.path.rpartition("/")[2]) and is_tuned(keys[-1], value):
            role = Role.ESTIMATOR
        if role:
            shown = "" if isinstance(value, dict) else f": {str(value)[:40]}"
            yield Choice(role, f"{'.'.join(keys)}{shown}", document.path, document.line(*keys))


def is_tuned(key: str, value: Any) -> bool:
    return isinstance(value, (int, float)) and "seed" not in key and "random_state" not in key


def assigned(module: Module) -> Iterator[Choice]:
    """Constants given to a variable, a field or an argument with the name of a choice; epoch 0 starts a count."""
    for each in module.assignments:
        role = role_of(each.target.rpartition(".")[2])
        if role and is_constant(each.value) and not (role is Role.EPOCHS and each.value == 0):
            yield Choice(role, f"{each.target} = {str(each.value)[:40]}", module.path, each.line)


def options(module: Module) -> Iterator[Choice]:
    """Defaults of command-line options."""
    for call in module.calls:
        if call.name.endswith((".add_argument", "click.option", "typer.Option")) and is_constant(
            call.keywords.get("default")
        ):
            for name in (arg.lstrip("-").replace("-", "_") for arg in call.args if isinstance(arg, str)):
                if role := role_of(name):
                    yield Choice(
                        role, f"--{name} has the default {str(call.keywords['default'])[:40]}", module.path, call.line
                    )


def is_constant(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool) and value not in ("", -1)
