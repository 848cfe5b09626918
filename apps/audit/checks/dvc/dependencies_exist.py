from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, NotApplicable, Unknown, fails, ignores, passes
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.dvc.stages import Parameter, Path, Stage
from apps.audit.facts.tree import Tree

STAGE = "stages:\n  a:\n    cmd: a\n    deps: "


class DependenciesExist(Check):
    """Every dependency of the pipeline exists

    A stage whose input is neither in git nor made by another stage runs on one machine only.

    Fix: commit the file, put it under DVC (`dvc add data/raw.csv`), or correct the path in dvc.yaml.
    """

    weight = 3
    effort = Effort.HOURS

    def run(self, graph: Graph, tree: Tree) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        yield from graph.dvc.unexpanded
        seen = 0
        for stage in (*graph.dvc.stages, *graph.dvc.pointers):
            found = list(missing(stage, graph, tree))
            yield from found
            count = len(stage.deps) + len(stage.params)
            seen += count
            if count and not found:
                yield Evidence(
                    f"{stage.name}: {count} inputs in git, under DVC, made by a stage or of a URL",
                    stage.path,
                    stage.line,
                )
        if not seen:
            yield NotApplicable("nothing declares a dependency")

    examples = (
        passes({"dvc.yaml": STAGE + "[src, d]\n", "src/a.py": "", "d.dvc": "outs:\n- path: d\n"}),
        passes({"dvc.yaml": STAGE + "[d/x.csv, 's3://b/y']\n", "d.dvc": "outs:\n- path: d\n"}),
        fails({"dvc.yaml": STAGE + "[data/raw.csv]\n"}, "data/raw.csv"),
        fails({"dvc.yaml": "stages:\n  a:\n    cmd: a\n    params: [lr]\n"}, "params.yaml"),
        fails({"dvc.yaml": STAGE + "[/data/raw.csv]\n"}, "outside of the repository"),
        ignores({"d.dvc": "outs:\n- path: d\n"}, "nothing declares a dependency"),
    )


def missing(stage: Stage, graph: Graph, tree: Tree) -> Iterator[Finding | Unknown]:
    inputs: tuple[Path | Parameter, ...] = (*stage.deps, *stage.params)
    for each in inputs:
        if isinstance(each, Path) and (each.is_external or (each.is_outside and not stage.cmd)):
            continue
        if isinstance(each, Path) and each.is_outside:
            yield Finding(f"{each.written} is outside of the repository", stage.path, each.line)
        elif each.path not in tree and each.path not in tree.folders | {"."} and not graph.writers(each.path):
            if link := tree.link_above(each.path):
                yield Unknown(f"{each.path} lies behind the {link.kind} {link.path}", stage.path)
            else:
                yield Finding(f"{each.path} is neither in git nor written by a stage or pointer", stage.path, each.line)
