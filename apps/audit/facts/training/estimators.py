"""Estimators that draw at random while they are fitted, and the seed that each gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.python.modules import Call, Module
from apps.audit.facts.training.seed_values import SeedValues
from apps.audit.regex import any_of, regex

RANDOM = regex(
    r"sklearn\.(\w+\.)*(RandomForest\w+|ExtraTrees?\w+|(Hist)?GradientBoosting\w+|DecisionTree\w+|LogisticRegression(CV)?"
    r"|SGD\w+|MLP(Classifier|Regressor)|(MiniBatch|Bisecting)?KMeans|(Bayesian)?GaussianMixture|AdaBoost\w+|Bagging\w+"
    r"|LinearSV[CR]|IsolationForest|Perceptron|PassiveAggressive\w+|TSNE|RandomizedSearchCV|SpectralClustering|NMF"
    r"|LatentDirichletAllocation|BernoulliRBM|RANSACRegressor)"
    r"|(xgboost|lightgbm)\.(\w+\.)*(XGB|LGBM)\w*(Classifier|Regressor|Ranker)|catboost\.CatBoost\w*|umap\.UMAP"
)
# Others draw only in some of their ways, so a seed that one is given counts and a missing one does not.
SEEDABLE = regex(r"sklearn\.(?!model_selection|utils|datasets)(\w+\.)*[A-Z]\w+")
SEEDS = ("random_state", "random_seed", "seed")
SEEDED = any_of(RANDOM, SEEDABLE)


class Estimator(NamedTuple):
    """One estimator as it is made. `seed` says what seeds it, `missing` what is wrong."""

    name: str
    path: str
    line: int
    seed: str
    missing: str


@dataclass(frozen=True)
class Estimators(Fact):
    """Every one that is made in code and notebooks, tests aside."""

    estimators: tuple[Estimator, ...]

    absent = "no estimator that takes random_state"

    @classmethod
    def read(cls, values: SeedValues) -> Self | None:
        found = tuple(
            read_call(call, module, values)
            for module in values.modules
            for call in module.called(SEEDED)
            if RANDOM.fullmatch(call.name) or (SEEDABLE.fullmatch(call.name) and "random_state" in call.keywords)
        )
        return cls(found) if found else None

    def __iter__(self) -> Iterator[Estimator]:
        return iter(self.estimators)


def read_call(call: Call, module: Module, values: SeedValues) -> Estimator:
    name = call.name.rpartition(".")[2]
    given = next((key for key in SEEDS if key in call.keywords), "")
    if given:
        null = values.null(call.keywords[given], call, module)
        return Estimator(name, module.path, call.line, "" if null else given, null.what if null else "")
    spread = call.keywords.get("**")
    source = str(spread.get("name", "")) if isinstance(spread, dict) else ""
    if source and (found := spread_seed(source, module, values)):
        return Estimator(name, module.path, call.line, f"{found} in {source}", "")
    return Estimator(
        name, module.path, call.line, "", f"no random_state in **{source}" if source else "no random_state"
    )


def spread_seed(source: str, module: Module, values: SeedValues) -> str:
    """The seed among arguments that are handed on with `**`: in a dictionary of the module, or in configuration."""
    for assignment in module.assignments:
        if assignment.target == source and isinstance(assignment.value, dict):
            entries = assignment.value.get("dict", {})
            return next((key for key in SEEDS if entries.get(key) is not None), "")
    keys = source.split(".")[1:] or [source]
    for document in values.documents:
        for start in range(len(keys)):
            table = document.table(*keys[start:])
            if found := next((key for key in SEEDS if table.get(key) is not None), ""):
                return found
    return ""
