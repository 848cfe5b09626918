from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.hooks.ruff import Ruff
from apps.audit.facts.python.modules import Modules


class ImportOrder(Check):
    """A hook sorts imports

    Sorted imports do not collide in merges, and what a file needs is seen at one glance.

    Fix: select `I` in ruff's configuration (`[tool.ruff.lint]`, `extend-select = ["I"]`) beside the hook `ruff-check`.
    """

    weight = 1
    effort = Effort.MINUTES
    about = (Modules,)
    requires = (Configured,)

    def run(self, hooks: Hooks, ruff: Ruff) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.IMPORT_ORDER)
        for hook in found:
            yield Evidence(f"{hook.id} sorts imports", hook.path, hook.line)
        if found and (selection := ruff.selects("I")):
            yield Evidence(f"ruff selects {selection.selector}", selection.path, selection.line)
        if not found:
            yield Finding(
                "no hook sorts imports: isort, ruff with `I`, usort and reorder-python-imports were looked for",
                hooks.path,
            )

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: isort}]}]"}, "isort sorts imports"
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]",
                "ruff.toml": "[lint]\nselect = ['ALL']\n",
            },
            "ruff-check sorts imports",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: 'ruff check --select E,I'}]}]",
            },
            "sorts imports",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]"},
            "no hook sorts imports",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]",
                "pyproject.toml": "[tool.ruff.lint]\nselect = [\n  'E',\n  # 'I',\n]\n",
            },
            "no hook sorts imports",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]",
                "ruff.toml": "[lint]\nselect = ['ALL']\nignore = ['I']\n",
            },
            "no hook sorts imports",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-format}]}]",
                "ruff.toml": "[lint]\nselect = ['I']\n",
            },
            "no hook sorts imports",
        ),
        ignores(
            {"a.sh": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: shellcheck}]}]"}, "no Python code"
        ),
    )
