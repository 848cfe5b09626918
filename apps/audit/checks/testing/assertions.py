from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.suite import Suite

RUNS = "def test_runs():\n    train(epochs=1)\n"
HELPER = "from tests.help import compare\n\n\ndef test_a():\n    compare(f(1), 2)\n"


class Assertions(Check):
    """Tests assert something

    A test that asserts nothing passes as long as nothing crashes, whatever the code computes.

    Fix: assert on what the code returns or writes, with a value that a fault would change:

        metrics = train(epochs=1)
        assert metrics["loss"][-1] < metrics["loss"][0]
    """

    weight = 3
    effort = Effort.HOURS
    requires = (HasTests,)
    share: float = threshold(95, "Least share of tests that assert something, in per cent.", most=100)

    def run(self, suite: Suite) -> Iterator[Finding | Evidence | NotApplicable]:
        judged = [test for test in suite if test.skipped != "skip"]
        if not judged:
            yield NotApplicable("every test is skipped")
            return
        empty = [test for test in judged if not test.asserts]
        if len(empty) * 100 > len(judged) * (100 - self.share):
            yield from (Finding(f"{test.name} asserts nothing that can fail", test.path, test.line) for test in empty)
        first = next((test for test in judged if test.asserts), judged[0])
        yield Evidence(f"{len(judged) - len(empty)} of {len(judged)} tests assert something", first.path, first.line)

    examples = (
        passes({"tests/test_a.py": "def test_a():\n    assert f(1) == 2\n"}, "1 of 1 tests assert"),
        passes({"tests/test_a.py": HELPER, "tests/help.py": "def compare(a, b):\n    assert a == b\n"}, "1 of 1"),
        passes(
            {"tests/test_a.py": "import pytest\ndef test_a():\n    with pytest.raises(ValueError):\n        f()\n"}, ""
        ),
        passes(
            {"tests/test_a.py": "def test_a(mocker):\n    m = mocker.patch('a.b')\n    m.assert_called_once()\n"}, ""
        ),
        fails({"tests/test_a.py": RUNS}, "test_runs asserts nothing that can fail"),
        fails({"tests/test_a.py": "def test_a():\n    assert True\n"}, "asserts nothing that can fail"),
        fails({"tests/test_a.py": "def test_a():\n    assert len(f()) >= 0\n"}, "asserts nothing that can fail"),
        ignores({"tests/test_a.py": f"import pytest\n@pytest.mark.skip\n{RUNS}"}, "every test is skipped"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
