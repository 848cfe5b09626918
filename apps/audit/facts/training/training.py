"""Where the code trains a model, by what it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.python.modules import Call, Module, Modules
from apps.audit.facts.tree import is_main, is_test
from apps.audit.regex import MOST_NAMES, regex

# Fitting one of these prepares data; it trains no model.
PREPARES = regex(
    r"scal(er|ing)|(?<!auto)(?<!auto_)encod|vectori[sz]|tokeni[sz]|imput|normali[sz]|preproc|transformer$|tfidf|label_?bin|pca|power"
    r"|kbins|discreti|selector|augment|(?<![a-z])datagen|imagedatagen|processor|distribution|curve_fit|stats\."
    r"|importance|explain",
    re.IGNORECASE,
)
PREPARERS = regex(
    r"sklearn\.(preprocessing|impute|decomposition|feature_(extraction|selection)|compose(?=.*ColumnTransformer))\..+"
    r"|(.*\.)?keras\.preprocessing\..+|category_encoders\..+|eli5\..+"
)
FITS = {"fit", "fit_generator", "train_on_batch", "partial_fit", "fine_tune", "finetune", "fit_one_cycle"}
GRADIENTS = {"jax.grad", "jax.value_and_grad"}
# Steps of an optimiser, and the loop of an Estimator.
STEPS = {"backward", "apply_gradients", "train_and_evaluate"}
METHODS = {*FITS, *STEPS, "train", "learn", "minimize"}
OPTIMISER = regex(r"(.*[._])?opt(imi[sz]er)?s?(\(\))?|.*Optimi[sz]er\(\)")
LEARNERS = (
    *("xgboost.", "lightgbm.", "catboost.", "trainer", "spacy.", "fasttext.", "ultralytics.", "yolo", "automl"),
    "estimator.",
)
SCRIPT = regex(r"(.*[-_])?(train|training|fit|finetune|fine_tune|finetuning|pretrain|retrain)([-_].*)?\.py")
DELEGATES = regex(r"(run_|start_|do_)?(train|fit|finetune|fine_tune|pretrain)(?!_test_split)(_\w+)?|run_training")
# Scripts of the root, or of a package there, that start whatever the project does.
STARTER = regex(r"([\w-]+/)?(main|run|cli|__main__)\.py")
NOT_SCRIPT = regex(r"(.*[-_])?(training_args?|train_utils?|training_utils?)\.py")


class Trains(NamedTuple):
    """A call that trains. `runnable`: the file is a script of training or starts it when it is run."""

    path: str
    line: int
    call: str
    runnable: bool


@dataclass(frozen=True)
class Training(Fact):
    """Every call that trains a model, notebooks' too, tests aside."""

    calls: tuple[Trains, ...]

    absent = "no code that trains a model"

    @classmethod
    def read(cls, modules: Modules) -> Self | None:
        found = tuple(each for module in modules if not is_test(module.path) for each in training_calls(module))
        return cls(found) if found else None

    def __iter__(self) -> Iterator[Trains]:
        return iter(self.calls)

    @cached_property
    def scripts(self) -> tuple[Trains, ...]:
        """The first call of each Python file that trains when it is run, those named so first; examples and notebooks
        are none."""
        first = {each.path: each for each in reversed(self.calls) if each.runnable and is_main(each.path)}
        return tuple(sorted(first.values(), key=lambda each: (not is_script(each.path), each.path)))


def training_calls(module: Module) -> Iterator[Trains]:
    script, started, preparers = is_script(module.path), is_started(module), preparers_of(module)
    starter = script or bool(STARTER.fullmatch(module.path))
    functions = {each.name for each in module.imports} | {each.name for each in module.functions}
    for call in module.called(may_train):
        # A script of training may leave the work to a function of the tree.
        runs, method = started or not call.scope, call.name.rpartition(".")[2]
        delegated = starter and runs and call.name in functions and DELEGATES.fullmatch(method)
        if delegated or (trains(call) and call.name.rpartition(".")[0] not in preparers):
            yield Trains(module.path, call.line, call.name, script or started or not call.scope)


def is_script(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return bool(SCRIPT.fullmatch(name)) and not NOT_SCRIPT.fullmatch(name)


def preparers_of(module: Module) -> frozenset[str]:
    """Names that hold nothing but what prepares data."""
    if not any(map(PREPARERS.fullmatch, module.names)):
        return frozenset()
    made: dict[str, bool] = {}
    for each in module.assignments:
        call = str(each.value.get("call", "")) if isinstance(each.value, dict) else ""
        made[each.target] = made.get(each.target, True) and bool(PREPARERS.fullmatch(call))
    return frozenset(name for name, prepares in made.items() if prepares)


def is_started(module: Module) -> bool:
    """Whether something happens when the file is run: a test of `__name__`, or a command's decorator."""
    guarded = any(text.value == "__main__" for text in module.texts)
    decorated = (
        (decorator.get("name") or decorator.get("call") or "")
        for function in module.functions
        for decorator in function.decorators
        if isinstance(decorator, dict)
    )
    return guarded or any(
        re.search(r"hydra\.main|\.command|typer|click\.|zenml|prefect|flow$", each) for each in decorated
    )


@lru_cache(MOST_NAMES)
def may_train(name: str) -> bool:
    method = name.rpartition(".")[2]
    return method in METHODS or name in GRADIENTS or bool(DELEGATES.fullmatch(method))


def trains(call: Call) -> bool:
    receiver, _, method = call.name.rpartition(".")
    if PREPARES.search(receiver) or not receiver:
        return False
    if method in FITS:
        return not receiver.startswith(("scipy", "numpy", "plt", "matplotlib"))
    if method == "minimize":
        return bool(OPTIMISER.fullmatch(receiver))
    if method in STEPS or call.name in GRADIENTS:
        return True
    # `model.train()` only switches a mode; a trainer or a boosting library trains.
    named = any(f"{receiver.lower()}.".find(each) >= 0 for each in LEARNERS)
    return method in {"train", "learn"} and named and "mode" not in call.keywords
