from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks


class SecretScanning(Check):
    """A hook scans for secrets

    Keys and tokens end up in notebooks and configuration; once pushed they are known to others and must be replaced.

    Fix: add `id: gitleaks` of https://github.com/gitleaks/gitleaks, or detect-secrets with a committed baseline.
    """

    weight = 4
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.SECRETS)
        for hook in found:
            yield Evidence(f"{hook.id} scans for secrets", hook.path, hook.line)
        if not found:
            yield Finding(
                "no hook scans for secrets: gitleaks, detect-secrets, trufflehog, ggshield and others were looked for",
                hooks.path,
            )

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: gitleaks}]}]"}, "gitleaks scans"
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, "
                "hooks: [{id: a, entry: git secrets --pre_commit_hook}]}]",
            },
            "scans for secrets",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: detect-private-key}]}]"},
            "no hook scans for secrets",
        ),
    )
