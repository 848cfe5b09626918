from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.python.modules import Modules


class PythonLint(Check):
    """A hook lints Python

    A linter finds unused names, shadowed variables and plain mistakes before a training run does, hours later.

    Fix: add `id: ruff-check` of https://github.com/astral-sh/ruff-pre-commit.
    """

    weight = 2
    effort = Effort.MINUTES
    about = (Modules,)
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.PYTHON_LINT)
        for hook in found:
            yield Evidence(f"{hook.id} lints Python", hook.path, hook.line)
        if not found:
            yield Finding("no hook lints Python: ruff check, flake8, pylint and pyflakes were looked for", hooks.path)

    examples = (
        passes({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff}]}]"}, "ruff lints"),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: uv run flake8 src}]}]",
            },
            "a lints Python",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-format}]}]"},
            "no hook lints Python",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: ruff format}]}]"},
            "no hook lints Python",
        ),
        ignores(
            {"a.sh": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: shellcheck}]}]"}, "no Python code"
        ),
    )
