from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.dvc.stages import Path
from apps.audit.facts.ignores import Ignores, Rule
from apps.audit.facts.tree import Tree

POINTER = "outs:\n- {path: data, md5: 22a1a2931c8370d3aeedd7183606fd7f.dir}\n"


class OutputsIgnored(Check):
    """What DVC caches is ignored by git

    An output that git does not ignore is one `git add .` away from being committed.

    Fix: add the path to .gitignore beside it, as `dvc add` and `dvc repro` do: `echo /model.pkl >> .gitignore`.
    """

    weight = 2
    effort = Effort.MINUTES

    def run(self, dvc: Dvc, ignores: Ignores, tree: Tree) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from (*dvc.unexpanded, *ignores.rules.unread)
        outs = [(stage, out) for stage, out in dvc.cached if not out.is_outside and out.path not in tree]
        if not outs:
            yield NotApplicable("no out is cached by DVC outside of git")
        for stage, out in outs:
            if rule := covering(out, ignores):
                yield Evidence(f"{out.path} is ignored: {rule.text}", rule.path, rule.line)
            else:
                yield Finding(f"{out.path}, which DVC caches, is not ignored", stage.path, out.line)

    examples = (
        passes({"data.dvc": POINTER, ".gitignore": "/data/\n"}, "data is ignored: /data/"),
        passes({"a/data.dvc": POINTER, "a/.gitignore": "/data\n"}, "a/data is ignored"),
        fails({"data.dvc": POINTER, ".gitignore": "/other\n"}, "data, which DVC caches, is not ignored"),
        fails({"data.dvc": POINTER, ".gitignore": "data\n!data\n"}, "is not ignored"),
        ignores({"dvc.yaml": "metrics: [m.json]\n"}, "no out is cached"),
    )


def covering(out: Path, ignores: Ignores) -> Rule | None:
    """The rule for an out; one that nothing says to be a file may be a folder."""
    is_file = out.recorded is not None and bool(out.recorded.value) and not out.recorded.is_folder
    return ignores.rule(out.path) or (None if is_file else ignores.rule(out.path, is_folder=True))
