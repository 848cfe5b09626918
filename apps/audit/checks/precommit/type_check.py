from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.python.modules import Modules


class TypeCheck(Check):
    """A hook checks types

    A type checker sees the wrong argument before the run that would have failed on it.

    Fix: add `id: mypy` of https://github.com/pre-commit/mirrors-mypy, or a local hook with `entry: uv run mypy`.
    """

    weight = 1
    effort = Effort.HOURS
    about = (Modules,)
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.TYPE_CHECK)
        for hook in found:
            yield Evidence(f"{hook.id} checks types", hook.path, hook.line)
        if not found:
            yield Finding(
                "no hook checks types: mypy, pyright, basedpyright, pyre, pyrefly, ty and pytype were looked for",
                hooks.path,
            )

    examples = (
        passes({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: mypy}]}]"}, "mypy checks types"),
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: uv run pyright}]}]"},
            "a checks types",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff}]}]"}, "no hook checks types"
        ),
        ignores(
            {"a.sh": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: shellcheck}]}]"}, "no Python code"
        ),
    )
