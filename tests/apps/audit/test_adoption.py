"""Whoever takes up a practice from nothing must not pay for it: the first step never lowers a score."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from apps.audit.engine import Audit
from apps.audit.policy import Policy
from apps.audit.score import evaluate
from apps.audit.sources import from_memory

TRAIN = "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n\n"
TRAIN += 'data = pd.read_csv("data/raw.csv")\nmodel = LogisticRegression(random_state=1).fit(data[["x"]], data["y"])\n'
BASES: dict[str, Mapping[str, str]] = {
    "a script": {"train.py": TRAIN},
    "a script with requirements": {"train.py": TRAIN, "requirements.txt": "pandas\nscikit-learn\n"},
    "a package": {
        "pyproject.toml": '[project]\nname = "churn"\ndependencies = ["pandas", "scikit-learn"]\n',
        "src/churn/__init__.py": "",
        "src/churn/train.py": TRAIN,
        "README.md": "# Churn\n\n## Install\n\npip install churn\n",
    },
    "notebooks": {"notebooks/a.ipynb": '{"cells": [{"cell_type": "code", "source": "import pandas", "outputs": []}]}'},
}
STEPS: dict[str, Mapping[str, str]] = {
    "hooks": {
        ".pre-commit-config.yaml": "repos:\n- repo: https://github.com/pre-commit/pre-commit-hooks\n  rev: v5.0.0\n"
        "  hooks:\n  - id: trailing-whitespace\n"
    },
    "one test": {"tests/test_one.py": "def test_one():\n    assert 1 + 1 == 2\n"},
    "dvc for data": {
        ".dvc/config": "",
        "data/raw.csv.dvc": "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  size: 8\n  hash: md5\n  path: raw.csv\n",
        "data/.gitignore": "/raw.csv\n",
    },
}


def score(files: Mapping[str, str]) -> float:
    results = Audit(from_memory(files), Policy()).results
    return evaluate({slug: result.outcome for slug, result in results.items()}, Policy()).score or 0


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("base", BASES)
def test_the_first_step_never_costs(base: str, step: str) -> None:
    assert score({**BASES[base], **STEPS[step]}) >= score(BASES[base])
