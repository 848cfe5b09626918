from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes, threshold
from apps.audit.checks.precommit.configured import Configured
from apps.audit.facts.hooks.coverage import Coverage
from apps.audit.facts.hooks.hooks import Hooks


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

    def run(self, coverage: Coverage, hooks: Hooks) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        total, covered = sum(each.files for each in coverage.kinds), sum(each.covered for each in coverage.kinds)
        unclear = sum(len(each.unclear) for each in coverage.kinds)
        for kind in coverage.kinds:
            given = kind.files - len(kind.missed)
            if kind.able and given:
                by = ", ".join(dict.fromkeys(hook.id for hook in kind.able))
                first = kind.able[0]
                yield Evidence(f"{given} of {kind.files} {kind.name} files by {by}", first.path, first.line)
        if not total:
            yield NotApplicable("no Python, notebook or configuration file")
        elif self.share * total <= covered * 100:
            return
        elif (covered + unclear) * 100 >= self.share * total:
            yield Unknown(f"{unclear} files depend on patterns that are not understood", hooks.path)
        else:
            for kind in filter(lambda each: each.missed, coverage.kinds):
                message = f"{len(kind.missed)} of {kind.files} {kind.name} files are given to no hook of their kind"
                yield Finding(message, kind.missed[0])

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
