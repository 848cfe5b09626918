from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.topics import Topic

PARITY = (
    "from fairlearn.metrics import demographic_parity_difference\n\n\ndef test_groups():\n"
    "    assert demographic_parity_difference(y, predict(x), sensitive_features=x['sex']) < 0.1\n"
)


class Fairness(Check):
    """A test compares groups of people

    A model may be good on average and bad for a group. Whoever does not compare the groups learns it from them.
    Not every model judges people, so this is judged only where the policy turns it on.

    Fix: compare an error rate between groups:

        def test_both_sexes_are_approved_alike() -> None:
            assert demographic_parity_difference(y, predict(x), sensitive_features=x["sex"]) < 0.1
    """

    weight = 1
    effort = Effort.HOURS
    on = False
    requires = (HasTests,)
    least: int = threshold(1, "Fewest tests of fairness.", least=1)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence | Unknown]:
        found = suite.about(Topic.FAIRNESS)
        if len(found) >= self.least:
            yield from (Evidence(f"{test.name} compares groups", test.path, test.line) for test in found[:20])
        else:
            yield from suite.unread or (Finding(f"none of {len(suite.tests)} tests compares groups of people"),)

    examples = (
        passes({"tests/test_groups.py": PARITY}, "test_groups compares groups"),
        fails({"tests/test_a.py": "def test_a():\n    assert f(1) == 2\n"}, "none of 1 tests compares groups"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
