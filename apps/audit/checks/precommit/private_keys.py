from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hooks


class PrivateKeys(Check):
    """A hook stops private keys

    A private key that was pushed has to be replaced everywhere it was trusted.

    Fix: add `id: detect-private-key` of https://github.com/pre-commit/pre-commit-hooks, or a secret
    scanner such as gitleaks.
    """

    weight = 2
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.PRIVATE_KEYS, Ability.SECRETS)
        for hook in found:
            yield Evidence(f"{hook.id} stops private keys", hook.path, hook.line)
        if not found:
            yield Finding(
                "no hook stops private keys: detect-private-key and secret scanners were looked for", hooks.path
            )

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: detect-private-key}]}]"},
            "detect-private-key stops",
        ),
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: gitleaks}]}]"}, "gitleaks stops"
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: detect-aws-credentials}]}]"},
            "no hook stops private keys",
        ),
        ignores({"a.py": ""}, "needs: precommit/configured"),
    )
