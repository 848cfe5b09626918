"""Which files that matter are given to a hook of their kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.hooks.abilities import Ability
from apps.audit.facts.hooks.hook import Hook
from apps.audit.facts.hooks.hooks import Hooks
from apps.audit.facts.tree import Tree, folders_of, is_template
from apps.audit.regex import regex
from apps.audit.snapshot import Json

KINDS: dict[str, tuple[tuple[str, ...], tuple[Ability, ...]]] = {
    "Python": ((".py", ".pyi"), (Ability.PYTHON_FORMAT, Ability.PYTHON_LINT)),
    "notebook": ((".ipynb",), (Ability.NOTEBOOKS, Ability.NOTEBOOK_OUTPUTS)),
    "YAML": ((".yaml", ".yml"), (Ability.YAML_SYNTAX,)),
    "JSON": ((".json",), (Ability.JSON_SYNTAX,)),
    "TOML": ((".toml",), (Ability.TOML_SYNTAX,)),
}
# JSON in which their programs allow comments: a strict reader would refuse it.
COMMENTED = regex(
    r"(.*/)?(\.?devcontainer\.json|[tj]sconfig([.-][\w.-]+)?\.json|\.vscode/[^/]+\.json|[^/]+\.code-workspace)"
)
DATA_FOLDERS = {"data", "dataset", "datasets", "node_modules"}
# More hooks and paths than these fill no page.
MOST_SHOWN, MOST_HOOKS = 20, 200


class Kind(NamedTuple):
    """Files of one kind: `missed` are given to no hook that is `able`, `unclear` depend on patterns beyond us."""

    name: str
    files: int
    missed: tuple[str, ...]
    unclear: tuple[str, ...]
    able: tuple[Hook, ...]

    @property
    def covered(self) -> int:
        return self.files - len(self.missed) - len(self.unclear)


@dataclass(frozen=True)
class Coverage(Fact):
    """Every kind of file that the tree has, and all hooks that run by themselves."""

    kinds: tuple[Kind, ...]
    hooks: tuple[Hook, ...]

    @classmethod
    def read(cls, hooks: Hooks, tree: Tree) -> Self:
        found = list[Kind]()
        for name, (endings, abilities) in KINDS.items():
            paths = [file.path for file in tree.ending(*endings) if is_judged(file.path)]
            able = tuple(hooks.doing(*abilities))
            verdicts = {path: {hook.filter.includes(path) for hook in able} for path in paths}
            missed = tuple(path for path, said in verdicts.items() if not said & {True, None})
            unclear = tuple(path for path, said in verdicts.items() if True not in said and None in said)
            if paths:
                found.append(Kind(name, len(paths), missed, unclear, able))
        return cls(tuple(found), tuple(hooks))

    def summary(self) -> Json:
        return {
            "hooks": [
                {
                    "id": hook.id,
                    "manager": hook.manager,
                    "path": hook.path,
                    "line": hook.line,
                    "does": sorted(hook.abilities),
                }
                for hook in self.hooks[:MOST_HOOKS]
            ],
            "kinds": [
                {"kind": each.name, "files": each.files, "covered": each.covered, "missed": each.missed[:MOST_SHOWN]}
                for each in self.kinds
            ],
        }


def is_judged(path: str) -> bool:
    """Whether it is source or configuration that a strict reader reads: no unrendered template, no data, no lock file,
    and no JSON with comments."""
    is_data = path.endswith(".json") and not DATA_FOLDERS.isdisjoint(folders_of(path))
    return not (is_template(path) or is_data or path.endswith("-lock.json") or COMMENTED.fullmatch(path))
