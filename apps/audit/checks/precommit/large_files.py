from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes, threshold
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks


class LargeFilesHook(Check):
    """A hook stops large files

    Git keeps every version for ever; the moment before the commit is the last one at which a dataset costs nothing.

    Fix: add `id: check-added-large-files` of https://github.com/pre-commit/pre-commit-hooks with `args: [--maxkb=500]`.
    """

    weight = 3
    effort = Effort.MINUTES
    requires = (Configured,)
    kilobytes: float = threshold(1000, "Largest file that the hook may let through, in kilobytes.")

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.LARGE_FILES)
        strict = [hook for hook in found if hook.large_file_limit <= self.kilobytes]
        for hook in strict:
            yield Evidence(f"{hook.id} stops files over {hook.large_file_limit:g} kB", hook.path, hook.line)
        if found and not strict:
            hook = min(found, key=lambda hook: hook.large_file_limit)
            message = f"{hook.id} lets files of {hook.large_file_limit:g} kB through"
            yield Finding(message, hook.path, hook.line, f"set `args: [--maxkb={self.kilobytes:g}]` or less.")
        elif not found:
            yield Finding("no hook stops large files: check-added-large-files was looked for", hooks.path)

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-added-large-files}]}]"},
            "over 500 kB",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, "
                "hooks: [{id: check-added-large-files, args: [--maxkb=1000]}]}]",
            },
            "over 1000 kB",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, "
                "hooks: [{id: check-added-large-files, args: [--maxkb, '5120']}]}]",
            },
            "of 5120 kB",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}]}]"},
            "no hook stops large files",
        ),
    )
