from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.hooks.hooks import Hooks
from apps.audit.facts.tree import Tree

CODE = {
    *(".py", ".ipynb", ".pyx", ".r", ".rmd", ".jl", ".js", ".jsx", ".ts", ".tsx", ".java", ".scala", ".kt", ".go"),
    *(".rs", ".c", ".cc", ".cpp", ".h", ".cu", ".sh", ".sql", ".rb", ".cs", ".swift", ".lua", ".pl", ".m"),
}


class Configured(Check):
    """Hooks run before every commit

    What a hook stops never has to be found in review, nor taken out of the history later.

    Fix: add `.pre-commit-config.yaml` with the hooks of this area, then `pip install pre-commit && pre-commit install`.
    """

    weight = 5
    effort = Effort.MINUTES

    def run(self, hooks: Hooks, tree: Tree) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        for each in hooks.configured:
            if each.error:
                yield Finding(
                    f"the configuration of {each.manager} cannot be used: {each.error}", each.path, each.error_line
                )
            elif each.hooks:
                yield Evidence(f"{each.manager} runs {len(each.hooks)} hooks", each.path, each.hooks[0].line)
        yield from hooks.unread
        if hooks.configured and not hooks.hooks and not any(each.error for each in hooks.configured):
            yield Finding("the configuration names no hook", hooks.path)
        elif not hooks.configured and not hooks.unread:
            if any(file.suffix in CODE for file in tree):
                yield Finding(
                    "no hooks are configured: pre-commit, prek, lefthook, husky and overcommit were looked for"
                )
            else:
                yield NotApplicable("no code")

    examples = (
        passes(
            {".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: a, entry: make a}]}]"},
            "pre-commit runs 1 hooks",
        ),
        passes({"prek.toml": "[[repos]]\nrepo = 'builtin'\nhooks = [{ id = 'check-yaml' }]\n"}, "prek runs 1"),
        passes({"lefthook.yml": "pre-commit:\n  commands:\n    lint: {run: ruff check}\n"}, "lefthook runs 1"),
        passes({".husky/pre-commit": "npx lint-staged\n", ".lintstagedrc": '{"*.py": "black"}'}, "lint-staged runs 1"),
        fails({"train.py": ""}, "no hooks are configured"),
        fails({"a.py": "", "{{ c.x }}/.pre-commit-config.yaml": "repos: []\n"}, "no hooks are configured"),
        fails({".pre-commit-config.yaml": "repos: [\n", "a.py": ""}, "cannot be used"),
        fails({".pre-commit-config.yaml": "repos: []\n", "a.py": ""}, "names no hook"),
        ignores({"README.md": "# Notes\n"}, "no code"),
    )
