"""What an area shows beside its checks: a picture of the facts that they judge, and the same as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apps.experiments.pipeline_picture import Picture, draw
from apps.scorecards.report import Row

Facts = Mapping[str, Any]
Panel = dict[str, Any]
# From the narrow top to the broad base.
LAYERS = {
    "end_to_end": "End-to-end",
    "model_quality": "Model quality",
    "data_quality": "Data quality",
    "integration": "Integration",
    "unit": "Unit",
}
MOST_TESTS_SHOWN, MOST_HOOK_COLUMNS = 200, 12
# What hooks can do, in the words of the checks that ask for it.
CAPABILITIES = {
    "Format Python": ("python-format",),
    "Sort imports": ("import-order",),
    "Lint Python": ("python-lint",),
    "Check types": ("type-check",),
    "Find unsafe code": ("security-lint",),
    "Find secrets": ("secrets", "private-keys"),
    "Clear notebooks": ("notebook-outputs",),
    "Look into notebooks": ("notebooks",),
    "Refuse large files": ("large-files",),
    "Refuse models": ("model-files",),
    "Refuse merge conflicts": ("merge-conflicts",),
    "YAML, JSON, TOML": ("yaml-syntax", "json-syntax", "toml-syntax"),
    "Whitespace": ("trailing-whitespace", "end-of-file"),
    "Validate configuration": ("config-validation",),
    "Check DVC": ("dvc",),
}
PARTS = {
    "Random seeds": ("seed-", "deterministic-kernels", "estimators-seeded"),
    "Environment": ("python-version", "dependencies-locked", "operating-system", "hardware"),
    "Data": ("data-version", "preprocessing-versioned", "splits-seeded", "augmentation-seeded"),
    "Model": ("architecture-in-config", "initialisation-pinned", "hyperparameters-in-config"),
    "Training": (
        "optimiser-recorded", "scheduler-recorded", "batch-size-recorded", "epochs-recorded", "experiment-tracking",
    ),
    "Evaluation": (
        "metrics-defined", "test-set-versioned", "same-preprocessing", "no-absolute-paths", "model-registered",
    ),
}  # fmt: skip


def panel(area: str, facts: Facts, rows: Sequence[Row]) -> Panel | None:
    """What the area's template draws; None where there is nothing to draw."""
    reader = READERS.get(area)
    return reader(facts, rows) if reader else None


def structure(facts: Facts, rows: Sequence[Row]) -> Panel | None:
    return facts.get("layout")


def precommit(facts: Facts, rows: Sequence[Row]) -> Panel | None:
    coverage = facts.get("coverage")
    if not coverage or not coverage["kinds"]:
        return None
    hooks = [hook for hook in coverage["hooks"] if hook["does"]]
    columns = hooks[:MOST_HOOK_COLUMNS]
    matrix = [
        (capability, [bool(set(hook["does"]) & set(abilities)) for hook in columns])
        for capability, abilities in CAPABILITIES.items()
    ]
    kinds = [each | {"share": 100 * each["covered"] / each["files"]} for each in coverage["kinds"] if each["files"]]
    more = [hook["id"] for hook in hooks[MOST_HOOK_COLUMNS:]]
    return {"columns": columns, "matrix": matrix, "more": more, "kinds": kinds}


def dvc(facts: Facts, rows: Sequence[Row]) -> Panel | None:
    stages = facts.get("states")
    if not stages:
        return None
    picture: Picture = draw(stages)
    return {"picture": picture, "stages": stages, "counts": dict(Counter(stage["state"] for stage in stages))}


def reproducibility(facts: Facts, rows: Sequence[Row]) -> Panel | None:
    by_name = {row.slug.partition("/")[2]: row for row in rows if row.area == "reproducibility"}
    parts = [
        (part, sorted((row for name, row in by_name.items() if name.startswith(names)), key=lambda row: row.title))
        for part, names in PARTS.items()
    ]
    return {"parts": parts}


def testing(facts: Facts, rows: Sequence[Row]) -> Panel | None:
    tests = (facts.get("suite") or {}).get("tests") or []
    if not tests:
        return None
    counts = Counter(test["layer"] for test in tests)
    widest = max(counts.values())
    layers = [
        {
            "name": name,
            "count": counts[layer],
            "width": 100 * counts[layer] / widest,
            "left": 50 - 50 * counts[layer] / widest,
            "tests": [test for test in tests if test["layer"] == layer][:MOST_TESTS_SHOWN],
        }
        for layer, name in LAYERS.items()
    ]
    return {"layers": layers, "total": len(tests), "most": MOST_TESTS_SHOWN}


READERS: dict[str, Callable[[Facts, Sequence[Row]], Panel | None]] = {
    "structure": structure,
    "precommit": precommit,
    "dvc": dvc,
    "reproducibility": reproducibility,
    "testing": testing,
}
