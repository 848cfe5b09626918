from collections.abc import Iterator

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Unknown,
    fails,
    ignores,
    passes,
    threshold,
)
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.project import Project
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.layers import Layer

LOADED = (
    "import joblib\nfrom sklearn.metrics import f1_score\n\n\ndef model():\n    return joblib.load('models/m.pkl')\n"
)
BOUND = "\n\ndef test_f1():\n    assert f1_score(Y, joblib.load('models/m.pkl').predict(X)) > 0.8\n"
INVARIANT = "\n\ndef test_invariance():\n    m = joblib.load('models/m.pkl')\n    assert m.predict(A) == m.predict(B)\n"
TOY = "from app import Model\n\n\ndef test_fit():\n    m = Model().fit([1, 2], [0, 1])\n    assert m.score() == 1.0\n"
LIBRARY = {"pyproject.toml": "[project]\nname = 'a'\n", "a/__init__.py": "x = 1\n"}


class ModelQuality(Check):
    """Tests judge the trained model

    The code may be right and the model useless. Only a test that loads or trains it and compares its quality with a
    bound stops a worse model from being shipped.

    Fix: load the model that is to be shipped, and assert its quality on held-out data, whole and by group:

        def test_f1_of_each_class() -> None:
            scores = f1_score(labels, load_model().predict(held_out), average=None)
            assert min(scores) > 0.8
    """

    weight = 4
    effort = Effort.HOURS
    requires = (HasTests,)
    least: int = threshold(2, "Fewest tests of the model's quality.", least=1)

    def run(self, suite: Suite, project: Project) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        found = suite.of(Layer.MODEL_QUALITY)
        if len(found) >= self.least:
            yield from (Evidence(f"{test.name} {test.why}", test.path, test.line) for test in found[:20])
        elif not found and project.kind in {ProjectKind.LIBRARY, ProjectKind.TEMPLATE}:
            yield NotApplicable(f"a {project.kind} without a model of its own: {project.why}")
        else:
            place = (found[0].path, found[0].line) if found else ("", None)
            said = f"{len(found)} tests of the model's quality, where {self.least} are wanted"
            yield from suite.unread or (Finding(said, *place),)

    examples = (
        passes({"tests/test_m.py": LOADED + BOUND + INVARIANT}, "a bound on"),
        fails({"tests/test_m.py": LOADED + BOUND}, "1 tests of the model's quality, where 2 are wanted"),
        fails({"tests/test_m.py": TOY, "train.py": "model.fit(x)\n"}, "0 tests of the model's quality"),
        ignores({**LIBRARY, "tests/test_a.py": TOY}, "library without a model of its own"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
