from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.pipelines import Dvc
from apps.audit.facts.tree import Tree

PLACEHOLDERS = {".gitignore", ".gitkeep", ".keep", ".gitattributes", "readme.md"}
PIPELINE = "stages:\n  train:\n    cmd: a\n    outs:\n    - m.pkl\n    metrics:\n    - m.json: {cache: false}\n"


class OutputsNotInGit(Check):
    """What DVC caches is not in git as well

    Two owners of one file: DVC refuses to check it out, and git keeps every version of it for ever.

    Fix: `git rm -r --cached model.pkl && git commit`, then `dvc commit`. To keep a small file in git on purpose, say
    so: `cache: false` in dvc.yaml.
    """

    weight = 4
    effort = Effort.MINUTES

    def run(self, dvc: Dvc, tree: Tree) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from dvc.unexpanded
        if not dvc.cached:
            yield NotApplicable("no out is cached by DVC")
        for stage, out in dvc.cached:
            if out.path in tree:
                yield Finding(f"{out.path} is in git and cached by DVC ({stage.name})", out.path)
            elif inside := held(out.path, tree):
                message = f"{len(inside)} files of {out.path}, which DVC caches ({stage.name}), are in git"
                yield Finding(message, inside[0])
            else:
                yield Evidence(f"{out.path} is cached by DVC and not in git", stage.path, out.line)

    examples = (
        passes({"dvc.yaml": PIPELINE, "m.json": "{}", ".gitignore": "/m.pkl\n"}, "m.pkl is cached by DVC"),
        passes({"data.dvc": "outs:\n- path: data\n", "data/.gitkeep": ""}),
        fails({"dvc.yaml": PIPELINE, "m.json": "{}", "m.pkl": "x"}, "m.pkl is in git and cached"),
        fails({"data.dvc": "outs:\n- path: data\n", "data/a.csv": "1", "data/b.csv": "2"}, "2 files of data"),
        ignores(
            {"dvc.yaml": "stages:\n  a:\n    cmd: a\n    metrics:\n    - m.json: {cache: false}\n"}, "no out is cached"
        ),
    )


def held(folder: str, tree: Tree) -> list[str]:
    """Tracked files below a folder that are more than placeholders."""
    if folder not in tree.folders:
        return []
    return [file.path for file in tree.below(folder) if file.name.lower() not in PLACEHOLDERS]
