from collections.abc import Iterator
from math import ceil

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes, threshold
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.suite import Suite
from apps.audit.facts.suite.layers import Layer
from apps.audit.facts.tree import is_test

TESTS = {"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"}


class Unit(Check):
    """Unit tests cover the code

    Unit tests run in seconds and say which function broke. Everything above them is slower and vaguer.

    Fix: test one function with small values of your own, first those that handle data:

        def test_fills_missing_ages() -> None:
            assert fill_age(pd.DataFrame({"age": [None, 2.0]}))["age"].tolist() == [2.0, 2.0]
    """

    weight = 4
    effort = Effort.DAYS
    requires = (HasTests,)
    lines: int = threshold(200, "Lines of code for which there must be one unit test.", least=1)

    def run(self, suite: Suite, modules: Modules) -> Iterator[Finding | Evidence]:
        code = sum(module.code_lines for module in modules if not module.is_notebook and not is_test(module.path))
        unit, wanted = suite.of(Layer.UNIT), ceil(code / self.lines)
        said = f"{len(unit)} unit tests for {code:,} lines of code"
        if len(unit) * self.lines >= code and (unit or not code):
            yield Evidence(said, *((unit[0].path, unit[0].line) if unit else ()))
        else:
            yield Finding(f"{said}, where {wanted} are wanted", unit[0].path if unit else "")

    examples = (
        passes({**TESTS, "a.py": "x = 1\n" * 150}, "1 unit tests for 150 lines"),
        passes({**TESTS, "a.py": "# a comment\n\n" * 500 + "x = 1\n"}, "1 unit tests for 1 lines"),
        fails({**TESTS, "a.py": "x = 1\n" * 250}, "1 unit tests for 250 lines of code, where 2 are wanted"),
        fails({**TESTS, "a.py": "x = 1\n" * 50}, "where 2 are wanted", lines=25),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )
