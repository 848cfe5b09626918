from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, fails, passes, threshold
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hook, Hooks

MODELS = tuple(
    f"models/model.{ending}"
    for ending in ("pt", "pth", "pkl", "pickle", "joblib", "h5", "keras", "onnx", "bin", "safetensors", "ckpt")
)
OTHERS = ("train.py", "README.md", "config.yaml", "notebooks/eda.ipynb", "data/train.csv")


class ModelFiles(Check):
    """A hook stops model files

    A model is a result, not source: in git it can neither be compared nor thrown away again.

    Fix: add a local hook: `id: no-models`, `language: fail`, `entry: models belong in DVC`,
    `files: \\.(pt|pth|pkl|joblib|h5|onnx|safetensors|ckpt)$`.
    """

    weight = 3
    effort = Effort.MINUTES
    requires = (Configured,)
    kilobytes: float = threshold(100, "Limit for large files, in kilobytes, that stops models as well.")

    def run(self, hooks: Hooks) -> Iterator[Finding | Evidence]:
        stopped = False
        for hook in hooks:
            if self.limits(hook) or Ability.MODEL_FILES in hook.abilities or refuses(hook):
                stopped = True
                yield Evidence(f"{hook.id} stops model files", hook.path, hook.line)
        if not stopped:
            limits = hooks.doing(Ability.LARGE_FILES)
            more = f" (a limit of {limits[0].large_file_limit:g} kB lets models through)" if limits else ""
            line = limits[0].line if limits else None
            yield Finding(f"no hook refuses model files by name or pattern{more}", hooks.path, line)

    def limits(self, hook: Hook) -> bool:
        """Whether it is a limit that no model passes."""
        small = Ability.LARGE_FILES in hook.abilities and hook.large_file_limit <= self.kilobytes
        return small and all(hook.filter.includes(path) for path in MODELS)

    examples = (
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: no-models, language: fail,"
                " entry: models belong in DVC, files: '[.](pt|pkl)$'}]}]",
            },
            "no-models stops",
        ),
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, "
                "hooks: [{id: check-added-large-files, args: [--maxkb=100]}]}]",
            },
            "stops model files",
        ),
        passes(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: forbid-binary}]}]"},
            "forbid-binary stops",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: check-added-large-files}]}]"},
            "a limit of 500 kB",
        ),
        fails(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, "
                "hooks: [{id: check-added-large-files, args: [--maxkb=50], exclude: pt$}]}]",
            },
            "no hook refuses model files",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}]}]"},
            "no hook refuses model files",
        ),
    )


def refuses(hook: Hook) -> bool:
    """Whether it is the repository's own, for files named like models and no others."""
    if hook.repo or not (hook.filter.files or hook.filter.globs):
        return False
    return any(hook.filter.includes(path) for path in MODELS) and not any(hook.filter.includes(path) for path in OTHERS)
