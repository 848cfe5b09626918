from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.tree import Tree

JOBS = (
    ("trailing spaces", Ability.TRAILING_WHITESPACE, "trailing-whitespace"),
    ("the end of files", Ability.END_OF_FILE, "end-of-file-fixer"),
)


class Whitespace(Check):
    """Hooks mend whitespace

    Editors disagree about trailing spaces and last lines; without a hook every other diff is about them.

    Fix: add `id: trailing-whitespace` and `id: end-of-file-fixer` of https://github.com/pre-commit/pre-commit-hooks.
    """

    weight = 1
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks, tree: Tree) -> Iterator[Finding | Evidence]:
        # A formatter of Python does both, on the files that matter.
        files = tree.ending(".py", ".pyi") or list(tree)
        for what, ability, name in JOBS:
            able = hooks.doing(ability, Ability.PYTHON_FORMAT)
            given = [hook for hook in able if any(hook.filter.includes(file.path) is not False for file in files)]
            for hook in given:
                yield Evidence(f"{hook.id} mends {what}", hook.path, hook.line)
            if not given:
                yield Finding(f"no hook mends {what}: {name} and formatters were looked for", hooks.path)

    examples = (
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, "
                "hooks: [{id: trailing-whitespace}, {id: end-of-file-fixer}]}]",
            },
            "trailing spaces",
        ),
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-format}]}]"},
            "ruff-format mends the end of files",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: trailing-whitespace}]}]"},
            "no hook mends the end of files",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: prettier, types: [yaml]}]}]"},
            "no hook mends trailing spaces",
        ),
    )
