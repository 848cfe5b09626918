"""Preprocessors that are fitted, and whether one of them sees the test set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.python.modules import Call, Module, Modules
from apps.audit.facts.training.data_flow import Flow, given
from apps.audit.facts.training.splits import SHUFFLED
from apps.audit.facts.training.training import PREPARES
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

FITS = {"fit", "fit_transform"}
TEST = regex(r"(^|[._])(x_|X_|df_)?(test|valid|validation|val|holdout)(_\w+)?$")
# Fitted on labels, vocabularies or a finished model, they learn nothing of the rows.
HARMLESS = regex(r"importance|explain|label|target|tokeni[sz]er|ordinal|le$|lb$|mlb$", re.IGNORECASE)
PIPELINES = regex(
    r"(sklearn|imblearn)\.(\w+\.)*(Pipeline|make_pipeline|ColumnTransformer|make_column_transformer)|pyspark\.ml\.(\w+\.)?Pipeline"
)


class Fitted(NamedTuple):
    """One call that fits a preprocessor; `leak` says how it sees the test set."""

    call: str
    path: str
    line: int
    leak: str


@dataclass(frozen=True)
class Preprocessors(Fact):
    """Every fitted one in code and notebooks, and pipelines that hold one; tests aside."""

    fitted: tuple[Fitted, ...]

    absent = "no preprocessor is fitted"

    @classmethod
    def read(cls, modules: Modules) -> Self | None:
        found = tuple(each for module in modules if not is_test(module.path) for each in fits(module))
        return cls(found) if found else None

    def __iter__(self) -> Iterator[Fitted]:
        return iter(self.fitted)


def fits(module: Module) -> Iterator[Fitted]:
    if not any(PIPELINES.fullmatch(name) or name.rpartition(".")[2] in FITS for name in module.names):
        return
    made = {each.target: str(each.value.get("call", "")) for each in module.assignments if isinstance(each.value, dict)}
    splits = [call for call in module.called(SHUFFLED.fullmatch) if call.name.endswith("train_test_split")]
    flows: dict[str, Flow] = {}
    for position, call in enumerate(module.calls):
        receiver, _, method = call.name.rpartition(".")
        if PIPELINES.fullmatch(call.name):
            yield Fitted(call.name.rpartition(".")[2], module.path, call.line, "")
        elif method in FITS and is_preprocessor(receiver, made):
            later = [split for split in splits if split.scope == call.scope and is_after(split, call, module, position)]
            if later and call.scope not in flows:
                flows[call.scope] = Flow(call.scope, module)
            fitted = [*given(call), {"call": call.name}]
            follows = any(flows[call.scope].joins(fitted, given(split)) for split in later)
            yield Fitted(call.name, module.path, call.line, leak(call, follows))


def is_preprocessor(receiver: str, made: dict[str, str]) -> bool:
    name = f"{receiver} {made.get(receiver, '')}"
    return bool(PREPARES.search(name)) and not HARMLESS.search(name)


def is_after(split: Call, call: Call, module: Module, position: int) -> bool:
    """Notebooks have only the lines of their cells, so the order of the calls decides."""
    return split in module.calls[position + 1 :] if module.is_notebook else split.line > call.line


def leak(call: Call, split_follows: bool) -> str:
    first = call.args[0] if call.args else next(iter(call.keywords.values()), None)
    name = str(first.get("name", "")) if isinstance(first, dict) else ""
    if TEST.search(name):
        return "is fitted on the test set"
    return "is called before the split" if split_follows and "train" not in name.lower() else ""
