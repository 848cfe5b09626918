from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.hooks.hooks import Ability, Hooks


class DvcHooks(Check):
    """Hooks keep DVC in step

    Without them a commit can name data that was never added or pushed, and nobody else can check it out.

    Fix: run `dvc install --use-pre-commit-tool` and commit what it wrote, or add a local hook with `entry: dvc status`.
    """

    weight = 2
    effort = Effort.MINUTES
    about = (Dvc,)
    requires = (Configured,)

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        found = hooks.doing(Ability.DVC)
        for hook in found:
            yield Evidence(f"{hook.id} runs DVC", hook.path, hook.line)
        if not found:
            yield Finding("no hook runs DVC: dvc-pre-commit, dvc-pre-push and dvc status were looked for", hooks.path)

    examples = (
        passes(
            {
                "a.py": "",
                "a.csv.dvc": "outs:\n- path: a.csv\n",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: dvc-pre-commit}]}]",
            },
            "runs DVC",
        ),
        passes(
            {
                "a.py": "",
                "dvc.yaml": "stages: {}\n",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: dvc status}]}]",
            },
            "runs DVC",
        ),
        fails(
            {
                "a.py": "",
                "dvc.yaml": "stages: {}\n",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: dvc pull}]}]",
            },
            "no hook runs DVC",
        ),
        ignores({"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}]}]"}, "no DVC files"),
    )
