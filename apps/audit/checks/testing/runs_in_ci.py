from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, ignores, passes
from apps.audit.checks.testing.has_tests import HasTests
from apps.audit.facts.automation.commands import Command
from apps.audit.facts.automation.workflows import Workflows
from apps.audit.regex import regex

RUNNERS = {"pytest", "py.test", "unittest", "nose2", "nosetests", "behave", "robot", "trial", "pytest-xdist", "stestr"}
TEST_SCRIPT = regex(r"(.*/)?(tests?/|run_tests?|test_).*\.py")
TESTS = {"tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n"}
WORKFLOW = "on: [push]\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v5\n      - run: {}\n"
AZURE = "pr: [main]\npool: x\njobs:\n- job: a\n  steps:\n  - template: lint.yml\n"
CI = ".github/workflows/ci.yml"


class RunsInCi(Check):
    """Continuous integration runs the tests

    Tests that run only on somebody's machine are forgotten, and fail unseen.

    Fix: add a step to the workflow that runs on every push or pull request:

        - run: pip install -r requirements-dev.txt
        - run: pytest
    """

    weight = 4
    effort = Effort.HOURS
    requires = (HasTests,)

    def run(self, workflows: Workflows | None) -> Iterator[Finding | Evidence | Unknown]:
        if workflows is None:
            yield Finding("no CI configuration runs anything")
            return
        found = [command for command in workflows.on_change if runs_tests(command)]
        for command in found[:5]:
            yield Evidence(str(command)[:200], command.path, command.line)
        uses = [use for use in workflows.uses_on_change if "pytest" in use.name.lower()]
        for use in uses[:5]:
            yield Evidence(f"uses {use.name}", use.path, use.line)
        if not found and not uses:
            first = next((each.path for each in workflows), "")
            missing = Finding("nothing that runs on push or pull request runs the tests", first)
            yield from workflows.unread or workflows.unseen or (missing,)

    examples = (
        passes({**TESTS, CI: WORKFLOW.format("uv run pytest -q")}, "pytest -q"),
        passes({**TESTS, CI: WORKFLOW.format("python -m unittest")}, "unittest"),
        passes({**TESTS, CI: WORKFLOW.format("make test"), "Makefile": "test:\n\tpytest tests\n"}, "pytest tests"),
        fails({**TESTS, CI: WORKFLOW.format("pip install pytest")}, "nothing that runs on push or pull request"),
        fails({**TESTS, CI: WORKFLOW.format("pytest").replace("[push]", "workflow_dispatch")}, "nothing that runs"),
        fails({**TESTS, CI: "# run: pytest\n" + WORKFLOW.format("ruff check")}, "nothing that runs"),
        fails(TESTS, "no CI configuration"),
        passes({**TESTS, ".pipelines/pr.yml": AZURE, ".pipelines/lint.yml": "steps:\n- script: pytest\n"}, "pytest"),
        ignores({"a.py": "x = 1\n"}, "needs: testing/has-tests"),
    )


def runs_tests(command: Command) -> bool:
    if command.tool in RUNNERS or command.calls("hatch", "test") or command.calls("bazel", "test"):
        return "--version" not in command.args and "--collect-only" not in command.args
    script = command.words[0] if command.words else ""
    if command.tool == "python":
        return command.words[:2] in {("manage.py", "test"), ("setup.py", "test")} or bool(TEST_SCRIPT.fullmatch(script))
    return False
