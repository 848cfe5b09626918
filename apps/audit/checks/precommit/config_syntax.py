from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.coverage import COMMENTED
from apps.audit.facts.hooks.hooks import Ability, Hooks
from apps.audit.facts.tree import Tree, is_template

LANGUAGES = (
    ("YAML", Ability.YAML_SYNTAX, (".yaml", ".yml"), "check-yaml"),
    ("JSON", Ability.JSON_SYNTAX, (".json",), "check-json"),
    ("TOML", Ability.TOML_SYNTAX, (".toml",), "check-toml"),
)


class ConfigSyntax(Check):
    """Hooks check the syntax of configuration

    A stray tab in a YAML file is found by the cluster, an hour after the job was queued, or by a hook, at once.

    Fix: add `id: check-yaml`, `id: check-json` and `id: check-toml` of https://github.com/pre-commit/pre-commit-hooks.
    """

    weight = 1
    effort = Effort.MINUTES
    requires = (Configured,)

    def run(self, hooks: Hooks, tree: Tree) -> Iterator[Finding | Evidence]:
        for language, ability, endings, name in LANGUAGES:
            every = (file.path for file in tree.ending(*endings) if not is_template(file.path))
            files = [path for path in every if not COMMENTED.fullmatch(path)]
            found = [
                hook for hook in hooks.doing(ability) if any(hook.filter.includes(path) is not False for path in files)
            ]
            for hook in found:
                yield Evidence(f"{hook.id} checks {language}", hook.path, hook.line)
            if files and not found:
                message = f"no hook checks {language} ({len(files)} files, {files[0]} first)"
                yield Finding(message, hooks.path, fix=f"add `id: {name}`.")

    examples = (
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-yaml}]}]"},
            "check-yaml checks YAML",
        ),
        passes(
            {
                "a.py": "",
                "a.toml": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-yaml}, {id: taplo-lint}]}]",
            },
            "taplo-lint checks TOML",
        ),
        passes(
            {
                "a.py": "",
                ".devcontainer/devcontainer.json": "{}",
                "ui/tsconfig.base.json": "{}",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-yaml}]}]",
            },
            "check-yaml checks YAML",
        ),
        fails(
            {"a.py": "", "a.toml": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-yaml}]}]"},
            "no hook checks TOML",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-toml}]}]"},
            "no hook checks YAML",
        ),
    )
