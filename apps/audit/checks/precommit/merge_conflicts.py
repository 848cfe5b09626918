from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks


class MergeConflicts(Check):
    """A hook stops unresolved merges

    A conflict marker that is committed breaks the file for everyone who pulls.

    Fix: add `id: check-merge-conflict` of https://github.com/pre-commit/pre-commit-hooks.
    """

    weight = 1
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.MERGE_CONFLICTS)
        for hook in found:
            yield Evidence(f"{hook.id} stops conflict markers", hook.path, hook.line)
        if not found:
            yield Finding("no hook stops conflict markers: check-merge-conflict was looked for", hooks.path)

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-merge-conflict}]}]"},
            "stops conflict markers",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-case-conflict}]}]"},
            "no hook stops conflict markers",
        ),
    )
