from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.python.modules import Modules


class PythonFormat(Check):
    """A hook formats Python

    A formatter ends the talk about style, and a diff shows what changed and nothing else.

    Fix: add `id: ruff-format` of https://github.com/astral-sh/ruff-pre-commit.
    """

    weight = 2
    effort = Effort.MINUTES
    about = (Modules,)
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.PYTHON_FORMAT)
        for hook in found:
            yield Evidence(f"{hook.id} formats Python", hook.path, hook.line)
        if not found:
            yield Finding(
                "no hook formats Python: black, ruff-format, yapf, autopep8, blue and darker were looked for",
                hooks.path,
            )

    examples = (
        passes({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}]}]"}, "black formats"),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: make style}]}]",
                "Makefile": "style:\n\tuv run ruff format .\n",
            },
            "a formats Python",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: isort}]}]"},
            "no hook formats Python",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: flake8}]}]"},
            "no hook formats Python",
        ),
        ignores(
            {"a.sh": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: shellcheck}]}]"}, "no Python code"
        ),
    )
