from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite

SKIP = "import pytest\n\n\n@pytest.mark.skip(reason='slow')\ndef test_a():\n    assert f()\n"
SKIP_IF = "import pytest\n\n\n@pytest.mark.skipif(not GPU, reason='GPU')\ndef test_a():\n    assert f()\n"


class NotSkipped(Check):
    """Tests run

    A skipped test looks like a test and checks nothing. One that is expected to fail hides a fault that is known.

    Fix: mend the test or remove it. Where it depends on the machine, skip it on that condition only:
    `@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")`.
    """

    weight = 1
    effort = Effort.HOURS
    requires = (HasTests,)
    share: float = threshold(10, "Largest share of tests skipped or expected to fail, in per cent.", most=100)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence]:
        skipped = [test for test in suite if test.skipped]
        said = f"{len(skipped)} of {len(suite.tests)} tests skipped or expected to fail whatever happens"
        if len(skipped) * 100 > len(suite.tests) * self.share:
            words = {"skip": "always skipped", "xfail": "always expected to fail"}
            yield from (Finding(f"{test.name} is {words[test.skipped]}", test.path, test.line) for test in skipped)
        first = (skipped or suite.tests)[0]
        yield Evidence(said, first.path, first.line)

    examples = (
        passes({"tests/test_a.py": SKIP_IF}, "0 of 1 tests skipped"),
        passes({"tests/test_a.py": SKIP}, "1 of 1 tests skipped", share=100),
        fails({"tests/test_a.py": SKIP}, "test_a is always skipped"),
        fails({"tests/test_a.py": SKIP.replace("skip", "xfail")}, "test_a is always expected to fail"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
