from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.hooks.ruff import Ruff
from apps.audit.facts.python.modules import Modules


class SecurityLint(Check):
    """A hook lints for security

    Unsafe loading, shell calls and weak hashes are easy to write and easy to find.

    Fix: select `S` in ruff's configuration (`[tool.ruff.lint]`, `extend-select = ["S"]`) beside the hook
    `ruff-check`, or add bandit.
    """

    weight = 2
    effort = Effort.MINUTES
    about = (Modules,)
    requires = (Configured,)

    def run(self, hooks: Hooks, ruff: Ruff) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.SECURITY_LINT)
        for hook in found:
            yield Evidence(f"{hook.id} lints for security", hook.path, hook.line)
        if found and (selection := ruff.selects("S")):
            yield Evidence(f"ruff selects {selection.selector}", selection.path, selection.line)
        if not found:
            yield Finding(
                "no hook lints for security: bandit, ruff with `S` selected and semgrep were looked for", hooks.path
            )

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: bandit}]}]"},
            "bandit lints for security",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]",
                "ruff.toml": "[lint]\nselect = ['ALL']\n",
            },
            "ruff-check lints for security",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: 'ruff check --select E,S'}]}]",
            },
            "lints for security",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]"},
            "no hook lints for security",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]",
                "pyproject.toml": "[tool.ruff.lint]\nselect = [\n  'E',\n  # 'S',\n]\n",
            },
            "no hook lints for security",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]",
                "ruff.toml": "[lint]\nselect = ['ALL']\nignore = ['S']\n",
            },
            "no hook lints for security",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-format}]}]",
                "ruff.toml": "[lint]\nselect = ['S']\n",
            },
            "no hook lints for security",
        ),
        ignores(
            {"a.sh": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: shellcheck}]}]"}, "no Python code"
        ),
    )
