"""Where a script judges a model."""

from __future__ import annotations

import pytest

from apps.audit.facts import Facts
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.training.evaluation import judging_calls
from apps.audit.sources import from_memory


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("r = evaluator.evaluate(p)", ["evaluator.evaluate"]),
        ("rmse_evaluator.evaluate(p)", ["rmse_evaluator.evaluate"]),
        (
            "from pyspark.ml.evaluation import RegressionEvaluator as R\nR()",
            ["pyspark.ml.evaluation.RegressionEvaluator"],
        ),
        ("class Evaluator:\n    def evaluate(self):\n        pass", []),
        ("m.fit(x)\nm.evaluate(y)", ["m.evaluate"]),
        ("calculator.evaluate(y)", []),
    ],
)
def test_calls_that_judge(code: str, expected: list[str]) -> None:
    modules = Facts(from_memory({"train.py": code + "\n"})).get(Modules)
    assert modules
    assert [call.name for call in judging_calls(next(iter(modules)))] == expected
