"""Where a script judges a model."""

from __future__ import annotations

import re

from apps.audit.facts.python.modules import Call, Module
from apps.audit.facts.training.training import is_started
from apps.audit.regex import regex

# Functions that a script leaves the judging to.
DELEGATES = regex(
    r"(run_|do_)?(evaluate|validate|test)(_(model|epoch|one_epoch|loop))?"
    r"|run_(evaluation|validation)|train_and_eval(uate)?"
)
JUDGES = regex(
    r"(.*\.)?((trainer|learner|model|estimator|pipeline|clf|classifier|regressor)[\w()]*\.(test|validate|evaluate|score)"
    r"|mlflow\.(models\.)?evaluate|sklearn\.metrics\.\w+|torchmetrics\.[\w.]+|evaluate\.load|pyspark\.ml(lib)?\.evaluation\.\w+|\w*evaluator\.(evaluate|compute))",
    re.IGNORECASE,
)


def judging_calls(module: Module) -> list[Call]:
    """Calls that judge a model by their name, by what was fitted there, or by a function that is left to do it."""
    fitted = {call.name.removesuffix(".fit") for call in module.calls if call.name.endswith(".fit")}
    judging = {f"{name}.{method}" for name in fitted for method in ("evaluate", "score")}
    if is_started(module):
        own = {each.name for each in module.imports} | {each.name for each in module.functions}
        judging |= {name for name in own if DELEGATES.fullmatch(name.rpartition(".")[2])}
    return [call for call in module.calls if JUDGES.fullmatch(call.name) or call.name in judging]
