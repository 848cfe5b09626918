from collections.abc import Iterator
from typing import Any

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.automation.commands import Command
from apps.audit.facts.automation.workflows import Workflows
from apps.audit.facts.documents import Documents

# Where pytest reads its options, and where coverage reads its floor.
OPTIONS = (
    ("pytest.ini", ("pytest", "addopts")),
    ("pyproject.toml", ("tool", "pytest", "ini_options", "addopts")),
    ("pyproject.toml", ("tool", "pytest", "addopts")),
    ("setup.cfg", ("tool:pytest", "addopts")),
    ("tox.ini", ("pytest", "addopts")),
)
FLOORS = (
    (".coveragerc", ("report", "fail_under")),
    ("pyproject.toml", ("tool", "coverage", "report", "fail_under")),
    ("setup.cfg", ("coverage:report", "fail_under")),
    ("tox.ini", ("coverage:report", "fail_under")),
)
TESTS = {"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"}
WORKFLOW = "on: [push]\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {}\n"
CI = ".github/workflows/ci.yml"


class CoverageMeasured(Check):
    """Coverage is measured

    Coverage says which code no test has ever run. A floor keeps new code from slipping in untested.

    Fix: set a floor in pyproject.toml, and have CI run `pytest --cov`:

        [tool.coverage.report]
        fail_under = 80
    """

    weight = 2
    effort = Effort.MINUTES
    requires = (HasTests,)

    def run(self, documents: Documents, workflows: Workflows | None) -> Iterator[Finding | Evidence | Unknown]:
        found = list(floors(documents))
        commands = workflows.on_change if workflows else ()
        found += [
            Evidence(f"CI runs {command}"[:200], command.path, command.line) for command in commands if covers(command)
        ]
        pytest = next((command for command in commands if command.tool in {"pytest", "py.test"}), None)
        for option in pytest_options(documents):
            if "--cov-fail-under" in option.message or (pytest and "--cov" in option.message):
                found.append(option)
        yield from found
        if not found:
            missing = Finding("no floor for coverage, and no --cov or coverage run in what CI runs")
            yield from (workflows.unread or workflows.unseen if workflows else ()) or (missing,)

    examples = (
        passes({**TESTS, CI: WORKFLOW.format("pytest --cov=src tests")}, "CI runs pytest --cov=src"),
        passes({**TESTS, CI: WORKFLOW.format("coverage run -m pytest")}, "CI runs coverage run"),
        passes({**TESTS, CI: WORKFLOW.format("pytest"), "pytest.ini": "[pytest]\naddopts = --cov=a\n"}, "--cov=a"),
        passes({**TESTS, "pyproject.toml": "[tool.coverage.report]\nfail_under = 80\n"}, "a floor of 80"),
        fails({**TESTS, "pyproject.toml": "[tool.coverage.run]\nbranch = true\n"}, "no floor for coverage"),
        fails({**TESTS, "pytest.ini": "[pytest]\naddopts = --cov=a\n"}, "no floor for coverage"),
        fails({**TESTS, "pyproject.toml": "[tool.coverage.report]\nfail_under = 0\n"}, "no floor for coverage"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )


def floors(documents: Documents) -> Iterator[Evidence]:
    for name, keys in FLOORS:
        for document in documents.named(name):
            if (value := document.get(*keys)) and str(value).strip() not in {"0", "0.0"}:
                yield Evidence(f"a floor of {str(value)[:20]} %", document.path, document.line(*keys))


def pytest_options(documents: Documents) -> Iterator[Evidence]:
    for name, keys in OPTIONS:
        for document in documents.named(name):
            value: Any = document.get(*keys)
            words = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
            yield Evidence(" ".join(words.split())[:200], document.path, document.line(*keys))


def covers(command: Command) -> bool:
    if command.tool == "coverage":
        return command.words[:1] in {("run",), ("report",), ("xml",)}
    return command.tool in {"pytest", "py.test"} and any(arg.startswith("--cov") for arg in command.args)
