from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, fails, ignores, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.hooks.hooks import Ability, Hooks


class ConfigValidation(Check):
    """A hook validates the configuration

    A misspelt hyper-parameter is valid YAML: it is ignored, and the run that took a night used the default.

    Fix: add a local hook that loads the configuration, such as `entry: python train.py --cfg job`, or
    `id: check-jsonschema` of https://github.com/python-jsonschema/check-jsonschema with `files: ^configs/`.
    """

    weight = 2
    effort = Effort.HOURS
    requires = (Configured,)

    def run(self, hooks: Hooks, configuration: Configuration) -> Iterator[Finding | Evidence | NotApplicable]:
        paths = [file.path for file in configuration]
        found = [
            hook
            for hook in hooks.doing(Ability.CONFIG_VALIDATION)
            if any(hook.filter.includes(path) is not False for path in paths) or not hook.repo
        ]
        for hook in found:
            yield Evidence(f"{hook.id} validates the configuration", hook.path, hook.line)
        if not paths:
            yield NotApplicable("no configuration")
        elif not found:
            yield Finding("no hook validates the configuration against a schema or by loading it", hooks.path)

    examples = (
        passes(
            {
                "configs/train.yaml": "lr: 1\n",
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: python train.py --cfg job}]}]",
            },
            "validates",
        ),
        passes(
            {
                "configs/train.yaml": "lr: 1\n",
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, "
                "hooks: [{id: a, entry: python scripts/validate_config.py}]}]",
            },
            "validates",
        ),
        passes(
            {
                "configs/train.yaml": "lr: 1\n",
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-jsonschema, files: ^configs/}]}]",
            },
            "check-jsonschema validates",
        ),
        fails(
            {
                "configs/train.yaml": "lr: 1\n",
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-jsonschema, files: ^.github/}]}]",
            },
            "no hook validates the configuration",
        ),
        fails(
            {
                "configs/train.yaml": "lr: 1\n",
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-yaml}]}]",
            },
            "no hook validates the configuration",
        ),
        ignores(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-yaml}]}]"}, "no configuration"
        ),
    )
