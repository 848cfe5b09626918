"""What a test of data or of a model is about, beside its layer."""

from __future__ import annotations

import re
from enum import StrEnum

from apps.audit.facts.suite.layers import Layer
from apps.audit.facts.suite.material import Material
from apps.audit.facts.suite.reach import Reach
from apps.audit.regex import regex, words


class Topic(StrEnum):
    ROBUSTNESS = "robustness"
    DRIFT = "drift"
    FAIRNESS = "fairness"


ROBUST = regex(
    r"robust|invarian|perturb|nois[ey]|adversarial|extreme|outlier|edge case|\bnans?\b|null (value|input)"
    r"|missing (value|data|feature)|empty (input|text|data|frame|string)|corrupt|typo|unseen"
    r"|out of (range|distribution)|unknown categor"
)
ANSWERS = words(
    r"(^|[._])(\w*predict\w*|\w*model\w*|\w*infer\w*|transform\w*|preprocess\w*|\w*clean\w*|\w*feature\w*|post)$",
    re.IGNORECASE,
)
DRIFTS = regex(r"drift|population stability|\bpsi\b|distribution shift|covariate shift|\bskew\b|ks test|distribution")
DRIFT_CALLS = words(
    r"(^|[._])(ks_2samp|wasserstein_distance|population_stability_index|DataDriftPreset|TargetDriftPreset|DataDriftTestPreset|DataDriftTable"
    r"|FeatureDrift|TrainTestFeatureDrift|PredictionDrift|jensenshannon|TabularDrift|KSDrift|MMDDrift|calculate_psi"
    r"|chi2_contingency)$"
)

FAIR = regex(r"\bfair(ness|ly)?\b|\bbias(ed)?\b|demographic parity|equal(is|iz)ed odds|equal opportunity|disparate")
FAIR_CALLS = words(
    r"^(fairlearn|aif360)\.|(^|[._])(demographic_parity|equalized_odds|equal_opportunity|disparate_impact)\w*$",
    re.IGNORECASE,
)


def topics(reach: Reach, material: Material, layer: Layer) -> frozenset[Topic]:
    found = set[Topic]()
    name = f"{reach.found.index.module.path.rpartition('/')[2]} {reach.found.function.name}".lower().replace("_", " ")
    answers = any(map(ANSWERS.search, reach.own.called))
    if ROBUST.search(name) and (answers or layer is Layer.MODEL_QUALITY) and not reach.words.startswith("docs"):
        found.add(Topic.ROBUSTNESS)
    # A test of drift-detection code on made-up values says nothing of drift.
    measured = material.data or layer in {Layer.DATA_QUALITY, Layer.MODEL_QUALITY}
    if measured and (DRIFTS.search(name) or any(map(DRIFT_CALLS.search, reach.all.called))):
        found.add(Topic.DRIFT)
    if (FAIR.search(name) and answers) or any(map(FAIR_CALLS.search, reach.all.called)):
        found.add(Topic.FAIRNESS)
    return frozenset(found)
