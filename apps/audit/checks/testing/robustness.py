from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.topics import Topic

NANS = "from app import predict\n\n\ndef test_missing_values():\n    assert predict({'age': None}) in {0, 1}\n"


class Robustness(Check):
    """Tests try odd input

    In use, values are missing, extreme, misspelt or noisy. A model should answer sensibly, and nobody knows whether
    it does until a test asks.

    Fix: change the input in a way that must not change the answer:

        def test_prediction_is_invariant_to_case() -> None:
            assert predict("Good film") == predict("good film")
    """

    weight = 2
    effort = Effort.HOURS
    requires = (HasTests,)
    least: int = threshold(1, "Fewest tests of robustness.", least=1)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence | Unknown]:
        found = suite.about(Topic.ROBUSTNESS)
        if len(found) >= self.least:
            yield from (Evidence(f"{test.name} tries odd input", test.path, test.line) for test in found[:20])
        else:
            said = f"none of {len(suite.tests)} tests is named for missing values, extremes, invariance or perturbation"
            yield from suite.unread or (Finding(said),)

    examples = (
        passes({"tests/test_predict.py": NANS}, "test_missing_values tries odd input"),
        fails({"tests/test_io.py": "def test_missing_file():\n    assert not exists('a')\n"}, "none of 1 tests"),
        fails({"tests/test_a.py": "def test_predict():\n    assert predict(1) == 2\n"}, "none of 1 tests"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
