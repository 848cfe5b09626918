from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.facts.python.modules import Modules
from apps.audit.facts.suite import Suite

TEST = "def test_clean() -> None:\n    assert clean(' a') == 'a'\n"
CASE = "import unittest\n\nclass A(unittest.TestCase):\n    def test_it(self):\n        self.assertTrue(clean())\n"
BUILD = "steps:\n- name: image\n  entrypoint: 'pytest'\n  args: ['tests/a_tests.py::test_clean', '-s']\n"
MOST_FILES = 20


class HasTests(Check):
    """There are tests

    Without tests nobody can change the code and know that it still does what it did.

    Fix: begin with one function in `tests/test_<module>.py`, and run `pytest`:

        from package.module import clean_text

        def test_clean_text() -> None:
            assert clean_text(" A ") == "a"
    """

    weight = 5
    effort = Effort.DAYS

    def run(self, suite: Suite, modules: Modules) -> Iterator[Finding | Evidence | Unknown]:
        if suite.tests:
            first = {test.path: test for test in reversed(suite.tests)}
            for test in list(first.values())[::-1][:MOST_FILES]:
                said = f"{len(suite.tests)} test functions in {len(first)} files, {test.name} among them"
                yield Evidence(said, test.path, test.line)
        else:
            said = f"no test function that pytest or unittest collects in {len(modules.modules)} Python files"
            yield from suite.unread or (Finding(said),)

    examples = (
        passes({"tests/test_clean.py": TEST}, "1 test functions in 1 files"),
        passes({"package/tests.py": CASE}, "1 test functions"),
        passes({"pkg/clean_test.py": TEST}, "1 test functions"),
        passes({"checks/a.py": TEST, "pytest.ini": "[pytest]\npython_files = *.py\n"}, "1 test functions"),
        passes({"src/tests/a_tests.py": TEST, "Makefile": "test:\n\tpytest -q src/tests/a_tests.py\n"}, "in 1 files"),
        passes({"tests/a_tests.py": TEST, "build/ci.yaml": BUILD}, "1 test functions"),
        fails({"tests/a_tests.py": TEST, "build/ci.yaml": BUILD.replace("a_tests", "b_tests")}, "no test function"),
        fails({"tests/a_tests.py": TEST, "run.sh": "# pytest tests/a_tests.py\npytest tests\n"}, "no test function"),
        fails({"train.py": "import torch\n"}, "no test function"),
        fails({"test.py": "def test(model, loader):\n    return model(loader)\n"}, "no test function"),
        fails({"src/test_model.py": "def test_epoch(model, loader):\n    model(loader)\n"}, "no test function"),
        fails({"tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef test_df():\n    return 1\n"}, "no test"),
        ignores({"README.md": "Words.\n"}, "no Python code"),
    )
