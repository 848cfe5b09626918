from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes, threshold
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.hooks import Ability, Hook, Hooks
from apps.audit.facts.tree import Tree, folders_of, is_template

KINDS: dict[str, tuple[tuple[str, ...], tuple[Ability, ...]]] = {
    "Python": ((".py", ".pyi"), (Ability.PYTHON_FORMAT, Ability.PYTHON_LINT)),
    "notebook": ((".ipynb",), (Ability.NOTEBOOKS, Ability.NOTEBOOK_OUTPUTS)),
    "YAML": ((".yaml", ".yml"), (Ability.YAML_SYNTAX,)),
    "JSON": ((".json",), (Ability.JSON_SYNTAX,)),
    "TOML": ((".toml",), (Ability.TOML_SYNTAX,)),
}
DATA_FOLDERS = {"data", "dataset", "datasets", "node_modules"}


class FileCoverage(Check):
    """Hooks see the files that matter

    A hook with a filter that is too narrow looks like protection and is none.

    Fix: add a hook of the kind that is missing, or widen its `files` and `exclude`: `pre-commit run --all-files` shows
    which hooks have "no files to check".
    """

    weight = 3
    effort = Effort.MINUTES
    requires = (Configured,)
    share: float = threshold(90, "Share of the files that must be given to a hook of their kind, in percent.", most=100)

    def run(self, hooks: Hooks, tree: Tree) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        total, covered, unclear = 0, 0, 0
        findings = list[Finding]()
        for kind, (endings, abilities) in KINDS.items():
            paths = [file.path for file in tree.ending(*endings) if is_judged(file.path)]
            able = hooks.doing(*abilities)
            given = {path: verdicts(path, able) for path in paths}
            missed = [path for path, verdict in given.items() if True not in verdict and None not in verdict]
            open_ones = [path for path, verdict in given.items() if True not in verdict and None in verdict]
            total, unclear = total + len(paths), unclear + len(open_ones)
            covered += len(paths) - len(missed) - len(open_ones)
            if missed:
                message = f"{len(missed)} of {len(paths)} {kind} files are given to no hook of their kind"
                findings.append(Finding(message, missed[0]))
            if able and len(missed) < len(paths):
                message = f"{len(paths) - len(missed)} of {len(paths)} {kind} files by {names(able)}"
                yield Evidence(message, able[0].path, able[0].line)
        if not total:
            yield NotApplicable("no Python, notebook or configuration file")
        elif covered * 100 < self.share * total:
            if (covered + unclear) * 100 >= self.share * total:
                yield Unknown(f"{unclear} files depend on patterns that are not understood", hooks.path)
            else:
                yield from findings

    examples = (
        passes(
            {
                "a.py": "",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}, {id: check-yaml}]}]",
            },
            "1 of 1 Python files by black",
        ),
        passes(
            {
                "a.py": "",
                "Makefile": "style:\n\tblack .\n",
                ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: s, entry: make style}]},"
                " {repo: x, hooks: [{id: check-yaml}]}]",
            },
            "1 of 1 Python files by s",
        ),
        fails(
            {"a.py": "", ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: black}]}]"},
            "1 of 1 YAML files are given to no hook",
        ),
        fails(
            {
                "a.py": "",
                "src/b.py": "",
                ".pre-commit-config.yaml": "files: ^src/\n"
                "repos: [{repo: x, hooks: [{id: black}, {id: flake8, files: ^lib/}, {id: check-yaml}]}]",
            },
            "1 of 2 Python files are given to no hook",
        ),
        fails(
            {
                "a.ipynb": "{}",
                ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: nbstripout, exclude: a},"
                " {id: check-yaml}]}]",
            },
            "1 of 1 notebook files are given to no hook",
        ),
        ignores({"a.r": "", "lefthook.toml.j2": "", ".husky/pre-commit": "lintr\n"}, "no Python, notebook"),
    )


def is_judged(path: str) -> bool:
    """Whether it is source or configuration: no unrendered template, no data, no lock file."""
    is_data = path.endswith(".json") and not DATA_FOLDERS.isdisjoint(folders_of(path))
    return not (is_template(path) or is_data or path.endswith("-lock.json"))


def verdicts(path: str, hooks: list[Hook]) -> set[bool | None]:
    return {hook.filter.includes(path) for hook in hooks}


def names(hooks: list[Hook]) -> str:
    return ", ".join(dict.fromkeys(hook.id for hook in hooks))
