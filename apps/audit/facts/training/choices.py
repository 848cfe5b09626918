"""What a name says of a choice, and where choices are written: in configuration, variables, options and fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from apps.audit.facts.documents import Document
from apps.audit.facts.python.modules import Assignment, Call, Expression, Module
from apps.audit.facts.training.fixed_values import ASIDE, ESTIMATORS, is_architecture, is_number
from apps.audit.facts.training.options import DECLARES, default_of, names_of
from apps.audit.regex import MOST_NAMES, regex


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
    Role.SCHEDULE: regex(
        r"(lr_)?scheduler(_\w+)?|lr_schedule\w*|(\w+_)?warm_?up(_\w+)?|lr_decay\w*|decay_lr|min_lr"
        r"|lr_(factor|patience|gamma|step\w*|config)|param_schedulers?|t_max"
    ),
    Role.OPTIMISER: regex(r"(\w+_)?(b?lr|learning_rate)|optimi[sz]er(_name|_type)?|weight_decay|momentum|eta"),
    Role.BATCH_SIZE: regex(r"(\w+_)?(batch_?size|bs)(_\w+)?|samples_per_gpu"),
    Role.EPOCHS: regex(
        r"((max|num|n|total|train|num_train|num_training)_)?(epochs|max_steps|max_iters|train_steps)"
        r"|(max|num|total)_(steps|iters|iterations)|epoch"
    ),
    Role.STOPPING: regex(r"(\w+_)?patience|early_stopping(_\w+)?"),
    Role.ARCHITECTURE: regex(
        r"(n|num)_(hidden_|encoder_|decoder_|attention_|conv_)?(layers?|heads?|filters|blocks)|n_embd|d_model|backbone"
        r"|hidden_(size|dim|units|channels|layers)s?|emb(ed|edding)?_(dim|size)|dropout(_\w+)?|arch(itecture)?"
        r"|model_(name|arch|id)(_or_path)?|lin\d_size|encoder_name|(pre)?trained_model(_name)?|base_model"
    ),
}
# What the estimators of scikit-learn, Spark and boosting libraries are tuned by.
TUNED = regex(
    r"n_estimators|num_(trees|leaves|rounds?|boost_round)|max_(depth|leaves|leaf_nodes|features|bins|iter)|step_size"
    r"|reg_(param|alpha|lambda)|elastic_net_param|l1_ratio|min_(child_weight|samples_\w+|instances_per_node|info_gain)"
    r"|n_neighbors|subsample|colsample_by\w+"
)
HUMP = regex(r"(?<=[a-z\d])(?=[A-Z])")
# Where dropout augments data, and where eta is a share of the runs that go on.
AUGMENTS = regex(r".*(augment|transform).*")
STOPS_RUNS = regex(r".*(terminat|hyperband|halving|asha).*")
# In a folder or table named after the model, these choose it.
CHOOSES = {"name", "_target_", "type", "class", "kind"}
# In configuration, a text of such a name chooses what is trained.
ALGORITHM = regex(r"(model|estimator|classifier|regressor|learner)_(type|class|kind|family)|algorithm", re.IGNORECASE)
# Every number of such a file is there to be tuned.
PARAMETERS = regex(r"(hyper)?-?_?(params|parameters|hparams)\.", re.IGNORECASE)
MODEL_FILE = regex(r"\.(pkl|pickle|joblib|pth?|h5|keras|onnx|ckpt|safetensors|bin|json|ya?ml)$")
# An architecture that no model has.
PROCESSORS = ("amd64", "x86_64", "arm64", "aarch64", "x86", "i386")
# Of an input that is declared.
PLAIN_TYPES = ("number", "integer", "string", "boolean")
# In the settings of DeepSpeed it leaves a value to the arguments of the training.
AUTO = "auto"
# What makes a field of a dataclass, an attrs class or a pydantic model.
FIELD = regex(r"dataclasses\.field|(attrs?|pydantic)\.[Ff]ield|attr\.ib")
# Models that somebody else runs, asked over an API: nothing here is built like them.
HOSTED = regex(
    r"([\w-]+/)*((text|code)-(\w+-)*(davinci|curie|babbage|ada|embedding)\S*|(chat)?gpt-[345]\S*|o[134](-\S+)?|claude-\S+|gemini-\S+)",
    re.IGNORECASE,
)
DEEPEST = 6


class Choice(NamedTuple):
    """One choice and where it is made."""

    role: Role
    what: str
    path: str
    line: int | None


@lru_cache(MOST_NAMES)
def role_of(name: str) -> Role | None:
    """The role of a name, in `snake_case` or `camelCase`."""
    name = snake(name)
    return next((role for role, words in NAMES.items() if words.fullmatch(name)), None)


def role_given(name: str, value: Any, registered: Collection[str]) -> Role | None:
    """The role of what a name holds; the name of a model in a registry, or of one behind an API, is no architecture."""
    role = Role.ARCHITECTURE if is_architecture(name, value) else role_of(name)
    elsewhere = name in registered or (isinstance(value, str) and HOSTED.fullmatch(value))
    return None if role is Role.ARCHITECTURE and elsewhere else role


def estimates(name: str) -> Role | None:
    return Role.ESTIMATOR if TUNED.fullmatch(snake(name)) else None


def snake(name: str) -> str:
    return HUMP.sub("_", name[:60]).lower()


def entries(document: Document) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The keys that lead to each value, and the value."""
    return entries_of(document.value)


def entries_of(table: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The same of a table; one that was read from Python says which of its values are tables, too."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), table)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict) and len(keys) < DEEPEST:
            inner = value.get("dict") if isinstance(value.get("dict"), dict) else value
            waiting += [((*keys, str(key)), each) for key, each in (inner or {}).items()]
        if keys:
            yield keys, value


def in_document(document: Document, registered: Collection[str] = ()) -> Iterator[Choice]:
    around = document.path.rpartition("/")[0].rpartition("/")[2].lower()
    open_table = is_of_deepspeed(document)
    for keys, value in entries(document):
        if value is None or isinstance(value, bool) or value in PROCESSORS or (open_table and holds_auto(value)):
            continue
        if isinstance(value, dict) and value.get("type") in PLAIN_TYPES and not value.keys() & {"default", "value"}:
            continue  # an input that somebody else gives
        parent = keys[-2].lower() if len(keys) > 1 else around
        role = role_in(keys, value, registered)
        if role is None and keys[-1] in CHOOSES and parent in {"model", "models", "net", "network", "architecture"}:
            role = Role.ARCHITECTURE
        if role is None and ALGORITHM.fullmatch(keys[-1]) and isinstance(value, str):
            role = Role.ARCHITECTURE
        if role is None and PARAMETERS.match(document.path.rpartition("/")[2]) and is_tuned(keys[-1], value):
            role = Role.ESTIMATOR
        if role:
            shown = "" if isinstance(value, dict) else f": {str(value)[:40]}"
            yield Choice(role, f"{'.'.join(keys)}{shown}", document.path, document.line(*keys))


def left_open(document: Document) -> Iterator[Choice]:
    """What the settings of DeepSpeed leave to the arguments that the training is started with."""
    for keys, value in entries(document) if is_of_deepspeed(document) else ():
        if value == AUTO and (role := role_of(keys[-1])):
            yield Choice(role, f"what {'.'.join(keys)}: auto stands for", document.path, document.line(*keys))


def is_of_deepspeed(document: Document) -> bool:
    return "zero_optimization" in document.table()


def holds_auto(value: Any, depth: int = 0) -> bool:
    inside = value.values() if isinstance(value, dict) and depth < DEEPEST else ()
    return bool(value == AUTO) or any(holds_auto(each, depth + 1) for each in inside)


def role_in(keys: tuple[str, ...], value: Any, registered: Collection[str]) -> Role | None:
    """The role of an entry by its name, unless a table around it says that it is something else."""
    around = [key.lower() for key in keys[:-1]]
    shown = any("summary" in key for key in around)
    role = role_given(keys[-1], value, registered) or (None if shown else estimates(keys[-1]))
    augments = role is Role.ARCHITECTURE and any(map(AUGMENTS.fullmatch, around))
    stops = keys[-1] == "eta" and any(map(STOPS_RUNS.fullmatch, around))
    return None if augments or stops else role


def is_tuned(key: str, value: Any) -> bool:
    return isinstance(value, (int, float)) and "seed" not in key and "random_state" not in key


def assigned(module: Module, registered: Collection[str]) -> Iterator[Choice]:
    """Constants given to a variable, a field or an argument with the name of a choice; epoch 0 starts a count."""
    made = {(call.scope, call.line): default_in(call) for call in module.called(FIELD.fullmatch)}
    for each in module.assignments:
        is_field = isinstance(each.value, dict) and FIELD.fullmatch(str(each.value.get("call", "")))
        value = made.get((each.scope, each.line)) if is_field else each.value
        role = role_given(each.target.rpartition(".")[2], value, registered)
        if each.target.endswith("eta") and not is_number(value):
            continue  # as often a time of arrival
        starts = (role is Role.EPOCHS and value == 0) or is_running(each, module)
        if role and is_constant(value) and not starts:
            yield Choice(role, f"{each.target} = {str(value)[:40]}", module.path, each.line)


def default_in(call: Call) -> Expression:
    """The default of the field that a call makes."""
    first = call.args[0] if call.args and call.name.startswith("pydantic.") else None
    return call.keywords.get("default", first)


def is_running(assignment: Assignment, module: Module) -> bool:
    """Whether a loop goes on from there to the least or the largest of many values."""
    same = (each.value for each in module.targets[assignment.target] if each.scope == assignment.scope)
    return any(isinstance(value, dict) and value.get("call") in {"min", "max"} for value in same)


def tables(module: Module, registered: Collection[str]) -> Iterator[Choice]:
    """Choices in the dictionaries that a module of configuration holds."""
    for each in module.assignments:
        table = each.value.get("dict") if isinstance(each.value, dict) else None
        named = role_of(each.target) if table or isinstance(each.value, list) else None
        if named and not each.scope:
            yield Choice(named, each.target, module.path, each.line)
        for keys, value in entries_of(table) if table and not each.scope else ():
            role = role_given(keys[-1], value, registered) or estimates(keys[-1])
            if role and not isinstance(value, (bool, type(None))):
                shown = "" if isinstance(value, dict) else f": {str(value)[:40]}"
                yield Choice(role, f"{'.'.join((each.target, *keys))}{shown}", module.path, each.line)


def options(module: Module, registered: Collection[str]) -> Iterator[Choice]:
    """Defaults of command-line options."""
    for call in module.called(DECLARES):
        for name in names_of(call) if is_constant(default := default_of(call)) else ():
            if role := role_given(name, default, registered):
                yield Choice(role, f"the default {str(default)[:40]} of --{name}", module.path, call.line)


def fields(module: Module, configured: Collection[str]) -> Iterator[Choice]:
    """Numbers that a class or a variable holds for an estimator, where configuration does not know their names."""
    held = {
        (each.scope, each.target): each
        for each in module.assignments
        if is_number(each.value) and each.target not in configured and not role_of(each.target)
    }
    for call in module.calls if held else ():
        for key, value in call.keywords.items() if ESTIMATORS.fullmatch(call.name) else ():
            name = str(value.get("name", "")) if isinstance(value, dict) and key not in ASIDE else ""
            scopes = (call.scope.rpartition(".")[0],) if name.startswith("self.") else (call.scope, "")
            places = ((scope, name.removeprefix("self.")) for scope in scopes)
            if each := next((held[place] for place in places if place in held), None):
                yield Choice(Role.ESTIMATOR, f"{each.target} = {each.value}", module.path, each.line)


def is_constant(value: Any) -> bool:
    """A number or a word; the name of a model's file, and what a person has to fill in, chooses nothing."""
    if isinstance(value, str):
        return bool(value) and value[0] not in "<{$" and not MODEL_FILE.search(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value != -1
