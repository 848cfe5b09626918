from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.layers import Layer

ONE = "def test_a():\n    assert 1 + 1 == 2\n"
TWO = f"{ONE}\n\ndef test_b():\n    assert 1 + 1 == 2\n"


class PyramidShape(Check):
    """More small tests than large ones

    Large tests are slow and say little about where the fault is. A suite that stands on them is left unrun.

    Fix: for each integration or end-to-end test that has failed, add the unit test that would have said why.
    """

    weight = 2
    effort = Effort.DAYS
    requires = (HasTests,)
    leeway: float = threshold(10, "By how much a layer may outnumber the one below it, in per cent.", most=100)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence | NotApplicable]:
        layers = (Layer.UNIT, Layer.INTEGRATION, Layer.END_TO_END)
        unit, integration, end = (suite.counts[layer] for layer in layers)
        if not unit + integration + end:
            yield NotApplicable("tests of data and of models only")
            return
        more = 1 + self.leeway / 100
        shape = f"{unit} unit, {integration} integration and {end} end-to-end tests"
        if integration > unit * more:
            yield Finding(f"more integration than unit tests: {shape}", suite.of(Layer.INTEGRATION)[0].path)
        if end > integration * more:
            yield Finding(f"more end-to-end than integration tests: {shape}", suite.of(Layer.END_TO_END)[0].path)
        first = suite.tests[0]
        yield Evidence(shape, first.path, first.line)

    examples = (
        passes({"tests/unit/test_a.py": TWO, "tests/integration/test_b.py": ONE}, "2 unit, 1 integration and 0 end"),
        passes({"tests/unit/test_a.py": ONE}, "1 unit, 0 integration"),
        fails({"tests/unit/test_a.py": ONE, "tests/integration/test_b.py": TWO}, "more integration than unit tests"),
        fails({"tests/unit/test_a.py": ONE, "tests/e2e/test_b.py": ONE}, "more end-to-end than integration tests"),
        ignores({"tests/data_quality/test_a.py": ONE}, "tests of data and of models only"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
